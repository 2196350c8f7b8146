"""Awards that a wrong version gave, corrected: proposed by one person, decided by another."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaigns import CampaignVersion
from core.models import Program
from members.models import Member


class Rerating(models.Model):
    """One correction: events from ``since`` to ``until`` (out) as ``version`` would have decided them.

    ``last_event`` is the newest event that its figures know; ``posted_at`` is set once all of it was posted.
    """

    class Policy(models.TextChoices):
        """What becomes of the differences."""

        GIVE = "give", _("Give what is missing")
        TAKE_UNSPENT = "take_unspent", _("Take what is unspent")
        BOTH = "both", _("Give and take")
        FORGIVE = "forgive", _("Change nothing")

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", pgettext_lazy("correction", "Rejected")
        UNDONE = "undone", _("Undone")

    program = models.ForeignKey(Program, models.CASCADE, related_name="reratings")
    version = models.ForeignKey(CampaignVersion, models.PROTECT, related_name="reratings")
    since = models.DateTimeField()
    until = models.DateTimeField()
    policy = models.CharField(max_length=12, choices=Policy)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    because = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)
    last_event = models.BigIntegerField()
    posted_at = models.DateTimeField(null=True)

    class Meta:
        """It takes two people and a reason."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(state="rejected")
                | ~models.Q(by=models.F("decided_by")),
                name="rerating_takes_two_people",
            ),
            models.CheckConstraint(condition=~models.Q(because=""), name="rerating_has_a_reason"),
        ]

    def __str__(self) -> str:
        """Name it by its number."""
        return f"#{self.pk}"


class Rerated(models.Model):
    """One award that a correction changes: from ``before`` to ``after``, in smallest units of ``unit``, before returns.

    ``place`` is that of the effect in the event's answer; ``is_new``: the event had not given it. ``difference`` is
    what is to move, net of returns; ``moved`` what did. ``payers``: accounts and their parts.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", pgettext_lazy("award", "Open")
        POSTED = "posted", _("Posted")
        LEFT = "left", _("Left as it is")
        UNPAID = "unpaid", _("No budget")
        UNDONE = "undone", _("Undone")

    rerating = models.ForeignKey(Rerating, models.CASCADE, related_name="awards")
    event_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=13)
    campaign = models.CharField(max_length=80)
    rule = models.CharField(max_length=80)
    unit = models.CharField(max_length=6)
    before = models.BigIntegerField()
    after = models.BigIntegerField()
    difference = models.BigIntegerField()
    is_new = models.BooleanField()
    expires_on = models.DateField(null=True)
    payers = models.JSONField(default=list)
    moved = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)

    class Meta:
        """Once an award."""

        constraints: ClassVar = [models.UniqueConstraint("rerating", "event_id", "place", name="rerated_once")]
