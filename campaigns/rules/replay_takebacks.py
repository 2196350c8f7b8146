"""Taking events back in memory: what ``services.takebacks`` does to tables, done to a replayed member."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from campaigns.rules.definitions import Goal, Kind, Per
from campaigns.rules.goal_losses import left, lose
from campaigns.rules.judgement import window_name
from campaigns.rules.kinds import THING
from campaigns.rules.lifts import Change, best_since, fall_all, lifts_of, stands
from campaigns.rules.limits import TIMES, CounterKey, bucket, own_offer
from campaigns.rules.replay import Kept, KeptReach, Needs, Replayed
from campaigns.rules.replay_offers import reopen
from campaigns.rules.state import Program, Shared, TypeCount
from campaigns.rules.takebacks import Cut, Taken, divide, ghost_effect, is_final, taken, taken_whole
from members.rules.tiers import Rung, highest_met
from members.rules.windows import DayEntry

STATUS = {"points", "status_points"}  # kinds of effects that count toward the tier


@dataclass(frozen=True, slots=True)
class Reversed:
    """A reversal as it was accepted; ``amount`` in minor units of the original, None: it has no amount."""

    event_id: int
    time: datetime
    day: date
    original_id: int
    amount: int | None


@dataclass(slots=True)
class Back:
    """What was taken: by the event that had got it (its own, or one whose milestone is no longer reached)."""

    taken: list[tuple[Kept, Taken, int]] = field(default_factory=list)  # with how much of it was forgiven
    lost: list[tuple[Kept, KeptReach]] = field(default_factory=list)
    tier_before: Rung | None = None
    tier: Rung | None = None  # set where the member came down
    undone: list[int] = field(default_factory=list)  # changes of tier that fell


def take_back(  # noqa: PLR0917  # what is taken, and all that it touches
    member: Replayed, one: Reversed, program: Program, goals: Mapping[int, Goal], shared: Shared, needs: Needs
) -> Back:
    """Take an event back, with everything that it gave. ``goals`` as they are in force, by number."""
    return _Taking(member, one, program, goals, shared, needs).work()


class _Taking:
    """One reversal of one member."""

    def __init__(  # noqa: PLR0917  # private: called in one place
        self,
        member: Replayed,
        one: Reversed,
        program: Program,
        goals: Mapping[int, Goal],
        shared: Shared,
        needs: Needs,
    ) -> None:
        self.member, self.one, self.program, self.goals = member, one, program, goals
        self.shared, self.needs = shared, needs
        self.every = member.kept or {}
        self.kept = self.every[one.original_id]
        whole = self.kept.event.amount_minor or 0
        self.cut = Cut(whole, self.kept.left, self.kept.left - (one.amount or 0))
        self.today = one.time.astimezone(program.zone).date()
        self.back = Back(tier_before=member.state.tier)

    def work(self) -> Back:
        """Take it all, in the order of the real one."""
        kept, cut = self.kept, self.cut
        own = taken(kept.effects, cut)
        if self.needs.wallets:
            self.member.holdings.settle(self.today)
        self._lose_goals()
        self._lose_days(own)
        lost = [(of, reach, taken_whole(of.effects, reach.places)) for of, reach in self.back.lost]
        self._lose_badges(own, [(of, reach, takings) for of, reach, takings in lost])
        for of, takings in [(kept, own), *((of, takings) for of, _, takings in lost)]:
            for taking in takings:
                self.member.grants.pop((of.event.event_id, taking.place), None)
        ghosts = self._shrink_ghosts()
        kept.left, kept.is_gone = cut.after, cut.is_full
        self._restore_facts()
        self._undo_tiers()
        freed = [one for one in own if not self._is_final(one)]
        self._free(kept, [*freed, *ghosts], freed, is_full=cut.is_full)
        for of, reach, takings in lost:
            mine = [one for one in of.ghosts if one.milestone == reach.number]
            of.ghosts = [one for one in of.ghosts if one.milestone != reach.number]
            gone = [Taken(-1, ghost_effect(one.campaign, one.rule, one.offer_id), one.unit, one.amount) for one in mine]
            self._free(of, [*takings, *gone], takings, is_full=True)
        for of, takings in [(kept, own), *((of, takings) for of, _, takings in lost)]:
            self.back.taken += [(of, one, self._return(of, one)) for one in takings]
        self._stay()
        self._reopen_offers()
        return self.back

    # -- goals --------------------------------------------------------------------------------

    def _lose_goals(self) -> None:
        """Let goals lose what the event had added."""
        windows: dict[tuple[int, int, date], dict[str, int]] = {}
        known: dict[int, Goal] = {}
        parts = []
        for then, offer_id, start, key, value in self.kept.parts:
            goal = known[then.goal_id] = self.goals.get(then.goal_id, then)
            remains = left(goal, value, self.cut)
            if remains:
                parts.append((then, offer_id, start, key, remains))
            if remains != value:
                windows.setdefault((goal.goal_id, offer_id, start), {})[key] = value - remains
        self.kept.parts = parts
        for (goal_id, offer_id, start), cuts in sorted(windows.items()):
            self._lose_window(known[goal_id], offer_id, start, cuts)

    def _lose_window(self, goal: Goal, offer_id: int, start: date, cuts: Mapping[str, int]) -> None:
        state = self.member.state.goal(goal.goal_id, offer_id)
        if goal.kind is Kind.LEVEL:
            after = {key: self._highest((goal.goal_id, offer_id, start, key)) for key in cuts}
        else:
            after = {key: state.tallies[start][key] - gone for key, gone in cuts.items()}
        for (day, by, reach), times in lose(goal, state, start, after).items():
            self._give_up((goal.goal_id, offer_id, day, by, reach), times)

    def _highest(self, tally: tuple[int, int, date, str]) -> int:
        """What remains the highest contribution of a level."""
        values = (
            value
            for kept in self.every.values()
            for goal, offer_id, day, name, value in kept.parts
            if (goal.goal_id, offer_id, day, name) == tally
        )
        return max(values, default=0)

    def _give_up(self, milestone: tuple[int, int, date, str, int], times: int) -> None:
        """Forget milestones, the latest first."""
        rows = [
            (kept.event.event_id, one.number, kept, one)
            for kept in self.every.values()
            for one in kept.reached
            if (one.goal_id, one.offer_id, one.start, one.by, one.reach) == milestone
        ]
        for _, _, kept, one in sorted(rows, key=lambda row: (not row[3].stays, *row[:2]), reverse=True)[:times]:
            takings = taken_whole(kept.effects, one.places)
            if one.stays or any(taking.amount and self._is_final(taking) for taking in takings):
                self.back.taken += [(kept, t, t.amount) for t in takings if t.unit != THING and not one.stays]
                self._keep(one)
                continue
            kept.reached.remove(one)
            self.back.lost.append((kept, one))

    def _keep(self, one: KeptReach) -> None:
        """A milestone stays reached."""
        one.stays = True
        times = self.member.state.goal(one.goal_id, one.offer_id).reached.setdefault(one.start, {})
        times[one.by, one.reach] = times.get((one.by, one.reach), 0) + 1

    def _stay(self) -> None:
        """Milestones of which something was forgiven stay reached."""
        value = [(of, one) for of, one, amount in self.back.taken if amount and one.unit != THING]
        forgiven = {(of.event.event_id, one.place) for of, one in value}
        for kept, one in list(self.back.lost):
            if any((kept.event.event_id, place) in forgiven for place in one.places):
                self.back.lost.remove((kept, one))
                kept.reached.append(one)
                self._keep(one)

    def _reopen_offers(self) -> None:
        """Offers that were completed by what is taken are open again."""
        lost = [(kept.event.event_id, one.goal_id, one.offer_id) for kept, one in self.back.lost if one.offer_id]
        own = [(self.kept.event.event_id, 0, 0)] if self.cut.is_full else []
        reopen(self.member.state, [*own, *lost])

    # -- days, badges, facts ------------------------------------------------------------------

    def _lose_days(self, own: Iterable[Taken]) -> None:
        event, cut = self.kept.event, self.cut
        gone = -int(cut.is_full)
        self.member.add_day(
            DayEntry(
                event.day,
                event.type_id,
                event.outlet.outlet_id if event.outlet else 0,
                gone,
                gone if event.qualifying else 0,
                -cut.base(event.amount_base or 0) if event.qualifying else 0,
                -_status(own),
            )
        )
        for kept, reach in self.back.lost:
            outlet = kept.event.outlet.outlet_id if kept.event.outlet else 0
            points = _status(taken_whole(kept.effects, reach.places))
            self.member.add_day(DayEntry(kept.event.day, kept.event.type_id, outlet, 0, 0, 0, -points))

    def _lose_badges(self, own: Iterable[Taken], lost: Iterable[tuple[Kept, KeptReach, list[Taken]]]) -> None:
        given = [(self.kept, "", one) for one in own]
        given += [
            (kept, window_name(r.goal_id, r.start, r.by, r.offer_id), one)
            for kept, r, takings in lost
            for one in takings
        ]
        for kept, window, one in given:
            for once in {"", window} if one.effect["kind"] == "badge" else ():
                name = (str(one.effect["badge"]), once)
                if self.member.badges_by.get(name) == kept.event.event_id:
                    del self.member.badges_by[name]
                    self.member.state.badges.discard(name)

    def _shrink_ghosts(self) -> list[Taken]:
        """What a held-out member would have been given shrinks alike."""
        found, remaining = [], []
        for ghost in self.kept.ghosts:
            if ghost.milestone is None:
                share = Fraction(ghost.judged * self.cut.after, self.cut.original or 1)
                kept = -(-share.numerator // share.denominator)
                gone = ghost.amount - kept
                found.append(Taken(-1, ghost_effect(ghost.campaign, ghost.rule, ghost.offer_id), ghost.unit, gone))
                ghost.amount = kept
            if ghost.milestone is not None or ghost.amount:
                remaining.append(ghost)
        self.kept.ghosts = remaining
        return found

    def _restore_facts(self) -> None:
        """Sums anew from the days; types that lost an event are counted anew."""
        member, event = self.member, self.kept.event
        state = member.state
        if self.cut.is_full:
            times = [
                kept.event.time
                for kept in self.every.values()
                if kept.event.type_id == event.type_id and not kept.is_gone
            ]
            before = state.type_counts[event.type_code].occurrences
            first, last = min(times, default=None), max(times, default=None)
            state.type_counts[event.type_code] = TypeCount(before - 1, first, last)
        state.last_active_on = max(member.active_days(), default=None)
        if state.latest_day:
            state.sums = {state.latest_day: member.summed(state.latest_day)}

    # -- tier ---------------------------------------------------------------------------------

    def _undo_tiers(self) -> None:
        """Upgrades that nothing supports any more fall at once."""
        member, state = self.member, self.member.state
        lifts = lifts_of(member.changes) if self.program.ladder else []
        if not lifts or stands(lifts[0], best_since(lifts[0].day, self._met({lift.day for lift in lifts}))):
            return
        days = {lift.day for lift in lifts} | {day for day in member.days if day >= lifts[-1].day}
        before = state.tier
        state.tier, self.back.undone = fall_all(before, lifts, self._met(days))
        if before and state.tier and state.tier is not before:
            self.back.tier = state.tier
            member.changes.append(Change(before, state.tier, False, False, self.one.day, 0))  # noqa: FBT003

    def _met(self, days: Iterable[date]) -> dict[date, Rung | None]:
        sums = {day: self.member.summed(day) for day in days} | self.member.state.sums
        yearly = self.program.calendar_year
        met = {day: highest_met(self.program.ladder, one.progress(calendar_year=yearly)) for day, one in sums.items()}
        if granted := [rung for rung, until in self.member.grants.values() if until >= self.one.day]:
            met[date.max] = max(granted, key=lambda rung: rung.rank)
        return met

    # -- limits and value ---------------------------------------------------------------------

    def _free(self, kept: Kept, own: list[Taken], totals: list[Taken], *, is_full: bool) -> None:
        """Count less in every limit that counted these."""
        event = kept.event
        for counters, member_id, day, takings in (
            (self.member.counters, event.member_id, event.day, own),
            (self.shared.tally.counters, 0, event.program_day, totals),
        ):
            for campaign_id, rule, unit, offer_id, amount in self._parts(takings, is_full=is_full):
                for per in Per:
                    offer = own_offer(per, offer_id) if member_id else 0
                    key = CounterKey(member_id, campaign_id, rule, per, bucket(per, day), unit, offer)
                    if key in counters:
                        counters[key] = max(0, counters[key] - amount)

    def _parts(self, takings: Iterable[Taken], *, is_full: bool) -> Iterator[tuple[int, str, str, int, int]]:
        ids = {campaign.code: campaign.campaign_id for rules in self.program.rules.values() for campaign, _ in rules}
        takings = [one for one in takings if one.effect["campaign"] in ids]
        for campaign, rule, offer_id in {one.whose for one in takings} if is_full else ():
            yield ids[campaign], rule, TIMES, offer_id, 1
            yield ids[campaign], "", TIMES, offer_id, 1
        for one in takings:
            if one.limited_unit != THING:
                campaign, rule, offer_id = one.whose
                yield ids[campaign], rule, one.limited_unit, offer_id, one.amount
                yield ids[campaign], "", one.limited_unit, offer_id, one.amount

    def _return(self, kept: Kept, one: Taken) -> int:
        """Give value back to who paid; how much of it is forgiven instead."""
        if one.unit in {THING, "status"}:
            return one.amount if self._is_closed(one.effect) else 0
        forgiven = 0
        if self.needs.wallets:
            forgiven = self.member.holdings.take_back(one.effect, one.unit, one.amount, self.program.reversal)
            self.member.holdings.show(self.member.state)
        payments = kept.payments.get(one.place, [])
        for payment, part in zip(
            payments, divide(one.amount - forgiven, [(p[1], p[2]) for p in payments]), strict=True
        ):
            payment[2] -= part
            if (have := self.shared.left.get(payment[0])) is not None:
                self.shared.left[payment[0]] = have + part
        return forgiven

    def _is_final(self, one: Taken) -> bool:
        """Whether it is the member's for good."""
        return is_final(one.effect, self.program.reversal, self.today)

    def _is_closed(self, effect: Mapping[str, Any]) -> bool:
        """Whether it entered a contest that is closed."""
        board = self.program.boards.get(effect["board"]) if effect["kind"] == "entry" else None
        course = board.courses.get(effect["market"] or "") if board else None
        return course is not None and course.contest_id in self.shared.closed


def _status(takings: Iterable[Taken]) -> int:
    return sum(one.amount for one in takings if one.effect["kind"] in STATUS)
