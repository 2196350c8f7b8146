"""What people did with campaigns."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaigns import Campaign, CampaignVersion


class CampaignStep(models.Model):
    """One step in the life of a campaign: who took it, when and why; rows are only added.

    ``by`` is empty where a program file did it: ``operator`` then says who ran the command, if anybody.
    """

    class Action(models.TextChoices):
        """What was done."""

        SUBMIT = "submit", _("Submitted")
        APPROVE = "approve", _("Approved")
        REJECT = "reject", _("Rejected")
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Resumed")
        END = "end", _("Ended")
        LOAD = "load", _("Loaded")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    version = models.ForeignKey(CampaignVersion, models.CASCADE, related_name="+", null=True)
    action = models.CharField(max_length=10, choices=Action)
    from_state = models.CharField(max_length=10, choices=Campaign.State)
    to_state = models.CharField(max_length=10, choices=Campaign.State)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    operator = models.CharField(max_length=150, default="")
    because = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        """Nothing but what the columns say."""

        indexes: ClassVar = [models.Index(fields=["campaign", "-id"], name="campaign_steps")]

    def __str__(self) -> str:
        """Say what was done."""
        return f"{self.campaign_id}: {self.action}"
