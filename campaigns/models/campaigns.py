"""Campaigns and their versions."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program
from core.models.revisions import Revised
from core.models.texts import Translated


class Campaign(Translated):
    """An offer to members; what it does is in its current version, what members read is here."""

    class State(models.TextChoices):
        """Life of a campaign; only a live one pays."""

        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        SCHEDULED = "scheduled", _("Scheduled")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    program = models.ForeignKey(Program, models.CASCADE, related_name="campaigns")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    text = models.TextField(default="", blank=True)
    terms = models.TextField(default="", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="campaign_code_once")]

    def __str__(self) -> str:
        """Name the campaign by its code."""
        return self.code


@pghistory.track()
class CampaignVersion(Revised):
    """What a campaign does, immutable; the highest number is in force for events processed from now on.

    ``definition`` is the campaign of the program file in canonical form, less code, texts and state.
    ``festival_days`` are the days of its festival by market, as ``festive`` writes them: fixed in a market once the
    campaign has begun there.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    festival_days = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta(Revised.Meta):
        """Numbers are given once."""

        constraints: ClassVar = [models.UniqueConstraint("campaign", "number", name="campaign_version_once")]

    def __str__(self) -> str:
        """Name campaign and number."""
        return f"{self.campaign_id}/{self.number}"
