import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from core.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
        ("core", "0001_users"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(
        ),
        AtOnce([
            migrations.CreateModel(
                name="CacheEntry",
                fields=[
                    ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                    ("value", models.TextField()),
                    ("expires", models.DateTimeField(db_index=True)),
                ],
                options={
                    "db_table": "core_cache",
                },
            ),
            migrations.CreateModel(
                name="Definition",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("section", models.CharField(max_length=40)),
                    ("code", models.CharField(max_length=80)),
                    ("definition", models.JSONField()),
                    ("retired", models.BooleanField(default=False)),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Heartbeat",
                fields=[
                    ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ("beat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
            ),
            migrations.CreateModel(
                name="Market",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("currency", models.CharField(max_length=3)),
                    ("timezone", models.CharField(max_length=64)),
                    ("languages", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8))),
                    ("retired", models.BooleanField(default=False)),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="OutboxMessage",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("topic", models.CharField(max_length=60)),
                    ("payload", models.JSONField()),
                    ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                    ("attempts", models.PositiveIntegerField(default=0)),
                ],
            ),
            migrations.CreateModel(
                name="Program",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.SlugField(max_length=40, unique=True)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("languages", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8))),
                    ("currency", models.CharField(max_length=3)),
                    ("timezone", models.CharField(max_length=64)),
                    ("points_name", models.CharField(max_length=60)),
                    ("points_name_en", models.CharField(max_length=60, null=True)),
                    ("points_name_ind", models.CharField(max_length=60, null=True)),
                    ("points_name_ms", models.CharField(max_length=60, null=True)),
                    ("points_name_vi", models.CharField(max_length=60, null=True)),
                    ("points_name_th", models.CharField(max_length=60, null=True)),
                    ("points_name_ar", models.CharField(max_length=60, null=True)),
                    ("points_forms", models.JSONField(blank=True, default=dict)),
                    ("points_expire", models.JSONField(default=dict)),
                    ("pending_days", models.PositiveSmallIntegerField(default=0)),
                    ("liability_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("reversal", models.CharField(choices=[("debt", "Debt"), ("forgive", "Forgive"), ("only_pending", "Only pending")], default="debt", max_length=16)),
                    ("holdout_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                    ("brand", models.JSONField(blank=True, default=dict)),
                    ("tier_review", models.JSONField(blank=True, default=dict)),
                    ("joining", models.JSONField(blank=True, default=dict)),
                    ("revision", models.BigIntegerField(default=0, editable=False)),
                ],
            ),
            migrations.CreateModel(
                name="RequestPace",
                fields=[
                    ("api_client_id", models.BigIntegerField(primary_key=True, serialize=False)),
                    ("full_at", models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name="UserPace",
                fields=[
                    ("user_id", models.BigIntegerField(primary_key=True, serialize=False)),
                    ("full_at", models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name="IdempotentAnswer",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("caller", models.CharField(max_length=80)),
                    ("key", models.CharField(max_length=255)),
                    ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ("status", models.PositiveSmallIntegerField()),
                    ("content", models.BinaryField()),
                    ("headers", models.JSONField(default=dict)),
                    ("about", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None)),
                ],
                options={
                    "indexes": [models.Index(fields=["created_at"], name="idempotent_answer_age"), django.contrib.postgres.indexes.GinIndex(fields=["about"], name="idempotent_answer_about")],
                    "constraints": [models.UniqueConstraint(models.F("caller"), models.F("key"), name="idempotency_key_once")],
                },
            ),
            migrations.CreateModel(
                name="ConsumedMessage",
                fields=[
                    ("pk", models.CompositePrimaryKey("message_id", "consumer", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("consumer", models.CharField(max_length=100)),
                    ("message", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.outboxmessage")),
                ],
            ),
        ]),
        migrations.AddField(
            model_name="outboxmessage",
            name="program",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program"),
        ),
        migrations.CreateModel(
            name="MarketEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("name_en", models.CharField(max_length=200, null=True)),
                ("name_ind", models.CharField(max_length=200, null=True)),
                ("name_ms", models.CharField(max_length=200, null=True)),
                ("name_vi", models.CharField(max_length=200, null=True)),
                ("name_th", models.CharField(max_length=200, null=True)),
                ("name_ar", models.CharField(max_length=200, null=True)),
                ("currency", models.CharField(max_length=3)),
                ("timezone", models.CharField(max_length=64)),
                ("languages", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8))),
                ("retired", models.BooleanField(default=False)),
                ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.market")),
                ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="market",
            name="program",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="markets", to="core.program"),
        ),
        AtOnce([
            migrations.CreateModel(
                name="Job",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(max_length=60)),
                    ("state", models.CharField(choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed"), ("cancelled", "Cancelled")], default="queued", max_length=12)),
                    ("steps_done", models.BigIntegerField(default=0)),
                    ("steps_total", models.BigIntegerField(default=0)),
                    ("cancel_requested", models.BooleanField(default=False)),
                    ("attempts", models.PositiveSmallIntegerField(default=0)),
                    ("arguments", models.JSONField(default=dict)),
                    ("report", models.JSONField(default=dict)),
                    ("error", models.TextField(blank=True, default="")),
                    ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ("program", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="jobs", to="core.program")),
                ],
                options={
                    "indexes": [models.Index(condition=models.Q(("state__in", ["queued", "running"])), fields=["id"], name="job_unfinished")],
                },
            ),
            migrations.CreateModel(
                name="DefinitionEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("section", models.CharField(max_length=40)),
                    ("code", models.CharField(max_length=80)),
                    ("definition", models.JSONField()),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.definition")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
        ]),
        migrations.AddField(
            model_name="definition",
            name="program",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="definitions", to="core.program"),
        ),
        AtOnce([
            migrations.CreateModel(
                name="ApiClient",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=100)),
                    ("requests_per_second", models.PositiveIntegerField(default=600)),
                    ("client", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="api_client", to="allauth_idp_oidc.client")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="api_clients", to="core.program")),
                ],
            ),
            migrations.CreateModel(
                name="Rate",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("currency", models.CharField(max_length=3)),
                    ("valid_from", models.DateField()),
                    ("rate", models.DecimalField(decimal_places=12, max_digits=24)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rates", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("currency"), models.F("valid_from"), name="rate_once_a_day"), models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="rate_is_positive")],
                },
            ),
            migrations.CreateModel(
                name="RateEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("currency", models.CharField(max_length=3)),
                    ("valid_from", models.DateField()),
                    ("rate", models.DecimalField(decimal_places=12, max_digits=24)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.rate")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Region",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("market", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="regions", to="core.market")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="regions", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="region_code_once")],
                },
            ),
            migrations.CreateModel(
                name="RegionEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("code", models.CharField(max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("market", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.market")),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.region")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Terms",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("version", models.PositiveIntegerField()),
                    ("since", models.DateTimeField()),
                    ("text", models.TextField()),
                    ("text_en", models.TextField(null=True)),
                    ("text_ind", models.TextField(null=True)),
                    ("text_ms", models.TextField(null=True)),
                    ("text_vi", models.TextField(null=True)),
                    ("text_th", models.TextField(null=True)),
                    ("text_ar", models.TextField(null=True)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="versions_of_terms", to="core.program")),
                ],
                options={
                    "verbose_name_plural": "terms",
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("version"), name="terms_version_once")],
                },
            ),
            migrations.CreateModel(
                name="ProgramEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("code", models.SlugField(db_index=False, max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("languages", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8))),
                    ("currency", models.CharField(max_length=3)),
                    ("timezone", models.CharField(max_length=64)),
                    ("points_name", models.CharField(max_length=60)),
                    ("points_name_en", models.CharField(max_length=60, null=True)),
                    ("points_name_ind", models.CharField(max_length=60, null=True)),
                    ("points_name_ms", models.CharField(max_length=60, null=True)),
                    ("points_name_vi", models.CharField(max_length=60, null=True)),
                    ("points_name_th", models.CharField(max_length=60, null=True)),
                    ("points_name_ar", models.CharField(max_length=60, null=True)),
                    ("points_forms", models.JSONField(blank=True, default=dict)),
                    ("points_expire", models.JSONField(default=dict)),
                    ("pending_days", models.PositiveSmallIntegerField(default=0)),
                    ("liability_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("reversal", models.CharField(choices=[("debt", "Debt"), ("forgive", "Forgive"), ("only_pending", "Only pending")], default="debt", max_length=16)),
                    ("holdout_percent", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                    ("brand", models.JSONField(blank=True, default=dict)),
                    ("tier_review", models.JSONField(blank=True, default=dict)),
                    ("joining", models.JSONField(blank=True, default=dict)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.program")),
                    ("terms", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.terms")),
                ],
                options={
                    "abstract": False,
                },
            ),
        ]),
        migrations.AddField(
            model_name="program",
            name="terms",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="core.terms"),
        ),
        migrations.CreateModel(
            name="TokenUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=1)),
                ("name", models.UUIDField()),
                ("step", models.BigIntegerField()),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("kind"), models.F("name"), models.F("step"), name="token_used_once")],
            },
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="outbox_waiting"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(condition=models.Q(("due_at__isnull", True)), fields=["created_at"], name="outbox_done"),
        ),
        migrations.AddConstraint(
            model_name="market",
            constraint=models.UniqueConstraint(models.F("program"), models.F("code"), name="market_code_once"),
        ),
        migrations.AddConstraint(
            model_name="definition",
            constraint=models.UniqueConstraint(models.F("program"), models.F("section"), models.F("code"), name="definition_once"),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(condition=models.Q(("holdout_percent__gte", 0), ("holdout_percent__lte", 100)), name="program_holdout_is_a_percentage"),
        ),
        AtOnce([
            pgtrigger.migrations.AddTrigger(
                model_name="market",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="c6bef6c42aee16bd9e04c6c25f5c9ef07178a9f3", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_40e46", referencing="REFERENCING NEW TABLE AS added ", table="core_market", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="market",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="eb0dfc9a775e372a7ec367f3bebde63b6a767b0c", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_173d0", referencing="REFERENCING NEW TABLE AS changed ", table="core_market", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="market",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="129f1ddf9b3c4ecabaef4c16e5ae0f93f2034d49", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_1d57c", referencing="REFERENCING OLD TABLE AS removed ", table="core_market", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="market",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_marketevent" ("code", "currency", "id", "languages", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "timezone") VALUES (NEW."code", NEW."currency", NEW."id", NEW."languages", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired", NEW."timezone"); RETURN NULL;', hash="3a4e36ccddea458bc8c02699ad6069c9392f642c", operation="INSERT", pgid="pgtrigger_insert_insert_b7c36", table="core_market", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="market",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "core_marketevent" ("code", "currency", "id", "languages", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "timezone") VALUES (NEW."code", NEW."currency", NEW."id", NEW."languages", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired", NEW."timezone"); RETURN NULL;', hash="a6ad89bedd1bed218461079790fa4ddc583632e2", operation="UPDATE", pgid="pgtrigger_update_update_b6824", table="core_market", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="definition",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="d9798543ca38c7d80a297477116efebd642aa7b4", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_13c04", referencing="REFERENCING NEW TABLE AS added ", table="core_definition", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="definition",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="bd907e8659216be4ff959a386c25873680a1af0e", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_faa8b", referencing="REFERENCING NEW TABLE AS changed ", table="core_definition", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="definition",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="3464a6560597e8bc3c8bce25b90df4a183779789", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_58453", referencing="REFERENCING OLD TABLE AS removed ", table="core_definition", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="definition",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_definitionevent" ("code", "definition", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "section") VALUES (NEW."code", NEW."definition", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired", NEW."section"); RETURN NULL;', hash="846c441f7cd157fb42c4f03499df9c1e804b9873", operation="INSERT", pgid="pgtrigger_insert_insert_be0ad", table="core_definition", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="definition",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "core_definitionevent" ("code", "definition", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "section") VALUES (NEW."code", NEW."definition", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired", NEW."section"); RETURN NULL;', hash="253d96d1e7d4e782f79ae5cd59d6a35a9046426a", operation="UPDATE", pgid="pgtrigger_update_update_9b59b", table="core_definition", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="rate",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="e44806992f651764be8044e11fcadab4e6b9aacc", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_02a32", referencing="REFERENCING NEW TABLE AS added ", table="core_rate", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="rate",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="bb1778220e124de94fb4f25eb838b987dd35a82a", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_d233f", referencing="REFERENCING NEW TABLE AS changed ", table="core_rate", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="rate",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="12adc97425f915274d0016b0231bea99a6847515", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_d2ecd", referencing="REFERENCING OLD TABLE AS removed ", table="core_rate", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="rate",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_rateevent" ("currency", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rate", "valid_from") VALUES (NEW."currency", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."rate", NEW."valid_from"); RETURN NULL;', hash="97145ce7790f6b6f50de68ac5ef888372389e574", operation="INSERT", pgid="pgtrigger_insert_insert_2b0ee", table="core_rate", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="rate",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "core_rateevent" ("currency", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rate", "valid_from") VALUES (NEW."currency", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."rate", NEW."valid_from"); RETURN NULL;', hash="d0f5bf5bf3e287e6d7150373938117c1dda804c4", operation="UPDATE", pgid="pgtrigger_update_update_a9353", table="core_rate", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="region",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="4b843a32158634ab226ebb6f38f30278d5aa01d1", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_6cfde", referencing="REFERENCING NEW TABLE AS added ", table="core_region", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="region",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="0bbdc802d6d6ad0fbfed910c227cef0cd492acea", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_88b0e", referencing="REFERENCING NEW TABLE AS changed ", table="core_region", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="region",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="ae4192ecfca320eb04212b22a9c6ddc08cfb7767", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_c0212", referencing="REFERENCING OLD TABLE AS removed ", table="core_region", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="region",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_regionevent" ("code", "id", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired") VALUES (NEW."code", NEW."id", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired"); RETURN NULL;', hash="153c71bb987d2ec0c48c673d3a0c1d9c778f570a", operation="INSERT", pgid="pgtrigger_insert_insert_f7818", table="core_region", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="region",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "core_regionevent" ("code", "id", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired") VALUES (NEW."code", NEW."id", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired"); RETURN NULL;', hash="63a76f6583323138e536a068bd7b770e012c8e6d", operation="UPDATE", pgid="pgtrigger_update_update_bee16", table="core_region", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="program",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_programevent" ("brand", "code", "currency", "holdout_percent", "id", "joining", "languages", "liability_value", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pending_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points_expire", "points_forms", "points_name", "points_name_ar", "points_name_en", "points_name_ind", "points_name_ms", "points_name_th", "points_name_vi", "reversal", "terms_id", "tier_review", "timezone") VALUES (NEW."brand", NEW."code", NEW."currency", NEW."holdout_percent", NEW."id", NEW."joining", NEW."languages", NEW."liability_value", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", NEW."pending_days", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."points_expire", NEW."points_forms", NEW."points_name", NEW."points_name_ar", NEW."points_name_en", NEW."points_name_ind", NEW."points_name_ms", NEW."points_name_th", NEW."points_name_vi", NEW."reversal", NEW."terms_id", NEW."tier_review", NEW."timezone"); RETURN NULL;', hash="ae46094eea9d289fc2aed55e78a8de57a3248659", operation="INSERT", pgid="pgtrigger_insert_insert_b5536", table="core_program", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="program",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."brand" IS DISTINCT FROM (NEW."brand") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."holdout_percent" IS DISTINCT FROM (NEW."holdout_percent") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."joining" IS DISTINCT FROM (NEW."joining") OR OLD."languages" IS DISTINCT FROM (NEW."languages") OR OLD."liability_value" IS DISTINCT FROM (NEW."liability_value") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."name_ar" IS DISTINCT FROM (NEW."name_ar") OR OLD."name_en" IS DISTINCT FROM (NEW."name_en") OR OLD."name_ind" IS DISTINCT FROM (NEW."name_ind") OR OLD."name_ms" IS DISTINCT FROM (NEW."name_ms") OR OLD."name_th" IS DISTINCT FROM (NEW."name_th") OR OLD."name_vi" IS DISTINCT FROM (NEW."name_vi") OR OLD."pending_days" IS DISTINCT FROM (NEW."pending_days") OR OLD."points_expire" IS DISTINCT FROM (NEW."points_expire") OR OLD."points_forms" IS DISTINCT FROM (NEW."points_forms") OR OLD."points_name" IS DISTINCT FROM (NEW."points_name") OR OLD."points_name_ar" IS DISTINCT FROM (NEW."points_name_ar") OR OLD."points_name_en" IS DISTINCT FROM (NEW."points_name_en") OR OLD."points_name_ind" IS DISTINCT FROM (NEW."points_name_ind") OR OLD."points_name_ms" IS DISTINCT FROM (NEW."points_name_ms") OR OLD."points_name_th" IS DISTINCT FROM (NEW."points_name_th") OR OLD."points_name_vi" IS DISTINCT FROM (NEW."points_name_vi") OR OLD."reversal" IS DISTINCT FROM (NEW."reversal") OR OLD."terms_id" IS DISTINCT FROM (NEW."terms_id") OR OLD."tier_review" IS DISTINCT FROM (NEW."tier_review") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone"))', func='INSERT INTO "core_programevent" ("brand", "code", "currency", "holdout_percent", "id", "joining", "languages", "liability_value", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pending_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points_expire", "points_forms", "points_name", "points_name_ar", "points_name_en", "points_name_ind", "points_name_ms", "points_name_th", "points_name_vi", "reversal", "terms_id", "tier_review", "timezone") VALUES (NEW."brand", NEW."code", NEW."currency", NEW."holdout_percent", NEW."id", NEW."joining", NEW."languages", NEW."liability_value", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", NEW."pending_days", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."points_expire", NEW."points_forms", NEW."points_name", NEW."points_name_ar", NEW."points_name_en", NEW."points_name_ind", NEW."points_name_ms", NEW."points_name_th", NEW."points_name_vi", NEW."reversal", NEW."terms_id", NEW."tier_review", NEW."timezone"); RETURN NULL;', hash="c1d50a70cf4d6e77322a1af0b64fb43839681590", operation="UPDATE", pgid="pgtrigger_update_update_aaa1c", table="core_program", when="AFTER")),
            ),
        ]),
        migrations.RunSQL(
            sql="ALTER TABLE core_cache SET UNLOGGED, SET (fillfactor = 50)",
            reverse_sql="ALTER TABLE core_cache SET LOGGED",
        ),
        migrations.RunSQL(
            sql="ALTER TABLE core_requestpace SET UNLOGGED, SET (fillfactor = 50)",
            reverse_sql="ALTER TABLE core_requestpace SET LOGGED",
        ),
        migrations.RunSQL(
            sql="ALTER TABLE core_userpace SET UNLOGGED, SET (fillfactor = 50)",
            reverse_sql="ALTER TABLE core_userpace SET LOGGED",
        ),
    ]
