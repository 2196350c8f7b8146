"""The engine's decision: facts in, effects and trace out. No I/O, no clock, no chance.

``judge`` moves the state as it goes, so that the next event of a batch sees what this one did.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from campaigns.rules import amounts
from campaigns.rules.climbs import climb, lift
from campaigns.rules.contributions import added
from campaigns.rules.definitions import (
    CampaignRules,
    Cashback,
    Effect,
    EntryEffect,
    Expiry,
    Goal,
    Multiply,
    Points,
    Rule,
    Unavailable,
)
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import HELD_OUT, Gates
from campaigns.rules.goal_standing import standings
from campaigns.rules.goal_state import advance
from campaigns.rules.goal_windows import window_start
from campaigns.rules.judgement import (
    Addition,
    Award,
    Firing,
    Ghost,
    Judgement,
    Line,
    Payment,
    Reached,
    Refused,
    Wish,
)
from campaigns.rules.kinds import THING
from campaigns.rules.limits import POINTS, TIMES, LimitedKey, count, limited_keys, room
from campaigns.rules.offer_takers import OfferTakers, complete_offers
from campaigns.rules.offers import OpenOffer
from campaigns.rules.paying import Lacking, pay
from campaigns.rules.state import JudgedEvent, MemberState, Program, Shared
from campaigns.rules.things import KINDS, THINGS, Occasion
from members.rules.catalogue import FactType
from members.rules.windows import DayEntry


def judge(  # all that a decision may depend on
    event: JudgedEvent,
    member: MemberState,
    *,
    program: Program,
    shared: Shared,
    types: Mapping[str, FactType],
    today: date,
) -> Judgement:
    """Decide about one event and move the state. ``today`` is the accounting day, for points that are pending."""
    return Judging(event, member, program, shared, types, today).judge()


class Judging:
    """One decision."""

    def __init__(  # noqa: PLR0917  # private: called in one place
        self,
        event: JudgedEvent,
        member: MemberState,
        program: Program,
        shared: Shared,
        types: Mapping[str, FactType],
        today: date,
    ) -> None:
        self.event, self.member, self.program = event, member, program
        self.shared, self.today = shared, today
        self.facts = EventFacts(event, member, program, types)
        self.result = Judgement(event, tier_before=member.tier)
        self.gates = Gates(event, member, program, self.facts)
        self.takers = OfferTakers(event, program, self.gates, self.facts)
        self.multipliers: list[tuple[Firing, Multiply]] = []
        self.entries: list[tuple[Firing, EntryEffect]] = []

    def judge(self) -> Judgement:
        """Try the rules in order, multipliers last, then what counts the points; then let the event count."""
        for campaign, rule in self.program.rules.get(self.event.type_code, ()):
            self._try(campaign, rule)
        self._multiply()
        self._enter()
        complete_offers(self.result)
        self._settle()
        return self.result

    # -- does the rule fire? ------------------------------------------------------------------

    def _try(self, campaign: CampaignRules, rule: Rule) -> None:
        line = Line(campaign, rule)
        self.result.lines.append(line)
        reason, line.failed = self.gates(campaign)
        if reason and reason != HELD_OUT:
            line.reason = reason
            return
        if campaign.offer:
            taken = self.takers(campaign, rule, campaign.offer)
            line.reason, line.failed = taken.reason, taken.failed
            for offer in taken.offers:
                self._run(line, rule, ghost=offer.held_out, offer=offer)
            return
        failed = rule.when(self.facts) if rule.when else None
        if reason:
            line.reason = reason
        elif failed:
            line.reason, line.failed = "condition", failed
        if not failed:
            self._run(line, rule, ghost=bool(reason))

    def _run(self, line: Line, rule: Rule, *, ghost: bool, offer: OpenOffer | None = None) -> None:
        """Let a rule fire, or its goal grow."""
        if rule.goal:
            self._advance(line, rule.goal, ghost=ghost, offer=offer)
        else:
            self._fire(line, rule.effects, ghost=ghost, offer=offer)

    # -- how far does it lead? ----------------------------------------------------------------

    def _advance(self, line: Line, goal: Goal, *, ghost: bool, offer: OpenOffer | None) -> None:
        """Let a goal grow; each milestone that this reaches fires. Held-out members' goals grow unseen."""
        if not ghost and not line.firings:
            line.reason = "goal-progress"
        event, member = self.event, self.member
        start = window_start(goal.window, day=event.day, at=event.time, enrolled_at=member.enrolled_at)
        if start is None:
            return
        parts = added(goal, event, self.facts, self.program.rates)
        offer_id = offer.offer_id if offer else 0
        self.result.added += [Addition(goal, start, key, value, offer_id) for key, value in parts.items()]
        for by, milestone in advance(goal, start, parts, member.goal(goal.goal_id, offer_id)):
            reached = Reached(line.campaign, line.rule, goal, milestone, start, by, ghost, offer)
            self.result.reached.append(reached)
            self._fire(line, milestone.effects, ghost=ghost, reached=reached, offer=offer)
        if not ghost:
            self.result.goals += standings(
                line.campaign, line.rule, goal, member, start=start, day=event.day, owners=parts, offer=offer
            )

    # -- what does it give? -------------------------------------------------------------------

    def _fire(
        self,
        line: Line,
        effects: Sequence[Effect],
        *,
        ghost: bool,
        reached: Reached | None = None,
        offer: OpenOffer | None = None,
    ) -> None:
        keys = limited_keys(
            line.campaign,
            line.rule,
            member_id=self.member.member_id,
            member_day=self.event.day,
            program_day=self.event.program_day,
            offer_id=offer.offer_id if offer else 0,
        )
        firing = Firing(line, [key for key in keys if key.key.member_id] if ghost else keys, ghost, reached, offer)
        line.firings.append(firing)
        for effect in effects:
            if isinstance(effect, Multiply):
                self.multipliers.append((firing, effect))
            elif isinstance(effect, EntryEffect) and effect.score == POINTS:
                self.entries.append((firing, effect))
            elif (wish := self._wish(effect, reached)) is not None:
                self._give(firing, wish)
        _close(firing)

    def _wish(self, effect: Effect, reached: Reached | None) -> Wish | None:
        """What an effect means to give; None where there is nothing to give."""
        match effect:
            case Points():
                desired = amounts.points(effect, self.event, self.program.rates)
                kind, unit = ("status_points", "status") if effect.status else (POINTS, POINTS)
                return self._points_wish(kind, unit, desired, effect.expiry, effect.pending_days) if desired else None
            case Cashback():
                currency = self.member.market.currency
                money = amounts.cashback(effect, self.event, currency, self.program.rates)
                return None if money == 0 else Wish("cashback", currency, money)
            case Unavailable(kind):
                return Wish(kind, "", None)
        return THINGS[KINDS[type(effect)]].wish(effect, self._occasion(reached))

    def _occasion(self, reached: Reached | None) -> Occasion:
        return Occasion(self.event, self.member, self.program, self.shared, reached)

    def _points_wish(  # private
        self, kind: str, unit: str, desired: int, expiry: Expiry, pending_days: int
    ) -> Wish:
        available_on = self.event.program_day + timedelta(days=pending_days)
        return Wish(
            kind,
            unit,
            desired,
            expires_on=amounts.expires_on(expiry, self.event.program_day),
            available_on=available_on if available_on > self.today and unit == POINTS else None,
        )

    def _give(self, firing: Firing, wish: Wish) -> None:
        """Cut a wish at the limits, find who pays, and award it."""
        if wish.desired is None:
            self.result.is_short |= wish.scarce
            self._refuse(firing, wish, "not-available")
            return
        if wish.unit != THING:
            firing.line.wanted(wish)
        amount = self._within_limits(firing, wish)
        if not amount:
            self._refuse(firing, wish, "limit")
            return
        payments = [] if firing.ghost else self._payments(firing, wish, amount)
        if isinstance(payments, Lacking):
            self.result.is_short = True
            self._refuse(firing, wish, "budget", payments)
            return
        self._award(firing, wish, amount, payments)

    def _payments(self, firing: Firing, wish: Wish, amount: int) -> list[Payment] | Lacking:
        """Who pays an award: for its value, or for what a thing costs."""
        unit, price = wish.charge or (wish.unit, amount)
        return pay(firing.line.campaign, unit, price, self.event, self.member, self.shared)

    def _within_limits(self, firing: Firing, wish: Wish) -> int:
        """What the limits leave of a wish."""
        tally, desired = self.shared.tally, wish.desired or 0
        if not firing.counted and room(firing.keys, tally, TIMES) == 0:
            self.result.is_short |= room(_totals(firing.keys), tally, TIMES) == 0
            return 0
        unit = POINTS if wish.unit == "status" else wish.unit
        left = room(firing.keys, tally, unit)
        granted = desired if left is None else min(desired, left)
        self.result.is_short |= granted < desired and bool(_totals(firing.keys))
        return granted

    def _award(self, firing: Firing, wish: Wish, amount: int, payments: list[Payment]) -> None:
        line = firing.line
        tally = self.shared.tally
        if not firing.counted:
            count(firing.keys, tally, TIMES, 1)
            firing.counted = True
        count(firing.keys, tally, POINTS if wish.unit == "status" else wish.unit, amount)
        firing.given += 1
        if firing.ghost:
            self.result.ghosts.append(Ghost(line.campaign, line.rule, wish, amount, firing.reached, firing.offer))
            return
        award = Award(line.campaign, line.rule, wish, amount, payments, reached=firing.reached, offer=firing.offer)
        if wish.unit == THING:
            THINGS[wish.kind].given(award, len(self.result.awards), self._occasion(firing.reached))
        else:
            line.got(wish, amount)
        self.result.awards.append(award)

    def _refuse(self, firing: Firing, wish: Wish, reason: str, lacking: Lacking | None = None) -> None:
        firing.refusals.append(reason)
        if not firing.ghost:
            line, account = firing.line, lacking.account if lacking else None
            refused = Refused(line.campaign, line.rule, wish, reason, firing.reached, account, firing.offer)
            self.result.refused.append(refused)

    # -- multipliers --------------------------------------------------------------------------

    def _multiply(self) -> None:
        """Inside a stack group only the largest extra counts; groups never multiply each other."""
        if not self.multipliers:
            return
        base = [
            (award.campaign.code, award.amount)
            for award in self.result.awards
            if award.wish.kind == POINTS and not award.reached
        ]
        best: dict[str, int] = {}
        extras = [(firing, effect, self._extra_wish(effect, base)) for firing, effect in self.multipliers]
        for index, (firing, _, wish) in enumerate(extras):
            group = firing.line.campaign.stack
            if group and wish and not firing.ghost:
                current = best.setdefault(group, index)
                if self._offer(extras[index]) > self._offer(extras[current]):
                    best[group] = index
        for index, (firing, _, wish) in enumerate(extras):
            if wish:
                is_outbid = not firing.ghost and best.get(firing.line.campaign.stack or "", index) != index
                self._add_extra(firing, wish, is_outbid=is_outbid)
                _close(firing)

    def _extra_wish(self, effect: Multiply, base: list[tuple[str, int]]) -> Wish | None:
        desired = amounts.multiplied(effect, base)
        if not desired:
            return None
        return self._points_wish("multiply", POINTS, desired, effect.expiry, effect.pending_days)

    def _offer(self, multiplier: tuple[Firing, Multiply, Wish | None]) -> int:
        """What a multiplier would add, cut by its limits."""
        firing, _, wish = multiplier
        return self._within_limits(firing, wish) if wish else 0

    def _add_extra(self, firing: Firing, wish: Wish, *, is_outbid: bool) -> None:
        if is_outbid:
            firing.line.wanted(wish)
            self._refuse(firing, wish, "outbid")
        else:
            self._give(firing, wish)

    # -- scores in points ---------------------------------------------------------------------

    def _enter(self) -> None:
        """Enter the points that the event gave, or one milestone of it, on leaderboards."""
        for firing, effect in self.entries:
            occasion = replace(self._occasion(firing.reached), points=self._points_of(firing))
            if (wish := THINGS[KINDS[EntryEffect]].wish(effect, occasion)) is not None:
                self._give(firing, wish)
                _close(firing)

    def _points_of(self, firing: Firing) -> int:
        """Of a held-out member with what the campaign would have given."""
        ghosts = [one for one in self.result.ghosts if firing.ghost and one.campaign is firing.line.campaign]
        given: list[Award | Ghost] = [*self.result.awards, *ghosts]
        return sum(one.amount for one in given if one.wish.unit == POINTS and one.reached is firing.reached)

    # -- what the event leaves behind ---------------------------------------------------------

    def _settle(self) -> None:
        """Let awards reach the wallet, the event its day, and the member its tier."""
        for award in self.result.awards:
            self._receive(award)
        event = self.event
        self.result.entry = DayEntry(
            day=event.day,
            type_id=event.type_id,
            outlet_id=event.outlet.outlet_id if event.outlet else 0,
            occurrences=1,
            events=int(event.qualifying),
            amount=(event.amount_base or 0) if event.qualifying else 0,
            status_points=sum(a.amount for a in self.result.awards if a.wish.kind in {POINTS, "status_points"}),
        )
        self.member.record(self.result.entry, event)
        climb(self.result, self.member, self.program)
        lift(self.result, self.member)

    def _receive(self, award: Award) -> None:
        if award.wish.unit in {"status", THING}:
            return
        wallet = self.member.wallet(award.wish.unit)
        if award.wish.available_on:
            wallet.pending += award.amount
            return
        if award.wish.expires_on and award.wish.expires_on < self.today:  # an old event's: they pay for nothing
            return
        award.repaid = min(wallet.debt, award.amount)
        wallet.debt -= award.repaid
        wallet.available += award.amount - award.repaid


def _totals(keys: Iterable[LimitedKey]) -> list[LimitedKey]:
    """The limits that members share."""
    return [key for key in keys if not key.key.member_id]


def _close(firing: Firing) -> None:
    """Say whether the rule fired; for a held-out member it did not, whatever it would have given."""
    if not firing.ghost:
        firing.line.close()
