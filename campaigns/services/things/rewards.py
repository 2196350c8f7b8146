"""Rewards: each is a voucher; a reversal voids it unless it was used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from campaigns.services.configuration import Configuration, Outdated
from campaigns.services.things.keeping import Given, Gone
from rewards.services.vouchers import Issue, RewardChanged, issue, void


def give(configuration: Configuration, given: Sequence[Given], _at: datetime, /) -> None:
    """Issue the vouchers. Raises StockShort where others took the last codes, Outdated where a reward has changed."""
    issues = [_issue(configuration, one) for one in given]
    try:
        issue(program_id=configuration.program.program_id, issues=issues)
    except RewardChanged as changed:
        raise Outdated from changed


def _issue(configuration: Configuration, one: Given) -> Issue:
    event, wish = one.judgement.event, one.award.wish
    reward = configuration.program.rewards[wish.code]
    return Issue(
        uuid=UUID(str(wish.more["voucher"])),
        reward_id=reward.reward_id,
        member_id=event.member_id,
        issued_at=event.time,
        expires_on=wish.expires_on,
        from_stock=reward.from_stock,
        event_id=event.event_id,
        place=one.place,
    )


def take(_configuration: Configuration, gone: Sequence[Gone], at: datetime, /) -> Sequence[Gone]:
    """Void unused vouchers; used ones stay. One that an outlet voided before is gone: nobody was served for it."""
    voided = void([_voucher(one) for one in gone], at=at)
    return [one for one in gone if _voucher(one) not in voided]


def _voucher(one: Gone) -> UUID:
    return UUID(str(one.taking.effect["voucher"]))


def told(_effect: Mapping[str, object], /, *, stays: bool) -> Mapping[str, object]:
    """What became of the voucher; of a used one nothing is taken."""
    return {"state": "used", "amount": 0} if stays else {"state": "void"}
