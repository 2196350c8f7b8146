"""Who is compared with whom, and what held-out members would have been given."""

from django.db import models

from campaigns.models.campaigns import CampaignVersion
from campaigns.models.events import Event
from members.models import Member


class GhostAward(models.Model):
    """A would-be effect of a held-out member, in points or minor units of ``unit``.

    ``amount`` is what reversals left of ``judged``. ``milestone`` is the number of the event's milestone that would
    have given it, null where no goal stands behind it; ``offer_id`` the offer behind it, 0 = none.
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
    offer_id = models.BigIntegerField(default=0, db_default=0)


class Exposure(models.Model):
    """A member's first day with a campaign that has a holdout, and on which side the hash put it; never changed.

    ``campaign_id`` 0 is the holdout of the whole program. ``hundredths``: the percentage held out on that day, times
    100. ``day`` is local to the member's market.
    """

    pk = models.CompositePrimaryKey("campaign_id", "member_id")
    campaign_id = models.BigIntegerField()
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    held_out = models.BooleanField()
    hundredths = models.PositiveIntegerField()
    day = models.DateField()
