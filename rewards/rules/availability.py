"""Whether a member can have a reward now, and if not, why not: every reason, not only the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.rules.moments import show_moment
from rewards.rules.approvals import NOBODY_LOOKS, ApprovalRule


class Hurdle(StrEnum):
    """Why not; each is the name of the refusal that redeeming would meet."""

    FROZEN = "frozen"
    NOT_AVAILABLE = "not-available"
    TIER_REQUIRED = "tier-required"
    OUT_OF_STOCK = "out-of-stock"
    LIMIT_REACHED = "limit-reached"
    INSUFFICIENT_POINTS = "insufficient-points"


class Unavailable(StrEnum):
    """What ``not-available`` means."""

    MARKET = "market"
    PAUSED = "paused"
    GIVEN_ONLY = "given-only"
    RETIRED = "retired"
    HALTED = "halted"
    COOLING = "cooling"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what is known of it: points missing, tiers asked for, when the next one may be taken.

    ``left``: so many pieces could be had, fewer than were asked for.
    """

    hurdle: Hurdle
    because: Unavailable | None = None
    missing: int | None = None
    tiers: Sequence[str] = ()
    times: int | None = None
    until: datetime | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as far as having it matters. ``points``: its least price in the market, None = no price there.

    ``left``: pieces in stock, None = as many as wanted. ``taken``: how many the member took in the running period,
    which ends at ``until`` (None = never). ``quantity`` pieces are asked for, which cost ``points`` in all. One that
    ``needs_phone`` is sent to the member's phone number.
    """

    points: int | None
    markets: Sequence[str]
    tiers: Sequence[str]
    given_only: bool
    paused: bool
    retired: bool
    left: int | None = None
    most: int | None = None
    taken: int = 0
    until: datetime | None = None
    quantity: int = 1
    needs_phone: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks: market and tier are codes; ``points`` are those that can be spent now; ``debt`` are those owed.

    ``halted``: nobody's points can be spent. ``cooling_until``: the member's cannot until then, after a change.
    ``approval``: what waits for somebody who approves it.
    """

    market: str
    tier: str | None
    points: int
    frozen: bool
    halted: bool = False
    cooling_until: datetime | None = None
    approval: ApprovalRule = NOBODY_LOOKS
    has_phone: bool = True
    debt: int = 0

    def short_of(self, points: int) -> int:
        """How many points must still come until so many can be spent; what is owed is repaid out of them first."""
        return 0 if self.points >= points else points - self.points + self.debt


def told(reason: Reason) -> dict[str, object]:
    """What a machine is told of a reason besides its code: what is known of it, as JSON."""
    known: dict[str, object] = {}
    if reason.because:
        known["because"] = reason.because.value
    if reason.missing is not None:
        known["missing_points"] = reason.missing
    if reason.tiers:
        known["tiers"] = list(reason.tiers)
    if reason.times is not None or reason.until:
        known["until"] = show_moment(reason.until) if reason.until else None
    return known


def why_not(offer: Offer, standing: Standing | None, market: str | None) -> list[Reason]:
    """Every reason, those that last longest first. Without a standing: what holds for everybody in the market."""
    reasons = _here(offer, market, abroad=standing is not None and market not in {None, standing.market})
    if standing is not None:
        reasons = [*_who(offer, standing), *reasons]
    if offer.left is not None and offer.left < offer.quantity:
        reasons.append(Reason(Hurdle.OUT_OF_STOCK, left=max(offer.left, 0) or None))
    if standing is not None:
        reasons += _how_many(offer)
        reasons += _price(offer, standing)
    return sorted(reasons, key=lambda reason: list(Hurdle).index(reason.hurdle))


def _who(offer: Offer, standing: Standing) -> list[Reason]:
    found = [Reason(Hurdle.FROZEN)] if standing.frozen else []
    if standing.halted:
        found.append(Reason(Hurdle.NOT_AVAILABLE, Unavailable.HALTED))
    if standing.cooling_until is not None:
        found.append(Reason(Hurdle.NOT_AVAILABLE, Unavailable.COOLING, until=standing.cooling_until))
    if offer.needs_phone and not standing.has_phone:
        found.append(Reason(Hurdle.NOT_AVAILABLE, Unavailable.PHONE))
    if offer.tiers and standing.tier not in offer.tiers:
        found.append(Reason(Hurdle.TIER_REQUIRED, tiers=tuple(offer.tiers)))
    return found


def _here(offer: Offer, market: str | None, *, abroad: bool) -> list[Reason]:
    """What stands against it in the market; ``abroad``: who asks belongs to another one, and redeems nothing here."""
    if offer.retired:
        return [Reason(Hurdle.NOT_AVAILABLE, Unavailable.RETIRED)]
    if abroad or (market is not None and market not in offer.markets):
        return [Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)]
    if offer.given_only:
        return [Reason(Hurdle.NOT_AVAILABLE, Unavailable.GIVEN_ONLY)]
    if market is not None and offer.points is None:
        return [Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)]
    return [Reason(Hurdle.NOT_AVAILABLE, Unavailable.PAUSED)] if offer.paused else []


def _how_many(offer: Offer) -> list[Reason]:
    if offer.most is None or offer.taken + offer.quantity <= offer.most:
        return []
    return [
        Reason(Hurdle.LIMIT_REACHED, times=offer.most, until=offer.until, left=max(offer.most - offer.taken, 0) or None)
    ]


def _price(offer: Offer, standing: Standing) -> list[Reason]:
    missing = standing.short_of(offer.points or 0)
    return [Reason(Hurdle.INSUFFICIENT_POINTS, missing=missing)] if missing else []


def period(per: str, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The running period of a limit, in the zone of the member's market: its first moment and that of the next one."""
    today = at.astimezone(zone).date()
    days = _days(per, today)
    if days is None:
        return None, None
    first, following = (datetime.combine(day, time(), zone) for day in days)
    return first, following


def _days(per: str, today: date) -> tuple[date, date] | None:
    match per:
        case "day":
            return today, today + timedelta(days=1)
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            first = today.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1)
        case "year":
            return date(today.year, 1, 1), date(today.year + 1, 1, 1)
    return None
