"""Shops that take payments: who they are, and what they sell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from loyalty.operations.demo import names
from loyalty.operations.demo.chance import days, moment, one_of, season, times
from loyalty.operations.demo.friends import of_friend
from loyalty.operations.demo.stories import Enrolment, Happening, Sent, sent, taken_back

SIZE = 240
DAYS = 182
WEEKEND = frozenset({5, 6, 7})
MARKETS = {"ID": 55, "MY": 20, "VN": 25}
ZONES = {
    "ID": ZoneInfo("Asia/Jakarta"),
    "MY": ZoneInfo("Asia/Kuala_Lumpur"),
    "VN": ZoneInfo("Asia/Ho_Chi_Minh"),
}
LANGUAGES = {"ID": ("id", "en"), "MY": ("ms", "en"), "VN": ("vi", "en")}
REGIONS = {
    "ID": ("ID-JABAR", "ID-JABO", "ID-JABO", "ID-JATIM", "ID-BALI", "ID-SUMUT"),
    "MY": ("MY-KLV", "MY-KLV", "MY-PNG", "MY-JHR"),
    "VN": ("VN-SGN", "VN-SGN", "VN-HAN", "VN-DAD"),
}
MONEY = {"ID": ("IDR", "1", "500"), "MY": ("MYR", "0.00027", "0.50"), "VN": ("VND", "1.6", "1000")}
SIZES = {"micro": 45, "small": 35, "medium": 15, "large": 5}
SALES = {"micro": (1.0, 60_000, 900_000), "small": (1.8, 150_000, 2_500_000), "medium": (2.6, 400_000, 8_000_000),
         "large": (4.0, 1_000_000, 20_000_000)}  # a week, and from how much to how much (IDR)  # fmt: skip
CATEGORIES = ("food", "grocery", "workshop", "pharmacy", "beauty", "fashion", "electronics")
PARTNERS = {"msme": 60, "retailer": 25, "pos_agent": 8, "aggregator": 7}
METHODS = {"qr": 62, "card": 23, "wallet": 15}
COURSES = ("first_steps", "safe_payments", "growing_sales", "bookkeeping")
POWER_EVERY = 17  # every so-manyeth shop is a Power Merchant


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant, with what the story needs to know."""

    chance: Random
    name: str
    market: str
    size: str
    known: datetime
    stays: bool

    @property
    def zone(self) -> ZoneInfo:
        """Where the shop stands."""
        return ZONES[self.market]

    def amount(self, low: float, high: float) -> dict[str, str]:
        """Some amount between two in rupiah, in the shop's currency; more often a small one."""
        currency, units, step = MONEY[self.market]
        wanted = Decimal(str(low + (high - low) * self.chance.random() ** 2)) * Decimal(units)
        amount = max((wanted / Decimal(step)).quantize(Decimal(1)), Decimal(1)) * Decimal(step)
        return {"amount": f"{amount:f}", "currency": currency}


def story(*, now: datetime, size: int = SIZE) -> Iterator[Happening]:
    """All shops and what they sold until now, shop by shop."""
    for number in range(1, size + 1):
        shop, enrolment = _member(number, now)
        yield enrolment
        yield from (happening for happening in _life(shop, now) if happening.at <= now)


def power(size: int = SIZE) -> list[str]:
    """The shops that a channel manager named Power Merchants."""
    return [name_of(number) for number in range(POWER_EVERY, size + 1, POWER_EVERY)]


def name_of(number: int) -> str:
    """The external id of a shop."""
    return f"M-{number:05d}"


def _member(number: int, now: datetime) -> tuple[Shop, Enrolment]:
    chance = Random(f"merchant {number}")
    market, size = one_of(chance, MARKETS), one_of(chance, SIZES)
    joined = now - timedelta(days=chance.uniform(DAYS, 800) if chance.random() < 0.65 else chance.uniform(2, DAYS))
    state = one_of(chance, {"verified": 86, "pending": 9, "rejected": 5})
    decided = min(joined + timedelta(hours=chance.uniform(4, 90)), now)
    shop = Shop(chance, name_of(number), market, size, decided, chance.random() > 0.12)
    owner, trading = names.person(chance, market), names.shop(chance, market)
    request = {
        "external_id": shop.name,
        "kind": "merchant",
        "market": market,
        "region": chance.choice(REGIONS[market]),
        "language": LANGUAGES[market][chance.random() < 0.1],
        "name": owner,
        "nickname": trading[:30].strip() if number % 3 else None,
        "email": names.email("merchant", number),
        "phone": names.phone(market, 50_000 + number),
        "enrolled_at": joined.isoformat(),
        "kyc": {"state": state, "at": decided.isoformat()},
        "attributes": {
            "employees": chance.randrange(1, {"micro": 4, "small": 12, "medium": 40, "large": 200}[size]),
            "opened_on": str(date(2005, 1, 1) + timedelta(days=chance.randrange(7000))),
            "size": size,
            "has_pos": chance.random() < 0.3,
        },
        "consents": {"marketing": chance.random() < 0.8, "profiling": chance.random() < 0.6},
        **of_friend(number, "M-TINI", name_of(number // 2)),
        "merchant": {
            "legal_name": f"{trading} {owner.split()[0]}",
            "trading_name": trading,
            "category": chance.choice(CATEGORIES),
            "partner_type": one_of(chance, PARTNERS),
            "agent": f"AGENT-{chance.randrange(1, 13):02d}",
            "preferred": number % POWER_EVERY == 0,
        },
    }
    return shop, Enrolment(max(decided, now - timedelta(days=DAYS)), request)


def _life(shop: Shop, now: datetime) -> Iterator[Sent]:
    """QR, terminal, courses and sales of half a year, or since the shop joined."""
    begin = max(shop.known, now - timedelta(days=DAYS))
    first, last = begin.astimezone(shop.zone).date() + timedelta(days=1), now.astimezone(shop.zone).date()
    if shop.known == begin and shop.chance.random() < 0.85:
        time = begin + timedelta(hours=shop.chance.uniform(1, 200))
        yield sent("qr.activated", f"{shop.name}-qr", shop.name, time)
    if shop.chance.random() < 0.2:
        yield sent(
            "pos.installed", f"{shop.name}-pos", shop.name, begin + timedelta(hours=shop.chance.uniform(50, 400))
        )
    for course in shop.chance.sample(COURSES, one_of(shop.chance, {0: 60, 1: 20, 2: 12, 3: 8})):
        time = begin + timedelta(days=shop.chance.uniform(2, DAYS))
        yield sent("training.completed", f"{shop.name}-{course}", shop.name, time, course=course)
    yield from _sales(shop, first, last if shop.stays else last - timedelta(days=shop.chance.randrange(25, 110)))


def _sales(shop: Shop, first: date, last: date) -> Iterator[Sent]:
    """What a shop sells; some is given back."""
    weekly, low, high = SALES[shop.size]
    growth = shop.chance.uniform(-0.4, 0.6)
    for number, day in enumerate(days(first, last)):
        busy = weekly / 7 * (1 + growth * number / DAYS) * season(day, weekend=WEEKEND, swing=1.25)
        for one in range(times(shop.chance, busy)):
            method, time = one_of(shop.chance, METHODS), moment(shop.chance, day, shop.zone, (8, 21))
            key, money = f"{shop.name}-s{number}-{one}", shop.amount(low, high)
            sale = sent("payment.received", key, shop.name, time, method=method, channel="till", **money)
            yield sale
            if shop.chance.random() < 0.015:
                yield taken_back(sale, time + timedelta(hours=shop.chance.uniform(1, 200)))
