"""What effects that give a thing mean to give, and what later events of the batch see of it: one entry a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from campaigns.rules.definitions import BadgeEffect, EntryEffect, RewardEffect, TierEffect
from campaigns.rules.judgement import Award, Reached, Wish
from campaigns.rules.kinds import THING
from campaigns.rules.leaderboards import Score
from campaigns.rules.state import JudgedEvent, MemberState, Program, Shared
from rewards.rules.codes import given_uuid


@dataclass(frozen=True, slots=True)
class Occasion:
    """The event that gives something, and all that giving may depend on. ``reached``: the milestone that gives it.

    ``points``: how many the event gave, or this milestone of it.
    """

    event: JudgedEvent
    member: MemberState
    program: Program
    shared: Shared
    reached: Reached | None = None
    points: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """The rules of a kind.

    ``wish`` says what an effect means to give: None where there is nothing to give, ``desired`` None where it cannot be
    had. ``given`` moves the state once it is awarded, as the effect at this place of the outcome.
    """

    wish: Callable[[Any, Occasion], Wish | None]
    given: Callable[[Award, int, Occasion], None]


def _badge(effect: BadgeEffect, occasion: Occasion) -> Wish | None:
    reached = occasion.reached
    once = reached.window if effect.once_a_window and reached else ""
    known = (effect.badge, once) in occasion.member.badges
    return None if known else Wish("badge", THING, 1, code=effect.badge, once=once)


def _keep_badge(award: Award, _place: int, occasion: Occasion) -> None:
    occasion.member.badges.add((award.wish.code, award.wish.once))


def _reward(effect: RewardEffect, occasion: Occasion) -> Wish | None:
    """A voucher. What gates its purchase (tiers, how many a member) does not: who is given it, the rule decides."""
    reward, market = occasion.program.rewards.get(effect.reward), occasion.member.market
    scarce = reward is not None and reward.from_stock and not occasion.shared.stock[reward.reward_id]
    if reward is None or scarce or not reward.available or market.code not in reward.markets:
        return Wish("reward", THING, None, code=effect.reward, scarce=scarce)
    return Wish(
        "reward",
        THING,
        1,
        expires_on=reward.expires_on(occasion.event.day),
        code=reward.code,
        charge=reward.charge(market.currency, occasion.program.currency),
    )


def _keep_reward(award: Award, place: int, occasion: Occasion) -> None:
    award.wish.more["voucher"] = str(given_uuid(occasion.event.event_id, place))
    reward = occasion.program.rewards[award.wish.code]
    if reward.from_stock:
        occasion.shared.stock[reward.reward_id] -= 1


def _entry(effect: EntryEffect, occasion: Occasion) -> Wish | None:
    """A score in the contest of the member's market; not to be had where none is held at the time, or it is closed."""
    event, market = occasion.event, occasion.member.market.code
    amount = {Score.AMOUNT: event.amount_base or 0, Score.COUNT: 1, Score.POINTS: occasion.points}[Score(effect.score)]
    if not amount:
        return None
    board = occasion.program.boards.get(effect.board)
    course = board.course_at(market, event.time) if board else None
    is_open = course is not None and course.contest_id not in occasion.shared.closed
    more: dict[str, object] = {
        "market": (course.market if course else "") or None,
        "score": effect.score,
        "amount": amount,
    }
    return Wish("entry", THING, 1 if is_open else None, code=effect.board, more=more)


def _is_entered(_award: Award, _place: int, _occasion: Occasion) -> None:
    """No rule asks for scores."""


def _tier(effect: TierEffect, occasion: Occasion) -> Wish | None:
    """A tier through a day; nothing for whoever is higher, or where that day is over by what is known of the member."""
    member, day = occasion.member, occasion.event.day
    rung, until = occasion.program.rung(effect.to), day + timedelta(days=effect.days)
    if rung is None:
        return Wish("tier", THING, None, code=effect.to)
    if (member.tier and member.tier.rank > rung.rank) or until < max(day, member.latest_day or day):
        return None
    return Wish("tier", THING, 1, expires_on=until, code=rung.code, more={"until": until.isoformat()}, rung=rung)


def _lift_later(_award: Award, _place: int, _occasion: Occasion) -> None:
    """Members keep the tier that they had just before the event until it is settled."""


KINDS: Mapping[type, str] = {BadgeEffect: "badge", RewardEffect: "reward", TierEffect: "tier", EntryEffect: "entry"}
THINGS: Mapping[str, Thing] = {
    "badge": Thing(_badge, _keep_badge),
    "reward": Thing(_reward, _keep_reward),
    "tier": Thing(_tier, _lift_later),
    "entry": Thing(_entry, _is_entered),
}
