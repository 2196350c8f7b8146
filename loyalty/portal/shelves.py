"""Smaller things on a member's pages: badges, vehicles, a merchant's check-list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from campaigns.selectors.glance import OwnedVehicle
from loyalty.portal.overview import Overview
from members.models import Member

FEW = 4
USUAL = "medal"


@dataclass(frozen=True, slots=True)
class ShelfBadge:
    """A badge, earned or still to earn."""

    name: str
    symbol: str
    earned_at: datetime | None


@dataclass(frozen=True, slots=True)
class BadgeShelf:
    """Earned ones first, newest first."""

    items: Sequence[ShelfBadge]
    earned: int

    @property
    def few(self) -> Sequence[ShelfBadge]:
        """As many as fit in a row."""
        return self.items[:FEW]


def badge_shelf(overview: Overview) -> BadgeShelf:
    """The member's badges and those of the program that are still to be had."""
    known, earned = overview.names.badges, overview.glance.badges
    mine = [ShelfBadge(known[code].name, known[code].icon or USUAL, at) for code, at in earned.items() if code in known]
    open_ = [
        ShelfBadge(badge.name, badge.icon or USUAL, None)
        for code, badge in known.items()
        if code not in earned and not badge.retired
    ]
    return BadgeShelf([*mine, *open_], len(mine))


@dataclass(frozen=True, slots=True)
class ShelfVehicle:
    """A vehicle with the end of its warranty; ``covered`` while that lies ahead."""

    vehicle: OwnedVehicle
    covered: bool


def vehicle_shelf(overview: Overview) -> list[ShelfVehicle]:
    """The member's vehicles."""
    return [ShelfVehicle(car, _covered(car.warranty_until, overview.today)) for car in overview.glance.vehicles]


def _covered(until: date | None, today: date) -> bool:
    return until is not None and until >= today


@dataclass(frozen=True, slots=True)
class CheckItem:
    """Something a merchant has to do, or has done."""

    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class MerchantCard:
    """A merchant's name and what is left to be checked."""

    name: str
    preferred: bool
    checks: Sequence[CheckItem]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(item.done for item in self.checks)

    @property
    def complete(self) -> bool:
        """Nothing is left."""
        return self.done == len(self.checks)


def merchant_card(overview: Overview) -> MerchantCard | None:
    """For members that are businesses; None for people."""
    found, member = overview.glance.merchant, overview.member
    if found is None:
        return None
    checks = [
        CheckItem(_("Legal name given"), bool(found.legal_name)),
        CheckItem(_("Line of business given"), bool(found.category)),
        CheckItem(_("Papers handed in"), member.kyc in {Member.Kyc.PENDING, Member.Kyc.VERIFIED}),
        CheckItem(_("Identity verified"), member.kyc == Member.Kyc.VERIFIED),
        CheckItem(_("First transaction made"), any(c.occurrences for c in overview.glance.type_counts.values())),
    ]
    return MerchantCard(found.trading_name or found.legal_name, found.preferred, checks)
