"""How far members are with goals, what each event contributed, and which milestones were reached."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from campaigns.models.campaigns import Campaign
from campaigns.models.events import Event
from members.models import Member


class Goal(models.Model):
    """A goal of a campaign's rule, over all versions that add up the same: ``measure`` says what, and over what."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="goals", db_index=False)
    rule = models.CharField(max_length=80)
    measure = models.CharField(max_length=400)

    class Meta:
        """One row a measure."""

        constraints: ClassVar = [models.UniqueConstraint("campaign", "rule", "measure", name="goal_once")]


class Progress(models.Model):
    """A tally of a member's goal: a whole number under a key (``campaigns.rules.goals`` says which).

    ``start`` is the first local day of the window, of rolling windows the day of the events, 1970-01-01 for windows
    that happen once. ``offer_id`` is the offer that it belongs to, 0 = none. Guarded by the member's lock.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    offer_id = models.BigIntegerField(default=0, db_default=0)
    start = models.DateField()
    key = models.CharField(max_length=500, default="")
    value = models.BigIntegerField()

    class Meta:
        """One row a key."""

        constraints: ClassVar = [
            models.UniqueConstraint("member", "goal", "offer_id", "start", "key", name="progress_once")
        ]


class Contribution(models.Model):
    """What an event adds to a tally, less what reversals took of it."""

    pk = models.CompositePrimaryKey("event", "progress")
    event = models.ForeignKey(Event, models.CASCADE, related_name="contributions", db_constraint=False, db_index=False)
    progress = models.ForeignKey(Progress, models.CASCADE, related_name="contributions")
    value = models.BigIntegerField()


class ReachedMilestone(models.Model):
    """An event reached a milestone: the ``number``-th that it reached. A reversal takes it back (the row goes).

    One that was lost while some of what it gave could not be taken ``stays``, and is taken back no more.

    ``offer_id`` is that of the progress. ``by`` is whose progress reached it, of a level its vehicle. ``places`` are
    those of its effects in the event's answer; a held-out member's milestone has none, but ghost awards.
    """

    pk = models.CompositePrimaryKey("event", "number")
    event = models.ForeignKey(Event, models.CASCADE, related_name="milestones", db_index=False)
    number = models.PositiveSmallIntegerField()
    member = models.ForeignKey(Member, models.CASCADE, related_name="milestones", db_index=False)
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="milestones", db_constraint=False, db_index=False)
    offer_id = models.BigIntegerField(default=0, db_default=0)
    start = models.DateField()
    by = models.CharField(max_length=500, default="")
    reach = models.BigIntegerField()
    places = ArrayField(models.PositiveSmallIntegerField())
    stays = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Found by the member and goal."""

        indexes: ClassVar = [models.Index(fields=["member", "goal", "offer_id", "start"], name="reached_by_member")]
