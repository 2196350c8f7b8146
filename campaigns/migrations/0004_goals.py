"""Goals: progress by key, what each event contributed, milestones that were reached; badges once a window."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

UNCHECKED = {"db_constraint": False, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_ghost_awards_judged"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Goal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("campaign", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="campaigns.campaign")),
                ("rule", models.CharField(max_length=80)),
                ("measure", models.CharField(max_length=400)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("campaign"), models.F("rule"), models.F("measure"), name="goal_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member")),
                ("goal", models.ForeignKey(**UNCHECKED, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.goal")),
                ("start", models.DateField()),
                ("key", models.CharField(default="", max_length=500)),
                ("value", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("member"), models.F("goal"), models.F("start"), models.F("key"), name="progress_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("event", models.ForeignKey(**UNCHECKED, on_delete=django.db.models.deletion.CASCADE, related_name="contributions", to="campaigns.event")),
                ("progress", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="contributions", to="campaigns.progress")),
                ("pk", models.CompositePrimaryKey("event", "progress", blank=True, editable=False, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ReachedMilestone",
            fields=[
                ("event", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="campaigns.event")),
                ("number", models.PositiveSmallIntegerField()),
                ("pk", models.CompositePrimaryKey("event", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="members.member")),
                ("goal", models.ForeignKey(**UNCHECKED, on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="campaigns.goal")),
                ("start", models.DateField()),
                ("by", models.CharField(default="", max_length=500)),
                ("reach", models.BigIntegerField()),
                ("places", django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField())),
            ],
            options={
                "indexes": [models.Index(fields=["member", "goal", "start"], name="reached_by_member")],
            },
        ),
        migrations.RemoveConstraint(model_name="memberbadge", name="badge_earned_once"),
        migrations.AddField("memberbadge", "once", models.CharField(db_default="", default="", max_length=600)),
        migrations.AddConstraint(
            "memberbadge",
            models.UniqueConstraint(models.F("member"), models.F("badge"), models.F("once"), name="badge_earned_once"),
        ),
        migrations.AddField("ghostaward", "milestone", models.PositiveSmallIntegerField(null=True)),
    ]
