"""Members who bring members, for tests: a program with a referral section, friends, and what becomes of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.selectors.referrals import ReferralView, referral_of
from ledger.models import Account
from members.models import Member
from members.services.referrals import claim_referral, referral_code
from tests.campaigns.derived import settle
from tests.campaigns.world import NOW, World, campaign, fixed, make_world, rule

JOINED = "2026-06-10T04:00:00Z"  # noon in Singapore, five days before NOW
QUALIFIES: Mapping[str, Any] = {
    "kyc": True,
    "event": "payment.completed",
    "min_amount": {"SGD": "20.00"},
    "within_days": 30,
}
GUARD: Mapping[str, Any] = {"same_device": "hold", "same_instrument": "hold", "same_phone": "reject"}


def paying(**more: Any) -> dict[str, Any]:
    """A campaign that pays 500 for a friend who took part."""
    return campaign("refer", rule("friend", fixed(500), event="referral.qualified"), **more)


def referral_world(
    *campaigns: Mapping[str, Any],
    qualifies: Mapping[str, Any] | None = None,
    guard: Mapping[str, Any] | None = None,
    **sections: Any,
) -> World:
    """A program in which members bring members; ``ann`` is one, with a verified identity."""
    section = {"qualifies": dict(qualifies or QUALIFIES), "guard": {**GUARD, **(guard or {})}}
    world = make_world(*(campaigns or (paying(),)), referral=section, **sections)
    world.member("ann", kyc={"state": "verified", "at": JOINED})
    return world


def code_of(world: World, name: str = "ann") -> str:
    """A member's code."""
    return referral_code(member=Member.objects.get(program=world.program, external_id=name))


def friend(world: World, name: str = "ben", /, *, of: str = "ann", verified: bool = True, **more: Any) -> Member:
    """A friend who joins by somebody's code."""
    fields = {"enrolled_at": JOINED, "referral_code": code_of(world, of), **more}
    if verified:
        fields.setdefault("kyc", {"state": "verified", "at": fields["enrolled_at"]})
    return world.member(name, **fields)


def told_later(world: World, name: str, *, of: str, at: datetime = NOW, **more: Any) -> bool:
    """A referral told after joining; whether it was new."""
    claimed = claim_referral(program=world.program, code=code_of(world, of), member=name, at=at, **more)
    return claimed[1]


def pay(world: World, name: str = "ben", amount: str = "20.00", **more: Any) -> dict[str, Any]:
    """The friend pays; everything that follows has happened."""
    outcome = world.outcome(amount, subject=name, **more)
    settle()
    return outcome


def view(world: World, name: str = "ben") -> ReferralView:
    """The friend's referral."""
    found = referral_of(friend_id=Member.objects.get(program=world.program, external_id=name).pk)
    assert found is not None
    return found


def state(world: World, name: str = "ben") -> tuple[str, str]:
    """State and reason."""
    found = view(world, name)
    return found.state, found.reason


def points(world: World, name: str = "ann") -> int:
    """What a member has."""
    member = Member.objects.get(program=world.program, external_id=name)
    return sum(Account.objects.filter(owner=member.uuid, book__unit="points").values_list("balance", flat=True))
