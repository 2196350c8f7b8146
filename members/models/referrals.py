"""Members who bring members: codes, who was brought by whom, and what reviewers decided."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program
from members.models.members import Member


class ReferralCode(models.Model):
    """The code that a member passes on; made when first asked for, deleted when the member is erased."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="referral_code", primary_key=True)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(max_length=16)

    class Meta:
        """One member a code."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="referral_code_once")]

    def __str__(self) -> str:
        """The code itself."""
        return self.code


class Referral(models.Model):
    """A member (``friend``) was brought by another one (``referrer``), once and for ever.

    The friend's row is the lock that guards it. ``verdict`` and ``reason`` are what guards and reviewers think;
    ``evidence`` is what a guard saw: a list of ``{"guard", "with": [uuid], "at", "digest"?, "count"?}``.
    How far it is follows from facts: ``event_id`` is the first event that meets what the program asks for, ``met_at``
    when all of it agreed, ``due_at`` when it counts, ``qualified_at`` when it counted. ``round`` counts how often it
    was qualified: what was taken back may be reached again.
    """

    class Verdict(models.TextChoices):
        """Whether it may be paid for."""

        CLEAR = "clear", _("Clear")
        HELD = "held", _("Held for review")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    class Reason(models.TextChoices):
        """Why it is held or refused."""

        SELF = "self", _("The same person")
        DEVICE = "device", _("The same device")
        INSTRUMENT = "instrument", _("The same card or account")
        PHONE = "phone", _("The same phone number")
        RING = "ring", _("A ring of accounts")
        VELOCITY = "velocity", _("Too many friends in a day")
        REVIEW = "review", _("Decided by a reviewer")

    program = models.ForeignKey(Program, models.PROTECT, related_name="referrals", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    referrer = models.ForeignKey(Member, models.PROTECT, related_name="referrals", db_index=False)
    friend = models.OneToOneField(Member, models.PROTECT, related_name="referral")
    joined_at = models.DateTimeField()
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.CLEAR)
    reason = models.CharField(max_length=10, choices=Reason, default="", blank=True)
    evidence = models.JSONField(default=list, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    event_id = models.BigIntegerField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    qualified_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Nobody brings herself; found by referrer, by the event that counted, by what is to be reviewed or due."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(referrer=models.F("friend")), name="referral_of_somebody_else"),
            models.CheckConstraint(
                condition=~models.Q(qualified_at__isnull=False, verdict__in=["held", "refused"]),
                name="referral_held_back_never_qualified",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["referrer", "joined_at"], name="referral_of_referrer"),
            models.Index(fields=["program", "-id"], name="referral_of_program"),
            models.Index(fields=["event_id"], name="referral_event", condition=models.Q(event_id__isnull=False)),
            models.Index(fields=["program", "held_at"], name="referral_held", condition=models.Q(verdict="held")),
            models.Index(
                fields=["due_at"],
                name="referral_due",
                condition=models.Q(due_at__isnull=False, qualified_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Name it by its number."""
        return f"#{self.pk}"


class ReferralReview(models.Model):
    """Somebody of the staff approved or rejected a referral, and why."""

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve", _("Approve")
        REJECT = "reject", _("Reject")

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="reviews")
    decision = models.CharField(max_length=8, choices=Decision)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    because = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """Nobody decides without a reason."""

        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(because=""), name="review_has_a_reason")]

    def __str__(self) -> str:
        return str(self.get_decision_display())
