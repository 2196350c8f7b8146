"""Vouchers in members' hands, for tests of outlets."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from rewards.models import Reward, Voucher
from rewards.models.codes import decrypted
from rewards.services.vouchers import Issue, issue
from tests.campaigns.world import NOW, World, everyday, make_world

OUTLETS = [
    {"code": "ORCHARD", "kind": "partner_outlet", "name": {"en": "Orchard"}, "market": "SG"},
    {"code": "BEDOK", "kind": "fuel_station", "name": {"en": "Bedok Fuel"}, "market": "SG"},
]


def offered(code: str, **more: Any) -> dict[str, Any]:
    """A reward of Singapore."""
    return {
        "code": code, "kind": "voucher", "category": "food", "brand": "Kopi", "name": {"en": code.title()},
        "markets": ["SG"], "stock": "generated", **more,
    }  # fmt: skip


REWARDS = [offered("coffee"), offered("card", kind="gift_card"), offered("shared", markets=["SG", "ID"])]
SECTIONS: dict[str, Any] = {"rewards": REWARDS, "outlets": OUTLETS}


def outlet_world(**program: Any) -> World:
    """Rewards, two outlets in Singapore, one of a dealer in Jakarta, and ann."""
    world = make_world(everyday(), **SECTIONS, program=program)
    world.member("ann")
    return world


def piece(
    world: World,
    reward: str = "coffee",
    *,
    value: int | None = None,
    currency: str = "SGD",
    member: str = "ann",
    at: datetime = NOW,
    expires_on: date | None = None,
) -> Voucher:
    """A voucher of a member; ``value``: stored, in minor units."""
    held = world.program.members.get(external_id=member)
    row = Reward.objects.get(program=world.program, code=reward)
    uuid = uuid4()
    one = Issue(
        uuid=uuid, reward_id=row.pk, member_id=held.pk, issued_at=at, expires_on=expires_on,
        from_stock=row.stock == "codes",
    )  # fmt: skip
    issue(program_id=world.program.pk, issues=[one])
    if value is not None:
        Voucher.objects.filter(uuid=uuid).update(value_minor=value, left_minor=value, currency=currency)
    return Voucher.objects.select_related("reward").get(uuid=uuid)


def code_of(voucher: Voucher) -> str:
    """What its member can say."""
    return decrypted(voucher.cipher)
