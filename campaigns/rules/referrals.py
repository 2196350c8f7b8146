"""When a friend has done what the program asks for: identity, an event of enough value, in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from campaigns.rules.state import Rates
from core.rules.money import to_decimal
from members.rules.facts import local_date


@dataclass(frozen=True, slots=True)
class FriendEvent:
    """An event of the friend, of the type that counts: what is left of its amount, in minor units of its currency."""

    event_id: int
    time: datetime
    day: date
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Friend:
    """What counts of the friend, and since when she is known to have been brought (``joined_at``)."""

    kyc: str
    kyc_at: datetime | None
    enrolled_at: datetime
    joined_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Met:
    """All that is asked for agreed at this moment; the event is the first one that did, if one is asked for."""

    at: datetime
    event_id: int | None


@dataclass(frozen=True, slots=True)
class Qualifying:
    """What a program asks of a friend. ``least`` by currency, in minor units; empty: any amount, or none."""

    kyc: bool
    event_type: str | None
    least: Mapping[str, int]
    within_days: int | None
    cooling: timedelta
    rates: Rates

    def meets(self, amount_minor: int | None, currency: str, day: date) -> bool:
        """Whether an amount is enough: in its own currency if that is named, else converted, unrounded."""
        if not self.least:
            return True
        if amount_minor is None:
            return False
        if currency in self.least:
            return amount_minor >= self.least[currency]
        named = self.rates.base if self.rates.base in self.least else next(iter(self.least))
        worth, asked = self._worth(amount_minor, currency, day), self._worth(self.least[named], named, day)
        return worth is not None and asked is not None and worth >= asked

    def _worth(self, amount_minor: int, currency: str, day: date) -> Decimal | None:
        """In the base currency, at the rate of the day."""
        rate = self.rates.on(currency, day)
        return None if rate is None else to_decimal(amount_minor, currency) * rate

    def days(self, friend: Friend) -> tuple[date, date]:
        """The first and the last local day of the friend on which it counts."""
        first = local_date(friend.enrolled_at, friend.zone)
        return first, date.max if self.within_days is None else first + timedelta(days=self.within_days)

    def met(self, friend: Friend, events: Iterable[FriendEvent]) -> Met | None:
        """When everything agreed, in whatever order it came; None as long as something is missing."""
        first, last = self.days(friend)
        moments = [friend.joined_at]
        if self.kyc:
            if friend.kyc != "verified" or friend.kyc_at is None or local_date(friend.kyc_at, friend.zone) > last:
                return None
            moments.append(friend.kyc_at)
        if self.event_type is None:
            return Met(max(moments), None)
        counting = [e for e in events if first <= e.day <= last and self.meets(e.amount_minor, e.currency, e.day)]
        if not counting:
            return None
        earliest = min(counting, key=lambda event: (event.time, event.event_id))
        return Met(max([*moments, earliest.time]), earliest.event_id)
