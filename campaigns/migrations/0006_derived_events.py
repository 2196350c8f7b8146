"""Derived events by key, and the days whose calendar was worked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_festivals_and_steps"),
        ("core", "0001_users"),
    ]

    operations = [
        migrations.CreateModel(
            name="DerivedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("cause_id", models.BigIntegerField(null=True)),
                ("depth", models.PositiveSmallIntegerField(default=0)),
                ("undone", models.BooleanField(default=False)),
                ("event", models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="derived", to="campaigns.event")),
                ("program", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("program"), models.F("key"), name="derived_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("events", models.PositiveIntegerField()),
                ("market", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="calendar_days", to="core.market")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("market"), models.F("day"), name="calendar_day_once"),
                ],
            },
        ),
    ]
