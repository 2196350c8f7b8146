"""A shop of rewards and members with points, for tests of redeeming."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.services.intake import take_in
from ledger.models import POINTS, Book
from ledger.selectors.proofs import prove
from ledger.selectors.wallets import wallets
from members.models import Member
from rewards.models import Redemption, Reward, Supplier
from rewards.rules.prices import Value
from rewards.services.redemptions import Redeemed, redeem_reward
from rewards.services.stock import stock_codes
from tests.campaigns.world import NOW, World, everyday
from tests.rewards.catalogue import catalogue_world, reward

CARD = [
    {"value": "10.00", "currency": "SGD", "points": 1000},
    {"value": "50.00", "currency": "SGD", "points": 4800},
    {"value": "100000.00", "currency": "IDR", "points": 900},
]
REWARDS: Sequence[Mapping[str, Any]] = (
    reward("coffee", "Coffee", points=100, valid_days=30),
    reward("movie", "Movie", points=200, stock="codes"),
    reward("twice", "Twice", points=10, per_member={"times": 2, "per": "month"}),
    reward("lounge", "Lounge", points=100, tiers=["gold"]),
    reward("card", "Card", denominations=CARD, kind="gift_card", markets=["SG", "ID"]),
    reward("jakarta", "Bakmi", points=100, markets=["ID"]),
    reward("spa", "Spa", points=None),
    reward("top-up", "Top-up", points=300, kind="prepaid_credit", stock={"supplier": "telco", "sku": "telco:5.00"}),
    reward("cash", "Cash", denominations=CARD[:1], kind="cashback"),
    reward("cash-5", "Cash 5", points=500, kind="cashback", cost={"SGD": "5.00"}),
)


def shop(*campaigns: Mapping[str, Any], **more: Any) -> World:
    """The rewards, and a campaign that gives a point a dollar; its suppliers are asked nothing."""
    world = catalogue_world(*REWARDS, campaigns=[everyday(), *campaigns], **more)
    Supplier.objects.create(
        program=world.program,
        code="telco",
        name="Telco",
        adapter="topups",
        base_url="http://127.0.0.1:9",
        currency="SGD",
    )
    return world


def rich(world: World, points: int = 1000, external_id: str = "ann", **more: Any) -> Member:
    """A member with so many points, and a phone number unless ``phone`` is empty."""
    member = world.member(external_id, **{"phone": "+6591234567", **more})
    give(world, points, external_id)
    return member


def give(world: World, points: int, external_id: str = "ann", at: datetime = NOW) -> None:
    """Let a member earn so many points."""
    event = world.event(f"{points}.00", subject=external_id, time=at.isoformat())
    (answer,) = take_in(program=world.program, events=[event], at=at, trace=False)
    assert answer.body


def redeem(world: World, member: Member, code: str, quantity: int = 1, **more: Any) -> Redemption:
    """Redeem as a partner system does."""
    return ask(world, member, code, quantity, **more).row


def ask(world: World, member: Member, code: str, quantity: int = 1, **more: Any) -> Redeemed:
    """The same, with whether it is new."""
    asked = {"at": NOW, "channel": Redemption.Channel.API, **more}
    row = Reward.objects.get(program=world.program, code=code)
    return redeem_reward(program=world.program, member=member, reward=row, quantity=quantity, **asked)


def stock(world: World, *codes: str, code: str = "movie", value: Value | None = None) -> None:
    """Put a partner's codes into stock, each of a value."""
    stock_codes(reward=Reward.objects.get(program=world.program, code=code), codes=codes, value=value)


def points(member: Member, at: datetime = NOW) -> int:
    """What the member can spend."""
    book = Book.objects.get(program=member.program_id, unit=POINTS)
    return wallets(books=[book], owners=[member.uuid], at=at)[book.pk, member.uuid].available


def assert_proven(world: World) -> None:
    """Every book adds up."""
    report = prove(program=world.program)
    assert report.ok, [(b.book.code, p) for b in report.books for p in b.proofs if not p.ok]
