"""What was in force when events were decided, and what simulations said beforehand."""

from typing import ClassVar

from django.db import models

from campaigns.models.campaigns import CampaignVersion
from core.models import Job, Program


class InForce(models.Model):
    """The campaigns that a revision of the configuration held: ``versions`` are ``[version id, running]``.

    Written by whoever reads a revision first to decide by it.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    revision = models.BigIntegerField()
    versions = models.JSONField()

    class Meta:
        """One row a revision."""

        constraints: ClassVar = [models.UniqueConstraint("program", "revision", name="in_force_once")]


class Forecast(models.Model):
    """What a simulation said about a version of a campaign: figures of the days from ``since`` on, before ``until``.

    Kept with the version, to be shown beside what happened once it is live.
    """

    version = models.ForeignKey(CampaignVersion, models.CASCADE, related_name="forecasts")
    job = models.ForeignKey(Job, models.SET_NULL, related_name="+", null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    figures = models.JSONField()
    made_at = models.DateTimeField()
