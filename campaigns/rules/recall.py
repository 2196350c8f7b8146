"""Events as they were decided: the state moves as in ``judge``, but what is given is what was given."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, override

from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.evaluate import Judging
from campaigns.rules.judgement import Firing, Judgement, Wish
from campaigns.rules.kinds import NAMES, THING
from campaigns.rules.paying import Lacking
from campaigns.rules.state import JudgedEvent, MemberState, Program, Shared
from campaigns.rules.takebacks import awarded, unit_of
from members.rules.catalogue import FactType

type Effect = Mapping[str, Any]  # as an answer has it


class Unlimited(dict[int, int | None]):
    """What is left in accounts that never end: who paid is known, that they could is too."""

    def __missing__(self, key: int) -> None:
        """Nothing ends here."""


def recall(  # what was decided, and all that it depended on
    event: JudgedEvent,
    member: MemberState,
    *,
    program: Program,
    shared: Shared,
    types: Mapping[str, FactType],
    today: date,
    given: Sequence[Effect],
) -> Judgement:
    """Move the state by an event that gave these effects; ``program`` holds the rules of then."""
    return _Recalling(event, member, program, shared, types, today, given).judge()


class _Recalling(Judging):
    """One decision that was taken before."""

    def __init__(  # noqa: PLR0917  # private: called in one place
        self,
        event: JudgedEvent,
        member: MemberState,
        program: Program,
        shared: Shared,
        types: Mapping[str, FactType],
        today: date,
        given: Sequence[Effect],
    ) -> None:
        super().__init__(event, member, program, shared, types, today)
        self.given = list(given)
        self.gave = {(effect["campaign"], effect["rule"]) for effect in given}

    @override
    def _try(self, campaign: CampaignRules, rule: Rule) -> None:
        """Rules that neither gave anything nor remember anything left no trace."""
        may_be_ghost = campaign.holdout or (self.program.holdout and not campaign.promise)
        if rule.goal or may_be_ghost or (campaign.code, rule.code) in self.gave:
            super()._try(campaign, rule)

    @override
    def _give(self, firing: Firing, wish: Wish) -> None:
        if firing.ghost or wish.desired is None:
            super()._give(firing, wish)
            return
        place = next((n for n, effect in enumerate(self.given) if _is_it(effect, firing, wish)), None)
        if place is None:
            self._refuse(firing, wish, "limit")
            return
        effect = self.given.pop(place)
        unit = unit_of(effect)
        amount = 1 if unit == THING or not unit else awarded(effect, unit)
        payments = self._payments(firing, wish, amount)
        self._award(firing, wish, amount, [] if isinstance(payments, Lacking) else payments)

    @override
    def _add_extra(self, firing: Firing, wish: Wish, *, is_outbid: bool) -> None:
        self._give(firing, wish)


def _is_it(effect: Effect, firing: Firing, wish: Wish) -> bool:
    """Whether this is what the wish became."""
    line, reached = firing.line, firing.reached
    if (effect["kind"], effect["campaign"], effect["rule"]) != (wish.kind, line.campaign.code, line.rule.code):
        return False
    if effect.get("offer") != (str(firing.offer.offer_id) if firing.offer else None):
        return False
    return effect.get(NAMES.get(wish.kind, ""), "") == wish.code and ("reach" in effect) == (reached is not None)
