import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from core.at_once import AtOnce


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("core", "0002_programs"),
        ("core", "__first__"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name="Budget",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=40)),
                    ("points", models.BigIntegerField(default=0)),
                    ("money", models.JSONField(blank=True, default=dict)),
                    ("retired", models.BooleanField(default=False)),
                    ("market", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="budgets", to="core.market")),
                    ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="dealers.budget")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="budgets", to="core.program")),
                    ("region", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="budgets", to="core.region")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Contract",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("valid_from", models.DateField()),
                    ("earn_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("redeem_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("share_percent", models.DecimalField(decimal_places=2, max_digits=5)),
                    ("retired", models.BooleanField(default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="contracts", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Dealer",
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
                    ("market", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="dealers", to="core.market")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="dealers", to="core.program")),
                    ("region", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="dealers", to="core.region")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="dealer_code_once")],
                },
            ),
            migrations.CreateModel(
                name="ContractEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("valid_from", models.DateField()),
                    ("earn_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("redeem_value", models.DecimalField(decimal_places=8, max_digits=18)),
                    ("share_percent", models.DecimalField(decimal_places=2, max_digits=5)),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="dealers.contract")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                    ("dealer", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.dealer")),
                ],
                options={
                    "abstract": False,
                },
            ),
        ]),
        migrations.AddField(
            model_name="contract",
            name="dealer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="dealers.dealer"),
        ),
        migrations.CreateModel(
            name="BudgetEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=40)),
                ("points", models.BigIntegerField(default=0)),
                ("money", models.JSONField(blank=True, default=dict)),
                ("retired", models.BooleanField(default=False)),
                ("market", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.market")),
                ("parent", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.budget")),
                ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="dealers.budget")),
                ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ("region", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.region")),
                ("dealer", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.dealer")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="budget",
            name="dealer",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="budgets", to="dealers.dealer"),
        ),
        AtOnce([
            migrations.CreateModel(
                name="DealerEvent",
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
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="dealers.dealer")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                    ("region", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.region")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="Outlet",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=40)),
                    ("kind", models.CharField(max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("dealer", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="outlets", to="dealers.dealer")),
                    ("market", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="outlets", to="core.market")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="outlets", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="outlet_code_once")],
                },
            ),
            migrations.CreateModel(
                name="OutletEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("code", models.CharField(max_length=40)),
                    ("kind", models.CharField(max_length=40)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("dealer", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.dealer")),
                    ("market", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.market")),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="dealers.outlet")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="StaffNotice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("budget_low", "Budget low"), ("stock_low", "Codes run out"), ("supplier_low", "Float of a supplier low"), ("supplier_locked", "Secret of a supplier cannot be read"), ("order_waits", "Order at a supplier waits for people")], max_length=20)),
                    ("key", models.CharField(max_length=120)),
                    ("values", models.JSONField(default=dict)),
                    ("at", models.DateTimeField()),
                    ("read_at", models.DateTimeField(null=True)),
                    ("mailed_at", models.DateTimeField(null=True)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program")),
                    ("user", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="staff_notices", to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    "indexes": [models.Index(fields=["user", "program", "-id"], name="staff_notice_user")],
                    "constraints": [models.UniqueConstraint(models.F("user"), models.F("key"), name="staff_notice_told_once")],
                },
            ),
            migrations.CreateModel(
                name="StaffRole",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("role", models.CharField(choices=[("marketer", "Marketer"), ("campaign_approver", "Campaign approver"), ("finance", "Finance"), ("finance_approver", "Finance approver"), ("support", "Support"), ("channel_manager", "Channel manager"), ("regional_manager", "Regional manager"), ("dealer_manager", "Dealer manager"), ("outlet_adviser", "Outlet adviser"), ("leadership", "Leadership"), ("administrator", "Administrator")], max_length=20)),
                    ("dealer", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="staff_roles", to="dealers.dealer")),
                    ("outlet", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="staff_roles", to="dealers.outlet")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="staff_roles", to="core.program")),
                    ("region", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="staff_roles", to="core.region")),
                    ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="staff_roles", to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("user", "program", "role", "region", "dealer", "outlet"), name="staff_role_held_once", nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(("region__isnull", False), ("role", "regional_manager")), models.Q(("dealer__isnull", False), ("role", "dealer_manager")), models.Q(("outlet__isnull", False), ("role", "outlet_adviser")), models.Q(("role__in", ["regional_manager", "dealer_manager", "outlet_adviser"]), _negated=True), _connector="OR"), name="scoped_role_names_its_scope")],
                },
            ),
            migrations.CreateModel(
                name="StaffRoleEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("role", models.CharField(choices=[("marketer", "Marketer"), ("campaign_approver", "Campaign approver"), ("finance", "Finance"), ("finance_approver", "Finance approver"), ("support", "Support"), ("channel_manager", "Channel manager"), ("regional_manager", "Regional manager"), ("dealer_manager", "Dealer manager"), ("outlet_adviser", "Outlet adviser"), ("leadership", "Leadership"), ("administrator", "Administrator")], max_length=20)),
                    ("dealer", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.dealer")),
                    ("outlet", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="dealers.outlet")),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="dealers.staffrole")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                    ("region", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.region")),
                    ("user", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    "abstract": False,
                },
            ),
        ]),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(models.F("dealer"), models.F("valid_from"), name="contract_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.UniqueConstraint(models.F("program"), models.F("code"), name="budget_code_once"),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.UniqueConstraint(condition=models.Q(("parent__isnull", True), ("retired", False)), fields=("program",), name="budget_tree_has_one_root"),
        ),
        AtOnce([
            pgtrigger.migrations.AddTrigger(
                model_name="dealer",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="aa8fcb6dc599d7fa7d38a9587de712e645fac07d", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_8a2f8", referencing="REFERENCING NEW TABLE AS added ", table="dealers_dealer", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="dealer",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="2d48768487530fe89100b2a8bd9c07722c7e125c", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_a699a", referencing="REFERENCING NEW TABLE AS changed ", table="dealers_dealer", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="dealer",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="5492792932ba4657ccb4d5e617d44c451422611d", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_b6f55", referencing="REFERENCING OLD TABLE AS removed ", table="dealers_dealer", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="dealer",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dealers_dealerevent" ("code", "id", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "region_id", "retired") VALUES (NEW."code", NEW."id", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."region_id", NEW."retired"); RETURN NULL;', hash="e26f794437e5a2ef84f07f28202448351e5dd748", operation="INSERT", pgid="pgtrigger_insert_insert_e8726", table="dealers_dealer", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="dealer",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "dealers_dealerevent" ("code", "id", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "region_id", "retired") VALUES (NEW."code", NEW."id", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."region_id", NEW."retired"); RETURN NULL;', hash="ab6d8e86100f265fe3550c948e4a41f859759698", operation="UPDATE", pgid="pgtrigger_update_update_8999f", table="dealers_dealer", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="contract",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="e0e12b5665c131a17c071c685423bb25e4bc0dc9", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_52aa6", referencing="REFERENCING NEW TABLE AS added ", table="dealers_contract", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="contract",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="7f203dfbf84116e9e07517e90231bbd1e7799f83", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_2dfae", referencing="REFERENCING NEW TABLE AS changed ", table="dealers_contract", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="contract",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="9d33f103680d66214a6f1e1c7bfde5748d668362", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_ee4ef", referencing="REFERENCING OLD TABLE AS removed ", table="dealers_contract", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="contract",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dealers_contractevent" ("dealer_id", "earn_value", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "redeem_value", "retired", "share_percent", "valid_from") VALUES (NEW."dealer_id", NEW."earn_value", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."redeem_value", NEW."retired", NEW."share_percent", NEW."valid_from"); RETURN NULL;', hash="17ac2b2c7bfa7d3b287170720bd9f01829d419cb", operation="INSERT", pgid="pgtrigger_insert_insert_2cdb6", table="dealers_contract", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="contract",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "dealers_contractevent" ("dealer_id", "earn_value", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "redeem_value", "retired", "share_percent", "valid_from") VALUES (NEW."dealer_id", NEW."earn_value", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."redeem_value", NEW."retired", NEW."share_percent", NEW."valid_from"); RETURN NULL;', hash="2e1e5462c540a2a5dd2d08cb484788d3d516feb0", operation="UPDATE", pgid="pgtrigger_update_update_01362", table="dealers_contract", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="budget",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="52f293250914031328f1a555967dae6ca75b9f3c", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_031c1", referencing="REFERENCING NEW TABLE AS added ", table="dealers_budget", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="budget",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="8e8bdd98a9f5bb0c4de549cd672f990069b27044", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_5ece0", referencing="REFERENCING NEW TABLE AS changed ", table="dealers_budget", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="budget",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="f7151c152770d2aa8e6e5211a6da58b79240b323", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_c23a8", referencing="REFERENCING OLD TABLE AS removed ", table="dealers_budget", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="budget",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dealers_budgetevent" ("code", "dealer_id", "id", "market_id", "money", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "program_id", "region_id", "retired") VALUES (NEW."code", NEW."dealer_id", NEW."id", NEW."market_id", NEW."money", NEW."parent_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."points", NEW."program_id", NEW."region_id", NEW."retired"); RETURN NULL;', hash="a3a5108838fd17ae7ee96b94d7695610aa5e65ff", operation="INSERT", pgid="pgtrigger_insert_insert_cd813", table="dealers_budget", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="budget",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "dealers_budgetevent" ("code", "dealer_id", "id", "market_id", "money", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "program_id", "region_id", "retired") VALUES (NEW."code", NEW."dealer_id", NEW."id", NEW."market_id", NEW."money", NEW."parent_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."points", NEW."program_id", NEW."region_id", NEW."retired"); RETURN NULL;', hash="5434b7efa519a3b2d83db17d5c6ea8eda1f62efd", operation="UPDATE", pgid="pgtrigger_update_update_9e9a4", table="dealers_budget", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="outlet",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="ccd168f42b04292186a58132387b482af05eccbb", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_52d0d", referencing="REFERENCING NEW TABLE AS added ", table="dealers_outlet", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="outlet",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="a64aee82b5827dcbc03b697303557a6c8f8ac9b9", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_4977e", referencing="REFERENCING NEW TABLE AS changed ", table="dealers_outlet", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="outlet",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="804af499cfabe67b9dd167fff4bc69d995fcef47", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_ded13", referencing="REFERENCING OLD TABLE AS removed ", table="dealers_outlet", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="outlet",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dealers_outletevent" ("code", "dealer_id", "id", "kind", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired") VALUES (NEW."code", NEW."dealer_id", NEW."id", NEW."kind", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired"); RETURN NULL;', hash="7e7fd7fdc9478397b4e078a43f0771110508ec5e", operation="INSERT", pgid="pgtrigger_insert_insert_6f1dc", table="dealers_outlet", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="outlet",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "dealers_outletevent" ("code", "dealer_id", "id", "kind", "market_id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired") VALUES (NEW."code", NEW."dealer_id", NEW."id", NEW."kind", NEW."market_id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired"); RETURN NULL;', hash="a12ddf04c932ca2bfcad9ab067e6a8a47b7d5e53", operation="UPDATE", pgid="pgtrigger_update_update_2001b", table="dealers_outlet", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="staffrole",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dealers_staffroleevent" ("dealer_id", "id", "outlet_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "region_id", "role", "user_id") VALUES (NEW."dealer_id", NEW."id", NEW."outlet_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."region_id", NEW."role", NEW."user_id"); RETURN NULL;', hash="237d603c113ba63330f48c61e3fd502a838584a7", operation="INSERT", pgid="pgtrigger_insert_insert_1e048", table="dealers_staffrole", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="staffrole",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "dealers_staffroleevent" ("dealer_id", "id", "outlet_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "region_id", "role", "user_id") VALUES (NEW."dealer_id", NEW."id", NEW."outlet_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."region_id", NEW."role", NEW."user_id"); RETURN NULL;', hash="6bb8c19b232f16761d4f4eefce6a99e127f13c9c", operation="UPDATE", pgid="pgtrigger_update_update_3b601", table="dealers_staffrole", when="AFTER")),
            ),
        ]),
    ]
