"""What awards of an interval should have been: the differences, award by award, net of what was taken back since."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from campaigns.rules.judgement import Award, Judgement
from campaigns.rules.kinds import THING
from campaigns.rules.replay_takebacks import Back
from campaigns.rules.takebacks import awarded, unit_of
from campaigns.selectors.replays import Stored
from campaigns.services.replaying import Known
from campaigns.services.returns import Payments, payments_of
from campaigns.services.shelf import Shelf

STORED = """
    SELECT e.id, e.member_id, o.answer->'effects' FROM campaigns_event e JOIN campaigns_outcome o ON o.event_id = e.id
    WHERE e.id = ANY(%s)
"""
REVERSED = """
    SELECT DISTINCT t.event_id, t.member_id FROM ledger_transfer r JOIN ledger_transfer t ON t.id = r.reverses_id
    WHERE r.event_id = ANY(%s) AND t.event_id IS NOT NULL AND t.member_id IS NOT NULL
"""
AT_ONCE = 2_000


class Named(NamedTuple):
    """What tells awards of an event apart: those alike are compared in their order."""

    kind: str
    campaign: str
    rule: str
    unit: str
    by_milestone: bool


@dataclass(slots=True)
class Right:
    """An award as it should have been, by the place that it has in the replay."""

    named: Named
    place: int
    gross: int
    expires_on: date | None
    payers: list[tuple[int, int]]


class Difference(NamedTuple):
    """An award that is to change; ``place`` in the stored answer. See ``campaigns.models.Rerated``."""

    event_id: int
    member_id: int
    place: int
    named: Named
    before: int
    after: int
    difference: int
    is_new: bool
    expires_on: date | None
    payers: list[tuple[int, int]]


@dataclass(slots=True)
class Corrections:
    """Watches a replay by the corrected version and finds what differs from what was given."""

    right: dict[int, list[Right]] = field(default_factory=dict)  # by event, of those that may differ
    taken: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))  # by event and place
    reversals: list[int] = field(default_factory=list)  # that took something else

    def judged(self, row: Stored, _member: Known, judgement: Judgement) -> None:
        """An event of the interval was judged."""
        right = [_right(award, place) for place, award in enumerate(judgement.awards) if award.wish.unit != THING]
        gross = sorted((one.named, one.gross) for one in right)
        if gross != sorted(_values(row.answer.get("effects", ()))):
            self.right[row.event_id] = right

    def reversed(self, row: Stored, _member: Known, back: Back) -> None:
        """A reversal was worked."""
        values = []
        for kept, taking, forgiven in back.taken:
            if taking.unit != THING:
                self.taken[kept.event.event_id, taking.place] += taking.amount - forgiven
                values.append((_named(taking.effect, taking.unit), forgiven - taking.amount))
        if sorted(values) == sorted(_values(row.answer.get("effects", ()))):
            return
        self.reversals.append(row.event_id)
        for kept, _taking, _forgiven in back.taken:
            self._remember(kept.event.event_id, kept.effects)

    def missed(self, row: Stored, _member: Known) -> None:
        """What followed from an event stays as it is."""

    def skipped(self, row: Stored) -> None:
        """Members that are no more have nothing to be corrected."""

    def _remember(self, event_id: int, effects: Sequence[Mapping[str, Any]]) -> None:
        """Have an event compared whose own award was right."""
        if event_id in self.right:
            return
        right = []
        for place, effect in enumerate(effects):
            unit = unit_of(effect)
            if unit and unit != THING:
                expires_on = date.fromisoformat(effect["expires_on"]) if effect.get("expires_on") else None
                right.append(Right(_named(effect, unit), place, awarded(effect, unit), expires_on, []))
        self.right[event_id] = right

    def find(self, members: Shelf[Known]) -> Iterator[Difference]:
        """All differences, in order of events; a fixed number of queries for so many events."""
        for event_id, member_id in _originals(self.reversals):
            members.fetch({member_id})
            known = members.get(member_id)
            if known and known.member.kept and event_id in known.member.kept:
                self._remember(event_id, known.member.kept[event_id].effects)
            members.put_away()
        ids = sorted(self.right)
        for first in range(0, len(ids), AT_ONCE):
            yield from self._compare(ids[first : first + AT_ONCE])

    def _compare(self, ids: Sequence[int]) -> Iterator[Difference]:
        paid = payments_of(ids)
        for event_id, member_id, effects in _stored(ids):
            given = _Given(event_id, member_id, effects, paid)
            for right in self.right[event_id]:
                yield from given.corrected(right, right.gross - self.taken[event_id, right.place])
            yield from given.rest()


class _Given:
    """What an event gave, with what is left of it; taken up award by award."""

    def __init__(self, event_id: int, member_id: int, effects: Sequence[Mapping[str, Any]], paid: Payments) -> None:
        self.event_id, self.member_id, self.effects, self.paid = event_id, member_id, effects, paid
        self.places: defaultdict[Named, list[int]] = defaultdict(list)
        self.fresh = len(effects)
        for place, effect in enumerate(effects):
            unit = unit_of(effect)
            if unit and unit != THING:
                self.places[_named(effect, unit)].append(place)

    def corrected(self, right: Right, net: int) -> Iterator[Difference]:
        """How the award that is like this one changes, or that it is missing."""
        if places := self.places.get(right.named):
            place = places.pop(0)
            before, left, is_new = awarded(self.effects[place], right.named.unit), self.left(place), False
        else:
            place, before, left, is_new = self.fresh, 0, 0, True
        if net != left:
            self.fresh += is_new
            yield Difference(
                self.event_id, self.member_id, place, right.named, before, right.gross, net - left, is_new,
                right.expires_on, right.payers,
            )  # fmt: skip

    def rest(self) -> Iterator[Difference]:
        """Awards that should not have been."""
        for named, places in self.places.items():
            for place in places:
                if left := self.left(place):
                    before = awarded(self.effects[place], named.unit)
                    yield Difference(
                        self.event_id, self.member_id, place, named, before, 0, -left, is_new=False, expires_on=None,
                        payers=[],
                    )  # fmt: skip

    def left(self, place: int) -> int:
        """What returns have left of an award."""
        return sum(payment.left for payment in self.paid.get((self.event_id, place), ()))


def _right(award: Award, place: int) -> Right:
    wish = award.wish
    named = Named(wish.kind, award.campaign.code, award.rule.code, wish.unit, award.reached is not None)
    return Right(named, place, award.amount, wish.expires_on, [(p.account_id, p.amount) for p in award.payments])


def _named(effect: Mapping[str, Any], unit: str) -> Named:
    return Named(effect["kind"], effect["campaign"], effect["rule"], unit, "reach" in effect)


def _values(effects: Sequence[Mapping[str, Any]]) -> list[tuple[Named, int]]:
    units = ((effect, unit_of(effect)) for effect in effects)
    return [(_named(effect, unit), awarded(effect, unit)) for effect, unit in units if unit and unit != THING]


def _stored(ids: Sequence[int]) -> list[tuple[int, int, list[dict[str, Any]]]]:
    with connection.cursor() as cursor:
        cursor.execute(STORED, [list(ids)])
        return [(pk, member_id, json.loads(effects)) for pk, member_id, effects in cursor.fetchall()]


def _originals(reversals: Sequence[int]) -> list[tuple[int, int]]:
    """Events, and whose they are, of which these reversals took something."""
    if not reversals:
        return []
    with connection.cursor() as cursor:
        cursor.execute(REVERSED, [list(reversals)])
        return list(cursor.fetchall())
