from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_outbox_and_jobs"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestPace",
            fields=[
                ("api_client_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE core_requestpace SET UNLOGGED, SET (fillfactor = 50)",
            "ALTER TABLE core_requestpace SET LOGGED",
        ),
    ]
