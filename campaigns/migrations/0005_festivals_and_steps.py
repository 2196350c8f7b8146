"""Festivals: days kept with versions, shifts; steps of people in the life of campaigns."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0004_goals"),
        ("core", "0007_user_pace"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(choices=[("submit", "Submitted"), ("approve", "Approved"), ("reject", "Rejected"), ("pause", "Paused"), ("resume", "Resumed"), ("end", "Ended"), ("load", "Loaded")], max_length=10)),
                ("from_state", models.CharField(choices=[("draft", "Draft"), ("in_review", "In Review"), ("scheduled", "Scheduled"), ("live", "Live"), ("paused", "Paused"), ("ended", "Ended")], max_length=10)),
                ("to_state", models.CharField(choices=[("draft", "Draft"), ("in_review", "In Review"), ("scheduled", "Scheduled"), ("live", "Live"), ("paused", "Paused"), ("ended", "Ended")], max_length=10)),
                ("operator", models.CharField(default="", max_length=150)),
                ("because", models.TextField(default="")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FestivalShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("festival", models.CharField(choices=[("ramadan", "Ramadan"), ("eid-al-fitr", "Eid al-Fitr"), ("eid-al-adha", "Eid al-Adha"), ("tet", "Tết"), ("songkran", "Songkran"), ("hari-raya", "Hari Raya"), ("lunar-new-year", "Lunar New Year"), ("diwali", "Diwali"), ("christmas", "Christmas"), ("national-day", "National Day")], max_length=20)),
                ("falls_on", models.DateField()),
                ("days", models.SmallIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FestivalShiftEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("festival", models.CharField(choices=[("ramadan", "Ramadan"), ("eid-al-fitr", "Eid al-Fitr"), ("eid-al-adha", "Eid al-Adha"), ("tet", "Tết"), ("songkran", "Songkran"), ("hari-raya", "Hari Raya"), ("lunar-new-year", "Lunar New Year"), ("diwali", "Diwali"), ("christmas", "Christmas"), ("national-day", "National Day")], max_length=20)),
                ("falls_on", models.DateField()),
                ("days", models.SmallIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="campaignversion",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="campaignversion",
            name="update_update",
        ),
        migrations.AddField(
            model_name="campaignversion",
            name="festival_days",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="campaignversionevent",
            name="festival_days",
            field=models.JSONField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaignversion",
            trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "campaigns_campaignversionevent" ("campaign_id", "created_at", "definition", "festival_days", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id") VALUES (NEW."campaign_id", NEW."created_at", NEW."definition", NEW."festival_days", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id"); RETURN NULL;', hash="e90752a41f38599d6ec957559083840757b3910f", operation="INSERT", pgid="pgtrigger_insert_insert_ea28b", table="campaigns_campaignversion", when="AFTER")),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaignversion",
            trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "campaigns_campaignversionevent" ("campaign_id", "created_at", "definition", "festival_days", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id") VALUES (NEW."campaign_id", NEW."created_at", NEW."definition", NEW."festival_days", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id"); RETURN NULL;', hash="fdaff50105457d6fb22b3fa0c470ab8a050c8079", operation="UPDATE", pgid="pgtrigger_update_update_4bd66", table="campaigns_campaignversion", when="AFTER")),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="campaign",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="campaigns.campaign"),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="version",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.campaignversion"),
        ),
        migrations.AddField(
            model_name="festivalshift",
            name="market",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.market"),
        ),
        migrations.AddField(
            model_name="festivalshift",
            name="program",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program"),
        ),
        migrations.AddField(
            model_name="festivalshiftevent",
            name="market",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.market"),
        ),
        migrations.AddField(
            model_name="festivalshiftevent",
            name="pgh_context",
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context"),
        ),
        migrations.AddField(
            model_name="festivalshiftevent",
            name="pgh_obj",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="campaigns.festivalshift"),
        ),
        migrations.AddField(
            model_name="festivalshiftevent",
            name="program",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program"),
        ),
        migrations.AddIndex(
            model_name="campaignstep",
            index=models.Index(fields=["campaign", "-id"], name="campaign_steps"),
        ),
        migrations.AddConstraint(
            model_name="festivalshift",
            constraint=models.UniqueConstraint(models.F("market"), models.F("festival"), models.F("falls_on"), name="festival_shifted_once"),
        ),
        migrations.AddConstraint(
            model_name="festivalshift",
            constraint=models.CheckConstraint(condition=models.Q(("days__gte", -7), ("days__lte", 7), models.Q(("days", 0), _negated=True)), name="festival_is_shifted_a_little"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="festivalshift",
            trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="6afae9ef53afa4804e290c8311a7c814ef69d0f3", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_0235b", referencing="REFERENCING NEW TABLE AS added ", table="campaigns_festivalshift", when="AFTER")),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="festivalshift",
            trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="cdd71e7bf64c7ea55534e7a1dbd72d704808d757", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_77dbb", referencing="REFERENCING NEW TABLE AS changed ", table="campaigns_festivalshift", when="AFTER")),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="festivalshift",
            trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="e8bca281c4517493f677bfbfd95d55dfcd3f54db", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_71b89", referencing="REFERENCING OLD TABLE AS removed ", table="campaigns_festivalshift", when="AFTER")),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="festivalshift",
            trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "campaigns_festivalshiftevent" ("days", "falls_on", "festival", "id", "market_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id") VALUES (NEW."days", NEW."falls_on", NEW."festival", NEW."id", NEW."market_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id"); RETURN NULL;', hash="3bdd59beb977a26a712bdfaa85c1e5b9a2ff579f", operation="INSERT", pgid="pgtrigger_insert_insert_b5e60", table="campaigns_festivalshift", when="AFTER")),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="festivalshift",
            trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "campaigns_festivalshiftevent" ("days", "falls_on", "festival", "id", "market_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id") VALUES (NEW."days", NEW."falls_on", NEW."festival", NEW."id", NEW."market_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id"); RETURN NULL;', hash="94f0d7e8e61a38eb377c74910e0036cbd7d26c44", operation="UPDATE", pgid="pgtrigger_update_update_7b848", table="campaigns_festivalshift", when="AFTER")),
        ),
    ]
