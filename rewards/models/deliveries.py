"""Redemptions on their way to their members: by e-mail, SMS or WhatsApp."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rewards.models.redemptions import Redemption


class Delivery(models.Model):
    """A message that takes a redemption to its member. No address is kept: it is read when the message goes out.

    ``first``: sent because the redemption was issued, once; all others were asked for, by ``asked_by`` or the member.
    ``next_at``: when it is tried again, None = nothing is left to do.
    """

    class Channel(models.TextChoices):
        """How it goes; in the app it is there anyway."""

        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        WHATSAPP = "whatsapp", "WhatsApp"

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", pgettext_lazy("delivery", "Queued")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        FAILED = "failed", pgettext_lazy("delivery", "Failed")

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    first = models.BooleanField(default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """The first one goes once; found by redemption, and when it is due."""

        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint("redemption", name="delivery_first_once", condition=models.Q(first=True)),
            models.CheckConstraint(
                name="delivery_queued_is_due",
                condition=models.Q(state="queued", next_at__isnull=False)
                | models.Q(~models.Q(state="queued"), next_at=None),
            ),
            models.CheckConstraint(
                name="delivery_sent_says_when",
                condition=models.Q(state="sent", sent_at__isnull=False)
                | models.Q(~models.Q(state="sent"), sent_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["redemption", "-id"], name="delivery_by_redemption"),
            models.Index(fields=["next_at"], name="delivery_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["-id"], name="delivery_not_sent", condition=models.Q(state__in=("queued", "failed"))),
        ]

    def __str__(self) -> str:
        """Say what goes where."""
        return f"{self.redemption_id} {self.channel}"
