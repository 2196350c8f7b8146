"""Leaderboards, the contests that are held on them, who stands where, and what came out."""

from typing import ClassVar

from django.db import models
from django.db.models import F

from campaigns.models.campaigns import Campaign
from campaigns.models.events import Event
from core.models import Market, Program
from core.models.texts import Translated
from members.models import Member


class Leaderboard(Translated):
    """Where members compare scores while a campaign runs; ``by_market``: those of each market among themselves.

    The first ``top`` are shown and told; ``settle_hours`` after the end of the campaign the result is final.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="leaderboards")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="leaderboards")
    by_market = models.BooleanField(default=False)
    top = models.PositiveIntegerField()
    settle_hours = models.PositiveIntegerField()
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="leaderboard_code_once")]

    def __str__(self) -> str:
        """Name the board by its code."""
        return self.code


class Contest(models.Model):
    """A leaderboard in a market, or (without ``market``) in all of them; once closed, nothing in it changes.

    ``opened_at`` is when it came into the program; ``members`` is of how many the result is. ``closing_recorded_at``:
    when the engine knew that it was closed, on the clock of ``Event.recorded_at``.
    """

    board = models.ForeignKey(Leaderboard, models.CASCADE, related_name="contests", db_index=False)
    market = models.ForeignKey(Market, models.PROTECT, related_name="+", null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_recorded_at = models.DateTimeField(null=True, blank=True)
    members = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        """One a board and market."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["board", "market"], name="contest_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        """Name board and market."""
        return f"{self.board_id}/{self.market_id or ''}"


class ContestScore(models.Model):
    """How much a member has in a contest; ``reached_at`` is the time of the latest event that counts in it.

    Guarded by the member's lock. A member with nothing has no row.
    """

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="scores", db_constraint=False, db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    score = models.BigIntegerField()
    reached_at = models.DateTimeField()

    class Meta:
        """Found by member, and counted in the order of ranks without reading the rows."""

        constraints: ClassVar = [
            models.UniqueConstraint("member", "contest", name="contest_score_once"),
            models.CheckConstraint(name="contest_score_is_something", condition=models.Q(score__gt=0)),
        ]
        indexes: ClassVar = [models.Index("contest", F("score").desc(), "reached_at", "member", name="contest_rank")]


class ContestEntry(models.Model):
    """What an effect of an event adds to a score, less what reversals took of it; ``place`` is that in its answer."""

    pk = models.CompositePrimaryKey("event", "place")
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    place = models.PositiveSmallIntegerField()
    contest = models.ForeignKey(Contest, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    value = models.BigIntegerField()
    time = models.DateTimeField()

    class Meta:
        """The latest of a member in a contest is found by index."""

        indexes: ClassVar = [models.Index("member", "contest", F("time").desc(), name="contest_entry_latest")]


class ContestResult(models.Model):
    """Where one of the first stood when a contest closed; rows are only added."""

    pk = models.CompositePrimaryKey("contest", "rank")
    contest = models.ForeignKey(Contest, models.CASCADE, related_name="results", db_index=False)
    rank = models.PositiveIntegerField()
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    score = models.BigIntegerField()
    reached_at = models.DateTimeField()
