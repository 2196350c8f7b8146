"""Members: those who take part in a program."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Market, Program, Region
from members.models.keeping import KEEP_MEMBER
from members.models.tiers import Tier


class Member(models.Model):
    """A person or merchant that takes part. Who that is stands in ``MemberIdentity`` and nowhere else.

    Erasing a member keeps this row under a random ``external_id``, so that ledger and events stay whole.
    The row is the lock that guards all that belongs to the member. ``user`` signs in for the member; one user may have
    several memberships. ``froze_self``: the member froze it, and may open it again. ``grace_until``: the tier is not
    earned any more and holds through this day.
    """

    class Kind(models.TextChoices):
        """Who takes part."""

        CUSTOMER = "customer", _("Customer")
        MERCHANT = "merchant", _("Merchant")

    class Status(models.TextChoices):
        """Whether the member may act."""

        ACTIVE = "active", _("Active")
        FROZEN = "frozen", _("Frozen")
        ERASED = "erased", _("Erased")

    class Kyc(models.TextChoices):
        """How far the member's identity is proven."""

        NONE = "none", _("None")
        PENDING = "pending", _("Pending")
        VERIFIED = "verified", _("Verified")
        REJECTED = "rejected", pgettext_lazy("identity check", "Rejected")

    program = models.ForeignKey(Program, models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="memberships", null=True, blank=True
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    external_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CUSTOMER)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    froze_self = models.BooleanField(default=False, db_default=False)
    market = models.ForeignKey(Market, models.PROTECT, related_name="members")
    region = models.ForeignKey(Region, models.PROTECT, related_name="members", null=True, blank=True)
    language = models.CharField(max_length=8)
    kyc = models.CharField(max_length=10, choices=Kyc, default=Kyc.NONE)
    kyc_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField()
    attributes = models.JSONField(default=dict, blank=True)
    consents = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="members", null=True, blank=True)
    tier_since = models.DateTimeField(null=True, blank=True)
    tier_until = models.DateField(null=True, blank=True)
    grace_until = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """The external id is the caller's name of the member."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "external_id", name="member_external_id_once"),
            models.CheckConstraint(
                name="only_the_frozen_froze_themselves",
                condition=models.Q(froze_self=False) | models.Q(status="frozen"),
            ),
        ]
        triggers: ClassVar = [KEEP_MEMBER]
        # What support and finance filter by is rare among millions.
        indexes: ClassVar = [
            models.Index(
                "status", models.F("id").desc(), name="member_not_active", condition=~models.Q(status="active")
            ),
            models.Index(
                "kyc",
                models.F("id").desc(),
                name="member_kyc_open",
                condition=models.Q(kyc__in=("pending", "rejected")),
            ),
        ]

    def __str__(self) -> str:
        """Name the member as its owner does."""
        return self.external_id
