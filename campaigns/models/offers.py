"""Offers: campaigns that were assigned to a member, each time with a window and progress of its own."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaigns import Campaign
from core.models import Program
from members.models import Member


class Offer(models.Model):
    """One assignment of a campaign to a member, open from ``at`` to ``until``, both in; guarded by the member's lock.

    ``state`` is what happened to it; that it has expired follows from ``until``. ``is_closed``: no event counts any
    more. ``completed_by`` is the event that completed it, ``completed_goal`` the goal whose last milestone that event
    reached, null where the event fired a rule without a goal. ``reference`` is the caller's own name of it, unique
    for ever for its ``client``: after the member was erased a keyed hash of both, ``forgotten``, stands for it.
    ``fingerprint`` is the sha256 of what was asked under it.
    """

    class State(models.TextChoices):
        """What happened to it so far; held out: nobody is shown it, and it gives nothing."""

        ASSIGNED = "assigned", _("Assigned")
        SEEN = "seen", _("Seen")
        ACTIVATED = "activated", _("Activated")
        COMPLETED = "completed", _("Completed")
        HELD_OUT = "held_out", pgettext_lazy("offer", "Held out")

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="offers", db_index=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="offers", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.ASSIGNED)
    at = models.DateTimeField()
    until = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.BigIntegerField(null=True)
    completed_goal = models.BigIntegerField(null=True)
    is_closed = models.BooleanField(default=False)
    client = models.CharField(max_length=80, default="")
    reference = models.CharField(max_length=100, default="")
    fingerprint = models.BinaryField(max_length=32, null=True)
    forgotten = models.BinaryField(max_length=32, null=True)
    recorded_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """A reference is used once; found by member, and by program, state and campaign, newest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                "client", "reference", name="offer_reference_once", condition=~models.Q(reference="")
            ),
            models.CheckConstraint(name="offer_ends_after_it_begins", condition=models.Q(until__gt=models.F("at"))),
            models.CheckConstraint(
                name="completed_offer_names_its_event",
                condition=models.Q(completed_at__isnull=True, completed_by__isnull=True, completed_goal__isnull=True)
                | models.Q(completed_at__isnull=False, completed_by__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "-id"], name="offer_member"),
            models.Index(fields=["forgotten"], name="offer_forgotten", condition=models.Q(forgotten__isnull=False)),
            models.Index(fields=["member"], name="offer_open", condition=models.Q(is_closed=False)),
            models.Index(fields=["program", "-id"], name="offer_program"),
            models.Index(fields=["program", "state", "-id"], name="offer_state"),
            models.Index(fields=["campaign", "-id"], name="offer_campaign"),
        ]

    def __str__(self) -> str:
        """Name campaign and member."""
        return f"{self.campaign_id} for {self.member_id}"
