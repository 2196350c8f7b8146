"""What members are told: short notices that the portal shows and that may go out by e-mail."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.members import Member


class Notice(models.Model):
    """Something a member should know, put into words in the member's language when it is read.

    ``values`` are what the words name: codes, decimal strings, dates (ISO 8601). ``key``: it is told once.
    ``mailed_at``: when it went out by e-mail.
    """

    class Kind(models.TextChoices):
        """What happened."""

        WELCOME = "welcome", _("Welcome")
        TIER_UP = "tier_up", _("Tier up")
        TIER_GRACE = "tier_grace", _("Tier grace")
        TIER_KEPT = "tier_kept", _("Tier kept")
        TIER_DOWN = "tier_down", _("Tier down")
        CORRECTED = "corrected", _("Corrected")
        REDEMPTION_BACK = "redemption_back", _("Redemption given back")
        REDEMPTION_READY = "redemption_ready", _("Redemption ready")
        VOUCHER_VOIDED = "voucher_voided", _("Voucher voided")

    member = models.ForeignKey(Member, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=120)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        """Read by member, newest first; told once."""

        constraints: ClassVar = [models.UniqueConstraint("member", "key", name="notice_told_once")]
        indexes: ClassVar = [models.Index(fields=["member", "-id"], name="notice_member")]
