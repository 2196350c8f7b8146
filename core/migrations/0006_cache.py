from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_users_phone"),
    ]

    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "core_cache"},
        ),
        migrations.RunSQL(
            "ALTER TABLE core_cache SET UNLOGGED, SET (fillfactor = 50)",
            "ALTER TABLE core_cache SET LOGGED",
        ),
    ]
