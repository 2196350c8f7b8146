"""What held-out members would have been given."""

from django.db import models

from campaigns.models.campaigns import CampaignVersion
from campaigns.models.events import Event
from members.models import Member


class GhostAward(models.Model):
    """A would-be effect of a held-out member, in points or minor units of ``unit``.

    ``amount`` is what reversals left of ``judged``. ``milestone`` is the number of the event's milestone that would
    have given it, null where no goal stands behind it.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="ghost_awards")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(CampaignVersion, models.PROTECT, related_name="ghost_awards")
    rule = models.CharField(max_length=80)
    kind = models.CharField(max_length=13)
    unit = models.CharField(max_length=80)
    judged = models.BigIntegerField()
    amount = models.BigIntegerField()
    milestone = models.PositiveSmallIntegerField(null=True)
