import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import ledger.models.journals
from core.at_once import AtOnce


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("core", "0002_programs"),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name="Account",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=120)),
                    ("purpose", models.CharField(choices=[("mint", "Mint"), ("budget", "Budget"), ("campaign", "Campaign"), ("wallet", "Wallet"), ("pending", "Pending"), ("debt", "Debt"), ("redeemed", "Redeemed"), ("breakage", "Breakage"), ("adjustment", "Adjustment"), ("migration", "Migration"), ("settlement", "Settlement")], max_length=10)),
                    ("owner", models.UUIDField(null=True)),
                    ("floor", models.BigIntegerField(null=True)),
                    ("lots", models.BooleanField(db_default=False)),
                    ("shared", models.BooleanField(db_default=False)),
                    ("closed", models.BooleanField(db_default=False)),
                    ("balance", models.BigIntegerField(db_default=0)),
                ],
            ),
            migrations.CreateModel(
                name="AccountDay",
                fields=[
                    ("pk", models.CompositePrimaryKey("account_id", "day", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("day", models.DateField()),
                    ("used", models.BigIntegerField()),
                    ("returned", models.BigIntegerField()),
                    ("account", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                ],
            ),
            migrations.CreateModel(
                name="Book",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=90, unique=True)),
                    ("unit", models.CharField(max_length=6)),
                    ("scale", models.PositiveSmallIntegerField(default=0)),
                    ("timezone", models.CharField(max_length=40)),
                    ("open_from", models.DateField(null=True)),
                    ("halted", models.BooleanField(db_default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="books", to="core.program")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("unit"), name="book_once_per_unit")],
                },
            ),
        ]),
        migrations.AddField(
            model_name="account",
            name="book",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="ledger.book"),
        ),
        AtOnce([
            migrations.CreateModel(
                name="BookHalt",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("halted", models.BooleanField()),
                    ("because", models.TextField()),
                    ("by_user_id", models.BigIntegerField(null=True)),
                    ("approved_by_user_id", models.BigIntegerField(null=True)),
                    ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ("book", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="halts", to="ledger.book")),
                ],
                options={
                    "constraints": [models.CheckConstraint(condition=models.Q(("halted", True), models.Q(("by_user_id__isnull", False), ("approved_by_user_id__isnull", False), models.Q(("by_user_id", models.F("approved_by_user_id")), _negated=True)), _connector="OR"), name="resuming_takes_two_people")],
                },
            ),
            migrations.CreateModel(
                name="DaysFollower",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("xid", ledger.models.journals.Xid()),
                    ("journal_id", models.BigIntegerField()),
                ],
                options={
                    "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_follower_of_days")],
                },
            ),
            migrations.CreateModel(
                name="Journal",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("key", models.CharField(max_length=200)),
                    ("fingerprint", models.BinaryField()),
                    ("kind", models.CharField(max_length=10)),
                    ("occurred_at", models.DateTimeField()),
                    ("effective_on", models.DateField()),
                    ("recorded_at", models.DateTimeField(db_default=ledger.models.journals.StatementTimestamp())),
                    ("xid", ledger.models.journals.Xid(db_default=ledger.models.journals.CurrentXid(), editable=False)),
                    ("book", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="journals", to="ledger.book")),
                ],
                options={
                    "indexes": [models.Index(fields=["xid", "id"], name="journal_followed"), models.Index(condition=models.Q(("kind", "fund")), fields=["book"], name="journal_funds")],
                    "constraints": [models.UniqueConstraint(models.F("book"), models.F("key"), name="journal_key_once"), models.CheckConstraint(condition=models.Q(("key", ""), _negated=True), name="journal_has_a_key")],
                },
            ),
            migrations.CreateModel(
                name="Lot",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("available_on", models.DateField(null=True)),
                    ("expires_on", models.DateField(null=True)),
                    ("credited", models.BigIntegerField()),
                    ("remaining", models.BigIntegerField()),
                    ("account", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="held", to="ledger.account")),
                    ("funder", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("account", "available_on", "expires_on", "funder"), name="lot_once", nulls_distinct=False), models.CheckConstraint(condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("credited"))), name="lot_remaining_within_credited")],
                },
            ),
            migrations.CreateModel(
                name="Transfer",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("amount", models.BigIntegerField()),
                    ("expires_on", models.DateField(null=True)),
                    ("available_on", models.DateField(null=True)),
                    ("member_id", models.BigIntegerField(null=True)),
                    ("campaign_version_id", models.BigIntegerField(null=True)),
                    ("rule", models.CharField(max_length=80, null=True)),
                    ("event_id", models.BigIntegerField(null=True)),
                    ("dst", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                    ("funder", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                    ("journal", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="ledger.journal")),
                    ("reverses", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="reversals", to="ledger.transfer")),
                    ("src", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                ],
                options={
                    "indexes": [models.Index(fields=["src", "id"], name="transfer_src"), models.Index(fields=["dst", "id"], name="transfer_dst"), models.Index(condition=models.Q(("reverses__isnull", False)), fields=["reverses"], name="transfer_reverses"), models.Index(condition=models.Q(("event_id__isnull", False)), fields=["event_id"], name="transfer_event")],
                    "constraints": [models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_moves_something"), models.CheckConstraint(condition=models.Q(("src", models.F("dst")), _negated=True), name="transfer_goes_elsewhere")],
                },
            ),
            migrations.CreateModel(
                name="LotUse",
                fields=[
                    ("pk", models.CompositePrimaryKey("transfer_id", "lot_id", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("amount", models.BigIntegerField()),
                    ("lot", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="ledger.lot")),
                    ("renewed_into", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.lot")),
                    ("transfer", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="ledger.transfer")),
                ],
                options={
                    "indexes": [models.Index(condition=models.Q(("renewed_into__isnull", False)), fields=["renewed_into"], name="lot_use_renewed")],
                    "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("amount", 0), _negated=True), models.Q(("renewed_into__isnull", True), ("amount__lt", 0), _connector="OR")), name="lot_use_says_something")],
                },
            ),
        ]),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(models.F("book"), models.F("code"), name="account_code_once"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(models.F("owner"), models.F("book"), models.F("purpose"), condition=models.Q(("owner__isnull", False)), name="account_once_per_owner"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(("floor__isnull", True), ("balance__gte", models.F("floor")), _connector="OR"), name="account_floor"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("purpose", "debt"), _negated=True), ("balance__lte", 0), _connector="OR"), name="debt_never_positive"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("owner__isnull", False), ("purpose__in", ["wallet", "pending", "debt"]), ("shared", False)), models.Q(("owner__isnull", True), models.Q(("purpose__in", ["wallet", "pending", "debt"]), _negated=True)), _connector="OR"), name="members_accounts_have_an_owner"),
        ),
    ]
