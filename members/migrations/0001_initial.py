import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import members.models.keeping
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
                name="Member",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                    ("external_id", models.CharField(max_length=64)),
                    ("kind", models.CharField(choices=[("customer", "Customer"), ("merchant", "Merchant")], default="customer", max_length=10)),
                    ("status", models.CharField(choices=[("active", "Active"), ("frozen", "Frozen"), ("erased", "Erased")], default="active", max_length=10)),
                    ("froze_self", models.BooleanField(db_default=False, default=False)),
                    ("language", models.CharField(max_length=8)),
                    ("kyc", models.CharField(choices=[("none", "None"), ("pending", "Pending"), ("verified", "Verified"), ("rejected", "Rejected")], default="none", max_length=10)),
                    ("kyc_at", models.DateTimeField(blank=True, null=True)),
                    ("enrolled_at", models.DateTimeField()),
                    ("attributes", models.JSONField(blank=True, default=dict)),
                    ("consents", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list)),
                    ("tier_since", models.DateTimeField(blank=True, null=True)),
                    ("tier_until", models.DateField(blank=True, null=True)),
                    ("grace_until", models.DateField(blank=True, null=True)),
                    ("updated_at", models.DateTimeField(auto_now=True)),
                    ("market", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="members", to="core.market")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="members", to="core.program")),
                    ("region", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="members", to="core.region")),
                    ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="memberships", to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name="Attribute",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=40)),
                    ("type", models.CharField(max_length=10)),
                    ("choices", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="attributes", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="attribute_code_once")],
                },
            ),
            migrations.CreateModel(
                name="AttributeEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("code", models.CharField(max_length=40)),
                    ("type", models.CharField(max_length=10)),
                    ("choices", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="members.attribute")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="EventType",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("code", models.CharField(max_length=60)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("amount", models.CharField(choices=[("required", "Required"), ("optional", "Optional"), ("none", "None")], max_length=8)),
                    ("qualifying", models.BooleanField()),
                    ("data", models.JSONField(blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="event_types", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="event_type_code_once")],
                },
            ),
            migrations.CreateModel(
                name="EventTypeEvent",
                fields=[
                    ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                    ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                    ("pgh_label", models.TextField(help_text="The event label.")),
                    ("id", models.BigIntegerField()),
                    ("code", models.CharField(max_length=60)),
                    ("name", models.CharField(max_length=200)),
                    ("name_en", models.CharField(max_length=200, null=True)),
                    ("name_ind", models.CharField(max_length=200, null=True)),
                    ("name_ms", models.CharField(max_length=200, null=True)),
                    ("name_vi", models.CharField(max_length=200, null=True)),
                    ("name_th", models.CharField(max_length=200, null=True)),
                    ("name_ar", models.CharField(max_length=200, null=True)),
                    ("amount", models.CharField(choices=[("required", "Required"), ("optional", "Optional"), ("none", "None")], max_length=8)),
                    ("qualifying", models.BooleanField()),
                    ("data", models.JSONField(blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="members.eventtype")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="MemberCard",
                fields=[
                    ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="card", serialize=False, to="members.member")),
                    ("token", models.UUIDField(default=uuid.uuid4, unique=True)),
                    ("made_at", models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name="MemberFacts",
                fields=[
                    ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="facts", serialize=False, to="members.member")),
                    ("rolled_on", models.DateField()),
                    ("events_30d", models.IntegerField(default=0)),
                    ("events_90d", models.IntegerField(default=0)),
                    ("events_12m", models.IntegerField(default=0)),
                    ("events_year", models.IntegerField(default=0)),
                    ("amount_30d", models.BigIntegerField(default=0)),
                    ("amount_90d", models.BigIntegerField(default=0)),
                    ("amount_12m", models.BigIntegerField(default=0)),
                    ("amount_year", models.BigIntegerField(default=0)),
                    ("status_points_12m", models.BigIntegerField(default=0)),
                    ("status_points_year", models.BigIntegerField(default=0)),
                    ("last_active_on", models.DateField(null=True)),
                ],
                options={
                    "verbose_name_plural": "member facts",
                },
            ),
            migrations.CreateModel(
                name="MemberIdentity",
                fields=[
                    ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="identity", serialize=False, to="members.member")),
                    ("name", models.CharField(blank=True, default="", max_length=200)),
                    ("name_folded", models.CharField(blank=True, default="", max_length=200)),
                    ("nickname", models.CharField(blank=True, db_default="", default="", max_length=30)),
                    ("email", models.EmailField(blank=True, default="", max_length=254)),
                    ("phone", models.CharField(blank=True, default="", max_length=20)),
                    ("birth_date", models.DateField(blank=True, null=True)),
                    ("contact_changed_at", models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    "verbose_name_plural": "member identities",
                    "indexes": [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass("name_folded", "gin_trgm_ops"), name="identity_name"), models.Index(fields=["phone"], name="identity_phone"), models.Index(django.db.models.functions.text.Lower("email"), name="identity_email")],
                },
            ),
            migrations.CreateModel(
                name="MerchantProfile",
                fields=[
                    ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="merchant", serialize=False, to="members.member")),
                    ("legal_name", models.CharField(blank=True, default="", max_length=200)),
                    ("trading_name", models.CharField(blank=True, default="", max_length=200)),
                    ("category", models.CharField(blank=True, default="", max_length=80)),
                    ("partner_type", models.CharField(blank=True, default="", max_length=80)),
                    ("agent", models.CharField(blank=True, default="", max_length=64)),
                    ("preferred", models.BooleanField(default=False)),
                ],
            ),
            migrations.CreateModel(
                name="ReferralCode",
                fields=[
                    ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="referral_code", serialize=False, to="members.member")),
                    ("code", models.CharField(max_length=16)),
                ],
            ),
            migrations.CreateModel(
                name="ConsentChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("purpose", models.CharField(max_length=20)),
                    ("given", models.BooleanField()),
                    ("at", models.DateTimeField()),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="consent_changes", to="members.member")),
                ],
                options={
                    "indexes": [models.Index(fields=["member", "-id"], name="consent_change_member")],
                },
            ),
            migrations.CreateModel(
                name="Adjustment",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("points", models.BigIntegerField()),
                    ("because", models.TextField()),
                    ("at", models.DateTimeField()),
                    ("journal_id", models.BigIntegerField()),
                    ("approved_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="adjustments", to="members.member")),
                ],
                options={
                    "constraints": [models.CheckConstraint(condition=models.Q(("by", models.F("approved_by")), _negated=True), name="adjustment_takes_two_people"), models.CheckConstraint(condition=models.Q(("because", ""), _negated=True), name="adjustment_has_a_reason"), models.CheckConstraint(condition=models.Q(("points", 0), _negated=True), name="adjustment_moves_points")],
                },
            ),
            migrations.CreateModel(
                name="AcceptedTerms",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("language", models.CharField(max_length=8)),
                    ("at", models.DateTimeField()),
                    ("terms", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.terms")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="accepted_terms", to="members.member")),
                ],
                options={
                    "verbose_name_plural": "accepted terms",
                    "constraints": [models.UniqueConstraint(models.F("member"), models.F("terms"), name="terms_accepted_once")],
                },
            ),
            migrations.CreateModel(
                name="MemberDay",
                fields=[
                    ("pk", models.CompositePrimaryKey("member", "day", "event_type", "outlet_id", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("day", models.DateField()),
                    ("outlet_id", models.BigIntegerField(default=0)),
                    ("occurrences", models.IntegerField(default=0)),
                    ("events", models.IntegerField(default=0)),
                    ("amount_minor", models.BigIntegerField(default=0)),
                    ("status_points", models.BigIntegerField(default=0)),
                    ("event_type", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.eventtype")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="days", to="members.member")),
                ],
                options={
                    "constraints": [models.CheckConstraint(condition=models.Q(("events__gte", 0), ("occurrences__gte", 0)), name="member_day_counts_are_not_negative")],
                },
            ),
            migrations.CreateModel(
                name="MemberPast",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("until", models.DateTimeField(db_default=members.models.keeping.ClockTimestamp())),
                    ("language", models.CharField(max_length=8)),
                    ("kind", models.CharField(max_length=10)),
                    ("status", models.CharField(max_length=10)),
                    ("kyc", models.CharField(max_length=10)),
                    ("kyc_at", models.DateTimeField(null=True)),
                    ("enrolled_at", models.DateTimeField()),
                    ("attributes", models.JSONField()),
                    ("market", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.market")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="past", to="members.member")),
                    ("region", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.region")),
                ],
                options={
                    "indexes": [models.Index(fields=["member", "id"], name="member_past")],
                },
            ),
            migrations.CreateModel(
                name="MemberSignal",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("device", "Device"), ("instrument", "Instrument"), ("browser", "Browser")], max_length=12)),
                    ("digest", models.BinaryField(max_length=32)),
                    ("first_seen_at", models.DateTimeField()),
                    ("last_seen_on", models.DateField()),
                    ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="signals", to="members.member")),
                ],
                options={
                    "indexes": [models.Index(fields=["last_seen_on"], name="signal_last_seen")],
                    "constraints": [models.UniqueConstraint(models.F("digest"), models.F("kind"), models.F("member"), name="signal_once")],
                },
            ),
            migrations.CreateModel(
                name="MemberTypeCount",
                fields=[
                    ("pk", models.CompositePrimaryKey("member", "event_type", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("occurrences", models.IntegerField(default=0)),
                    ("first_at", models.DateTimeField(null=True)),
                    ("last_at", models.DateTimeField(null=True)),
                    ("event_type", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.eventtype")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="type_counts", to="members.member")),
                ],
            ),
            migrations.CreateModel(
                name="Notice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("welcome", "Welcome"), ("tier_up", "Tier up"), ("tier_grace", "Tier grace"), ("tier_kept", "Tier kept"), ("tier_down", "Tier down"), ("corrected", "Corrected"), ("redemption_back", "Redemption given back"), ("redemption_ready", "Redemption ready"), ("voucher_voided", "Voucher voided")], max_length=20)),
                    ("key", models.CharField(max_length=120)),
                    ("values", models.JSONField(default=dict)),
                    ("at", models.DateTimeField()),
                    ("read_at", models.DateTimeField(null=True)),
                    ("mailed_at", models.DateTimeField(null=True)),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="members.member")),
                ],
                options={
                    "indexes": [models.Index(fields=["member", "-id"], name="notice_member")],
                    "constraints": [models.UniqueConstraint(models.F("member"), models.F("key"), name="notice_told_once")],
                },
            ),
            migrations.CreateModel(
                name="Referral",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                    ("joined_at", models.DateTimeField()),
                    ("verdict", models.CharField(choices=[("clear", "Clear"), ("held", "Held for review"), ("approved", "Approved"), ("refused", "Refused")], default="clear", max_length=8)),
                    ("reason", models.CharField(blank=True, choices=[("self", "The same person"), ("device", "The same device"), ("instrument", "The same card or account"), ("phone", "The same phone number"), ("ring", "A ring of accounts"), ("velocity", "Too many friends in a day"), ("review", "Decided by a reviewer")], default="", max_length=10)),
                    ("evidence", models.JSONField(blank=True, default=list)),
                    ("held_at", models.DateTimeField(blank=True, null=True)),
                    ("event_id", models.BigIntegerField(blank=True, null=True)),
                    ("met_at", models.DateTimeField(blank=True, null=True)),
                    ("due_at", models.DateTimeField(blank=True, null=True)),
                    ("qualified_at", models.DateTimeField(blank=True, null=True)),
                    ("round", models.PositiveSmallIntegerField(default=0)),
                    ("friend", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="referral", to="members.member")),
                    ("program", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="core.program")),
                    ("referrer", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="members.member")),
                ],
                options={
                    "indexes": [models.Index(fields=["referrer", "joined_at"], name="referral_of_referrer"), models.Index(fields=["program", "-id"], name="referral_of_program"), models.Index(condition=models.Q(("event_id__isnull", False)), fields=["event_id"], name="referral_event"), models.Index(condition=models.Q(("verdict", "held")), fields=["program", "held_at"], name="referral_held"), models.Index(condition=models.Q(("due_at__isnull", False), ("qualified_at__isnull", True)), fields=["due_at"], name="referral_due")],
                    "constraints": [models.CheckConstraint(condition=models.Q(("referrer", models.F("friend")), _negated=True), name="referral_of_somebody_else"), models.CheckConstraint(condition=models.Q(("qualified_at__isnull", False), ("verdict__in", ["held", "refused"]), _negated=True), name="referral_held_back_never_qualified")],
                },
            ),
            migrations.CreateModel(
                name="ReferralReview",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("decision", models.CharField(choices=[("approve", "Approve"), ("reject", "Reject")], max_length=8)),
                    ("because", models.TextField()),
                    ("at", models.DateTimeField()),
                    ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ("referral", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="members.referral")),
                ],
                options={
                    "constraints": [models.CheckConstraint(condition=models.Q(("because", ""), _negated=True), name="review_has_a_reason")],
                },
            ),
            migrations.CreateModel(
                name="Segment",
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
                    ("kind", models.CharField(choices=[("condition", "Condition"), ("list", "List")], max_length=10)),
                    ("where", models.JSONField(blank=True, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="segments", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="segment_code_once")],
                },
            ),
            migrations.CreateModel(
                name="SegmentEvent",
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
                    ("kind", models.CharField(choices=[("condition", "Condition"), ("list", "List")], max_length=10)),
                    ("where", models.JSONField(blank=True, null=True)),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="members.segment")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="SegmentMember",
                fields=[
                    ("pk", models.CompositePrimaryKey("segment", "member", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("since", models.DateTimeField(db_default=members.models.keeping.ClockTimestamp())),
                    ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="segment_rows", to="members.member")),
                    ("segment", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.segment")),
                ],
            ),
            migrations.CreateModel(
                name="SegmentPast",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("since", models.DateTimeField()),
                    ("until", models.DateTimeField(db_default=members.models.keeping.ClockTimestamp())),
                    ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="past_segments", to="members.member")),
                    ("segment", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.segment")),
                ],
            ),
            migrations.CreateModel(
                name="Tier",
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
                    ("rank", models.PositiveSmallIntegerField()),
                    ("requires", models.JSONField(blank=True, default=dict)),
                    ("benefits", models.JSONField(blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="tiers", to="core.program")),
                ],
                options={
                    "abstract": False,
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("code"), name="tier_code_once"), models.UniqueConstraint(condition=models.Q(("retired", False)), fields=("program", "rank"), name="tier_rank_once")],
                },
            ),
        ]),
        migrations.AddField(
            model_name="member",
            name="tier",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="members", to="members.tier"),
        ),
        AtOnce([
            migrations.CreateModel(
                name="TierChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("reason", models.CharField(choices=[("enrolled", "Enrolled"), ("upgrade", "Upgrade"), ("given", "Given for a time"), ("undone", "Undone"), ("review", "Review"), ("ladder", "Ladder")], max_length=12)),
                    ("at", models.DateTimeField()),
                    ("event_id", models.BigIntegerField(null=True)),
                    ("recorded_at", models.DateTimeField(db_default=members.models.keeping.ClockTimestamp())),
                    ("from_tier", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.tier")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tier_changes", to="members.member")),
                    ("to_tier", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.tier")),
                ],
                options={
                    "indexes": [models.Index(fields=["member", "-id"], name="tier_change_member")],
                },
            ),
            migrations.CreateModel(
                name="TierEvent",
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
                    ("rank", models.PositiveSmallIntegerField()),
                    ("requires", models.JSONField(blank=True, default=dict)),
                    ("benefits", models.JSONField(blank=True, default=list)),
                    ("retired", models.BooleanField(default=False)),
                    ("pgh_context", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="pghistory.context")),
                    ("pgh_obj", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="members.tier")),
                    ("program", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", related_query_name="+", to="core.program")),
                ],
                options={
                    "abstract": False,
                },
            ),
            migrations.CreateModel(
                name="TierGrant",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event_id", models.BigIntegerField()),
                    ("place", models.PositiveSmallIntegerField()),
                    ("until", models.DateField()),
                    ("over", models.BooleanField(default=False)),
                    ("before", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.tier")),
                    ("member", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tier_grants", to="members.member")),
                    ("tier", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.tier")),
                ],
                options={
                    "indexes": [models.Index(condition=models.Q(("over", False)), fields=["member"], name="tier_grant_running")],
                    "constraints": [models.UniqueConstraint(models.F("event_id"), models.F("place"), name="tier_granted_once")],
                },
            ),
            migrations.CreateModel(
                name="TierReview",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("day", models.DateField()),
                    ("at", models.DateTimeField()),
                    ("report", models.JSONField(default=dict)),
                    ("market", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tier_reviews", to="core.market")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(models.F("market"), models.F("day"), name="tier_review_once_a_day")],
                },
            ),
            migrations.CreateModel(
                name="Vehicle",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("vin", models.CharField(max_length=40)),
                    ("plate", models.CharField(blank=True, default="", max_length=20)),
                    ("model", models.CharField(blank=True, default="", max_length=80)),
                    ("bought_on", models.DateField(blank=True, null=True)),
                    ("warranty_until", models.DateField(blank=True, null=True)),
                    ("member", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="vehicles", to="members.member")),
                    ("program", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program")),
                ],
                options={
                    "indexes": [models.Index(fields=["program", "plate"], name="vehicle_plate")],
                    "constraints": [models.UniqueConstraint(models.F("program"), models.F("vin"), name="vehicle_vin_once")],
                },
            ),
        ]),
        migrations.AddField(
            model_name="referralcode",
            name="program",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.program"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(models.F("status"), models.OrderBy(models.F("id"), descending=True), condition=models.Q(("status", "active"), _negated=True), name="member_not_active"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(models.F("kyc"), models.OrderBy(models.F("id"), descending=True), condition=models.Q(("kyc__in", ("pending", "rejected"))), name="member_kyc_open"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(models.F("program"), models.F("external_id"), name="member_external_id_once"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(("froze_self", False), ("status", "frozen"), _connector="OR"), name="only_the_frozen_froze_themselves"),
        ),
        migrations.AddConstraint(
            model_name="referralcode",
            constraint=models.UniqueConstraint(models.F("program"), models.F("code"), name="referral_code_once"),
        ),
        AtOnce([
            pgtrigger.migrations.AddTrigger(
                model_name="attribute",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="1c69406e2d03cb147b4346f8e8bfeab13d48b68c", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_199e8", referencing="REFERENCING NEW TABLE AS added ", table="members_attribute", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="attribute",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="c7be59a42fae109d1e98fb17fe37eb9bacc4c867", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_a7a0f", referencing="REFERENCING NEW TABLE AS changed ", table="members_attribute", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="attribute",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="a7ddf9dbb4ecb3add482bcfab99842a9e5abc0c6", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_6b637", referencing="REFERENCING OLD TABLE AS removed ", table="members_attribute", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="attribute",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "members_attributeevent" ("choices", "code", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "type") VALUES (NEW."choices", NEW."code", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired", NEW."type"); RETURN NULL;', hash="7e1f5c59aae9e649eeac2ad2774b1b5ae4daad34", operation="INSERT", pgid="pgtrigger_insert_insert_e3284", table="members_attribute", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="attribute",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "members_attributeevent" ("choices", "code", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "type") VALUES (NEW."choices", NEW."code", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired", NEW."type"); RETURN NULL;', hash="9f6b04c8e28089c1ba9110f867104bfaad8f64db", operation="UPDATE", pgid="pgtrigger_update_update_220b7", table="members_attribute", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="eventtype",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="55f18bf7852938341c9d817279722a1485fbc4b6", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_a4a74", referencing="REFERENCING NEW TABLE AS added ", table="members_eventtype", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="eventtype",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="8e722d01205077ed3cc01636d74f1e42165848e2", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_e798a", referencing="REFERENCING NEW TABLE AS changed ", table="members_eventtype", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="eventtype",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="de63f23d6cb3048535005d39afcfab00995c3296", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_ed6a7", referencing="REFERENCING OLD TABLE AS removed ", table="members_eventtype", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="eventtype",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "members_eventtypeevent" ("amount", "code", "data", "id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "qualifying", "retired") VALUES (NEW."amount", NEW."code", NEW."data", NEW."id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."qualifying", NEW."retired"); RETURN NULL;', hash="dccef84cdc0e6037b9958f3c16d75e4a71774f9e", operation="INSERT", pgid="pgtrigger_insert_insert_d2259", table="members_eventtype", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="eventtype",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "members_eventtypeevent" ("amount", "code", "data", "id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "qualifying", "retired") VALUES (NEW."amount", NEW."code", NEW."data", NEW."id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."qualifying", NEW."retired"); RETURN NULL;', hash="ddac057f32d033d678ed202c92348d42f650008f", operation="UPDATE", pgid="pgtrigger_update_update_10e30", table="members_eventtype", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="segment",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="85e1bdcd9bb1db0e3fe032bf092e2d2eb403b1f9", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_b06d5", referencing="REFERENCING NEW TABLE AS added ", table="members_segment", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="segment",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="df63b8194246ae199f0ba9eb3e314986f4fe1416", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_d339b", referencing="REFERENCING NEW TABLE AS changed ", table="members_segment", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="segment",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="01f4e06570befeb76f709f7cc109e5efca63c0e4", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_78442", referencing="REFERENCING OLD TABLE AS removed ", table="members_segment", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="segment",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "members_segmentevent" ("code", "id", "kind", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "where") VALUES (NEW."code", NEW."id", NEW."kind", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."retired", NEW."where"); RETURN NULL;', hash="0e9c503b42639afe253fad58768a8f42a149892f", operation="INSERT", pgid="pgtrigger_insert_insert_b8bb6", table="members_segment", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="segment",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "members_segmentevent" ("code", "id", "kind", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "retired", "where") VALUES (NEW."code", NEW."id", NEW."kind", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."retired", NEW."where"); RETURN NULL;', hash="1cbd6fcf6e683685301eef63fd9a296f18183d91", operation="UPDATE", pgid="pgtrigger_update_update_7d2d0", table="members_segment", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="tier",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM added); RETURN NULL;", hash="efd24007996e7b62ba05d5cc62b1fd207cceaf66", level="STATEMENT", operation="INSERT", pgid="pgtrigger_revised_by_insert_b7abc", referencing="REFERENCING NEW TABLE AS added ", table="members_tier", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="tier",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_update", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM changed); RETURN NULL;", hash="a24a6698ad68df5df28e04fab3fba6a78dae2e69", level="STATEMENT", operation="UPDATE", pgid="pgtrigger_revised_by_update_f9c63", referencing="REFERENCING NEW TABLE AS changed ", table="members_tier", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="tier",
                trigger=pgtrigger.compiler.Trigger(name="revised_by_delete", sql=pgtrigger.compiler.UpsertTriggerSql(func="UPDATE core_program SET revision = revision + 1 WHERE id IN (SELECT DISTINCT program_id FROM removed); RETURN NULL;", hash="04248adfbdb5b95ee27f67c7cb89b9cec3ae3cd0", level="STATEMENT", operation="DELETE", pgid="pgtrigger_revised_by_delete_30e04", referencing="REFERENCING OLD TABLE AS removed ", table="members_tier", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="tier",
                trigger=pgtrigger.compiler.Trigger(name="insert_insert", sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "members_tierevent" ("benefits", "code", "id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rank", "requires", "retired") VALUES (NEW."benefits", NEW."code", NEW."id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."program_id", NEW."rank", NEW."requires", NEW."retired"); RETURN NULL;', hash="80885a8989ce26057502aae54150ef9b95f830db", operation="INSERT", pgid="pgtrigger_insert_insert_23f5e", table="members_tier", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="tier",
                trigger=pgtrigger.compiler.Trigger(name="update_update", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "members_tierevent" ("benefits", "code", "id", "name", "name_ar", "name_en", "name_ind", "name_ms", "name_th", "name_vi", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rank", "requires", "retired") VALUES (NEW."benefits", NEW."code", NEW."id", NEW."name", NEW."name_ar", NEW."name_en", NEW."name_ind", NEW."name_ms", NEW."name_th", NEW."name_vi", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."program_id", NEW."rank", NEW."requires", NEW."retired"); RETURN NULL;', hash="319803eefd2dcd8f7efe829e1f59cb96e85606ad", operation="UPDATE", pgid="pgtrigger_update_update_6ae84", table="members_tier", when="AFTER")),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name="member",
                trigger=pgtrigger.compiler.Trigger(name="past_is_kept", sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status <> 'erased' AND (OLD.market_id IS DISTINCT FROM NEW.market_id OR OLD.region_id IS DISTINCT FROM NEW.region_id OR OLD.language IS DISTINCT FROM NEW.language OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.status IS DISTINCT FROM NEW.status OR OLD.kyc IS DISTINCT FROM NEW.kyc OR OLD.kyc_at IS DISTINCT FROM NEW.kyc_at OR OLD.enrolled_at IS DISTINCT FROM NEW.enrolled_at OR OLD.attributes IS DISTINCT FROM NEW.attributes))", func="\n        INSERT INTO members_memberpast (member_id, market_id, region_id, language, kind, status, kyc, kyc_at, enrolled_at, attributes)\n        VALUES (OLD.id, OLD.market_id, OLD.region_id, OLD.language, OLD.kind, OLD.status, OLD.kyc, OLD.kyc_at, OLD.enrolled_at, OLD.attributes);\n        RETURN NULL;\n    ", hash="c0f3ef4a043c97177cbe2d22ac6b1a2255ca8432", operation='UPDATE OF "market_id", "region_id", "language", "kind", "status", "kyc", "kyc_at", "enrolled_at", "attributes"', pgid="pgtrigger_past_is_kept_36a83", table="members_member", when="AFTER")),
            ),
        ]),
    ]
