"""A member as its events are worked again in memory: what the engine keeps in tables is kept here.

``prepare`` before an event is judged, ``keep`` after it; ``replay_takebacks`` takes events back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from campaigns.rules.answers import effect_body
from campaigns.rules.definitions import Goal
from campaigns.rules.judgement import Judgement
from campaigns.rules.kinds import THING
from campaigns.rules.lifts import Change
from campaigns.rules.replay_wallets import Holdings
from campaigns.rules.state import JudgedEvent, MemberState
from members.rules.facts import year_start
from members.rules.tiers import Rung
from members.rules.windows import DayEntry, Sums

type Cells = dict[tuple[int, int], list[int]]  # by type and outlet: occurrences, events, amount, status points


@dataclass(frozen=True, slots=True)
class Needs:
    """What the rules ask for, so that only that is kept."""

    calendar_year: bool
    visits: bool
    previous: bool
    wallets: bool
    dealers: Mapping[int, str]


@dataclass(slots=True)
class KeptReach:
    """A milestone that an event reached, with the places of its effects."""

    number: int
    goal_id: int
    start: date
    by: str
    reach: int
    places: list[int]
    offer_id: int = 0
    stays: bool = False  # it was lost, but what it gave could not be taken


@dataclass(slots=True)
class KeptGhost:
    """What a held-out member would have been given; ``milestone`` None = no goal stands behind it."""

    campaign: str
    rule: str
    unit: str
    judged: int
    amount: int
    milestone: int | None
    offer_id: int = 0


@dataclass(slots=True)
class Kept:
    """An event that may yet be taken back, with all that it did. ``left``: of its amount, in minor units."""

    event: JudgedEvent
    left: int
    effects: list[dict[str, Any]]
    payments: dict[int, list[list[int]]]  # by place of the effect: account, amount, what is left of it
    parts: list[tuple[Goal, int, date, str, int]]  # goal, offer, first day of the window, key, value
    reached: list[KeptReach]
    ghosts: list[KeptGhost]
    is_gone: bool = False


@dataclass(slots=True)
class Replayed:
    """One member. ``kept`` None: none of its events is ever taken back."""

    state: MemberState
    kept: dict[int, Kept] | None
    days: dict[date, Cells] = field(default_factory=dict)
    counters: dict[Any, int] = field(default_factory=dict)
    badges_by: dict[tuple[str, str], int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    grants: dict[tuple[int, int], tuple[Rung, date]] = field(default_factory=dict)  # by event and place: until when
    holdings: Holdings = field(default_factory=Holdings)

    def prepare(self, event: JudgedEvent, needs: Needs) -> None:
        """Have the sums and other facts of the event's day."""
        state, latest = self.state, self.state.latest_day
        wanted = {event.day} | ({date(event.day.year, 12, 31)} if needs.calendar_year else set())
        for day in [day for day in state.sums if day != latest and day not in wanted]:
            del state.sums[day]
        for day in wanted - state.sums.keys():
            state.sums[day] = self.summed(day)
        if needs.previous:
            state.previous_on = {(event.type_code, event.day): self._previous(event)}
        if needs.visits:
            state.visits = {event.day: self._visits(event.day, needs.dealers)}
        if needs.wallets:
            self.holdings.settle(event.program_day)
            self.holdings.show(state)

    def summed(self, day: date) -> Sums:
        """The windows that end on a day."""
        sums, first = Sums(day), min(year_start(day), date(day.year, 1, 1))
        for one, cells in self.days.items():
            if first <= one <= day:
                sums.add(_total(one, cells))
        return sums

    def _previous(self, event: JudgedEvent) -> date:
        days = (
            day
            for day, cells in self.days.items()
            if day < event.day and any(key[0] == event.type_id and cell[0] > 0 for key, cell in cells.items())
        )
        return max(days, default=date.min)

    def _visits(self, day: date, dealers: Mapping[int, str]) -> tuple[set[int], set[str]]:
        first = year_start(day)
        outlets = {
            outlet
            for one, cells in self.days.items()
            if first <= one <= day
            for (_, outlet), cell in cells.items()
            if outlet and cell[1] > 0
        }
        return outlets, {dealers.get(outlet, "") for outlet in outlets} - {""}

    # -- after an event -----------------------------------------------------------------------

    def keep(self, judgement: Judgement, needs: Needs, change_id: int) -> None:
        """Keep what an event left behind; its tier under the number of the change."""
        event = judgement.event
        if judgement.entry:
            self.add_day(judgement.entry)
        if judgement.tier:
            before = judgement.tier_before or judgement.tier
            self.changes.append(Change(before, judgement.tier, False, True, event.day, change_id))  # noqa: FBT003
        if judgement.lifted:
            before = judgement.tier or judgement.tier_before or judgement.lifted
            self.changes.append(Change(before, judgement.lifted, False, True, event.day, change_id))  # noqa: FBT003
        for place, award in enumerate(judgement.awards):
            if award.wish.kind == "tier" and award.wish.rung and award.wish.expires_on:
                self.grants[event.event_id, place] = award.wish.rung, award.wish.expires_on
            elif award.wish.kind == "badge":
                self.badges_by[award.wish.code, award.wish.once] = event.event_id
            elif needs.wallets and award.wish.unit not in {THING, "status"}:
                self.holdings.give(award)
        if self.kept is not None:
            self.kept[event.event_id] = _kept(judgement)

    def add_day(self, entry: DayEntry) -> None:
        """Add to a day, or take (negative) from it."""
        cell = self.days.setdefault(entry.day, {}).setdefault((entry.type_id, entry.outlet_id), [0, 0, 0, 0])
        cell[0] += entry.occurrences
        cell[1] += entry.events
        cell[2] += entry.amount
        cell[3] += entry.status_points

    def active_days(self) -> Iterator[date]:
        """Days with qualifying events."""
        return (day for day, cells in self.days.items() if any(cell[1] > 0 for cell in cells.values()))


def _total(day: date, cells: Cells) -> DayEntry:
    values = list(cells.values())
    return DayEntry(day, 0, 0, 0, sum([v[1] for v in values]), sum([v[2] for v in values]), sum([v[3] for v in values]))


def _kept(judgement: Judgement) -> Kept:
    event, awards = judgement.event, judgement.awards
    numbers = {id(one): number for number, one in enumerate(judgement.reached)}
    return Kept(
        event=event,
        left=event.amount_minor or 0,
        effects=[effect_body(award) for award in awards],
        payments={n: [[account, amount, amount] for account, amount in a.payments] for n, a in enumerate(awards)},
        parts=[(one.goal, one.offer_id, one.start, one.key, one.value) for one in judgement.added],
        reached=_reached(judgement),
        ghosts=[
            KeptGhost(
                ghost.campaign.code,
                ghost.rule.code,
                ghost.wish.unit,
                ghost.amount,
                ghost.amount,
                numbers.get(id(ghost.reached)),
                ghost.offer.offer_id if ghost.offer else 0,
            )
            for ghost in judgement.ghosts
        ],
    )


def _reached(judgement: Judgement) -> list[KeptReach]:
    awards: Sequence[Any] = judgement.awards
    return [
        KeptReach(
            number,
            one.goal.goal_id,
            one.start,
            one.by,
            one.milestone.reach,
            [place for place, award in enumerate(awards) if award.reached is one],
            one.offer.offer_id if one.offer else 0,
        )
        for number, one in enumerate(judgement.reached)
    ]
