from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_cache"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserPace",
            fields=[
                ("user_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE core_userpace SET UNLOGGED, SET (fillfactor = 50)",
            "ALTER TABLE core_userpace SET LOGGED",
        ),
    ]
