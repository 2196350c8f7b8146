"""Redemptions: what members bought with their points."""

from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Program
from core.models.sealing import opened, sealed
from members.models import Member
from rewards.models.rewards import Reward

PHONES = "numbers of redemptions kept with"  # purpose of keys


class Redemption(models.Model):
    """``quantity`` pieces of a reward for ``points`` of a member, in all; its vouchers hang on it.

    ``value_minor`` of ``currency`` is the denomination of a piece, where the reward has denominations. ``at`` is when
    it happened (the ledger's ``occurred_at``), ``recorded_at`` when it was stored. While it is ``pending``,
    ``waits_for`` says for whom; points have left the wallet already. Of what a supplier delivers ``supplier`` and
    ``sku`` are those that the reward named, and ``phone`` (encrypted) the number of the member, where it goes there,
    when the points were taken: what changes later redirects nothing. ``reference`` is the caller's own name of it,
    unique for ever for its ``client``: after the member was erased a keyed hash of both, ``forgotten``, stands for it.
    ``fingerprint`` is the sha256 of what was asked under it, ``note`` why staff cancelled it. ``repaid``: of points
    that came back, what repaid the member's debt. ``unseen_points``: of one that had to be approved, the points of the
    member's others close by that nobody had looked at and that counted with it. Guarded by the member's lock.
    """

    class State(models.TextChoices):
        """Where it stands, as the API says it."""

        PENDING = "pending", pgettext_lazy("redemption", "Pending")
        ISSUED = "issued", pgettext_lazy("redemption", "Issued")
        CANCELLED = "cancelled", pgettext_lazy("redemption", "Cancelled")

    class WaitsFor(models.TextChoices):
        """Who has to act before a pending one goes on."""

        NOBODY = "", pgettext_lazy("waits for", "Nobody")
        APPROVAL = "approval", pgettext_lazy("waits for", "Approval")
        SUPPLIER = "supplier", pgettext_lazy("waits for", "Supplier")

    class Channel(models.TextChoices):
        """Through which door it came."""

        API = "api", _("Partner system")
        PORTAL = "portal", _("Portal")
        APP = "app", _("Mobile app")
        COUNTER = "counter", _("Counter")
        OFFICE = "office", _("Back office")

    class Because(models.TextChoices):
        """Why it was cancelled."""

        NONE = "", pgettext_lazy("because", "–")
        ASKED = "asked", _("The member or the partner asked")
        REFUSED = "refused", _("Approval refused")
        FAILED = "failed", _("The supplier could not deliver")
        SILENT = "silent", _("The supplier did not answer in time")
        OFFICE = "office", _("Staff cancelled it")
        NUMBER = "number", _("The member's phone number had changed")

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="redemptions", db_index=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions", db_index=False)
    quantity = models.PositiveSmallIntegerField()
    value_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="")
    points = models.BigIntegerField()
    supplier = models.CharField(max_length=200, default="", db_default="")
    sku = models.CharField(max_length=200, default="", db_default="")
    phone = models.BinaryField(null=True, editable=False)
    state = models.CharField(max_length=9, choices=State)
    waits_for = models.CharField(max_length=8, choices=WaitsFor, default=WaitsFor.NOBODY, db_default="")
    unseen_points = models.BigIntegerField(_("redeemed besides, unseen"), default=0, db_default=0)
    channel = models.CharField(max_length=7, choices=Channel)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    issued_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    repaid = models.BigIntegerField(default=0, db_default=0)
    because = models.CharField(max_length=7, choices=Because, default=Because.NONE, db_default="")
    note = models.CharField(_("reason"), max_length=500, default="", db_default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False
    )
    client = models.CharField(max_length=80, default="")
    reference = models.CharField(max_length=100, default="")
    fingerprint = models.BinaryField(max_length=32, null=True)
    forgotten = models.BinaryField(max_length=32, null=True)

    class Meta:
        """A reference is used once; found by member and program, newest first, and by what it waits for."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                "client", "reference", name="redemption_reference_once", condition=~models.Q(reference="")
            ),
            models.CheckConstraint(name="redemption_costs_points", condition=models.Q(points__gt=0, quantity__gt=0)),
            models.CheckConstraint(
                name="pending_redemption_waits_for_somebody",
                condition=models.Q(models.Q(state="pending"), ~models.Q(waits_for=""))
                | models.Q(~models.Q(state="pending"), waits_for=""),
            ),
            models.CheckConstraint(
                name="issued_redemption_says_when",
                condition=~models.Q(state="issued") | models.Q(issued_at__isnull=False),
            ),
            models.CheckConstraint(
                name="cancelled_redemption_says_when_and_why",
                condition=models.Q(models.Q(state="cancelled", cancelled_at__isnull=False), ~models.Q(because=""))
                | models.Q(~models.Q(state="cancelled"), cancelled_at=None, because=""),
            ),
            models.CheckConstraint(
                name="redemption_repays_out_of_what_came_back",
                condition=models.Q(repaid=0)
                | models.Q(state="cancelled", repaid__gt=0, repaid__lte=models.F("points")),
            ),
            models.CheckConstraint(name="no_less_than_nothing_is_unseen", condition=models.Q(unseen_points__gte=0)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "-id"], name="redemption_by_member"),
            models.Index(
                fields=["member", "at"],
                name="redemption_unseen",
                condition=models.Q(~models.Q(state="cancelled"), ~models.Q(waits_for="approval"), decided_by=None),
            ),
            models.Index(fields=["program", "-id"], name="redemption_by_program"),
            models.Index(fields=["reward", "-id"], name="redemption_by_reward"),
            models.Index(fields=["channel", "-id"], name="redemption_by_channel"),
            models.Index(
                fields=["forgotten"], name="redemption_forgotten", condition=models.Q(forgotten__isnull=False)
            ),
            models.Index(fields=["reference"], name="redemption_by_reference", condition=~models.Q(reference="")),
            models.Index(fields=["-id"], name="redemption_cancelled", condition=models.Q(state="cancelled")),
            models.Index(fields=["waits_for", "id"], name="redemption_waiting", condition=models.Q(state="pending")),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="redemption_goes_forward",
                field="state",
                transitions=[("pending", "issued"), ("pending", "cancelled"), ("issued", "cancelled")],
            ),
        ]

    def __str__(self) -> str:
        """Name it as the API does."""
        return str(self.uuid)

    @property
    def number(self) -> str:
        """The phone number that it is for, empty if there is none or no key of ours opens it."""
        if self.phone is None:
            return ""
        try:
            return opened(self.phone, purpose=PHONES, about=self.uuid.bytes).decode()
        except ValueError:
            return ""

    def keep_number(self, number: str) -> None:
        """Note for which phone number it is; save it yourself."""
        self.phone = sealed(number.encode(), purpose=PHONES, about=self.uuid.bytes)
