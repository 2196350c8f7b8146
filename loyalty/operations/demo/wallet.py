"""People with a digital wallet: who they are, and how they pay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from loyalty.operations.demo import names
from loyalty.operations.demo.chance import days, moment, one_of, season, times
from loyalty.operations.demo.friends import of_friend
from loyalty.operations.demo.stories import Enrolment, Happening, Sent, event, sent, taken_back

SIZE = 320
DAYS = 182
WEEKEND = frozenset({6, 7})
MARKETS = {"SG": 25, "MY": 20, "ID": 30, "TH": 12, "VN": 13}
ZONES = {
    "SG": ZoneInfo("Asia/Singapore"),
    "MY": ZoneInfo("Asia/Kuala_Lumpur"),
    "ID": ZoneInfo("Asia/Jakarta"),
    "TH": ZoneInfo("Asia/Bangkok"),
    "VN": ZoneInfo("Asia/Ho_Chi_Minh"),
}
LANGUAGES = {"SG": ("en", "ms"), "MY": ("ms", "en"), "ID": ("id", "en"), "TH": ("th", "en"), "VN": ("vi", "en")}
REGIONS = {
    "SG": (None,),
    "MY": ("MY-KLV", "MY-PNG"),
    "ID": ("ID-JKT", "ID-EAST"),
    "TH": ("TH-BKK", "TH-NTH"),
    "VN": ("VN-SGN", "VN-HAN"),
}
# Currency, units of it for one Singapore dollar, and the step in which prices move.
MONEY = {
    "SG": ("SGD", "1", "0.05"),
    "MY": ("MYR", "3.2", "0.10"),
    "ID": ("IDR", "12300", "500"),
    "TH": ("THB", "25.2", "1"),
    "VN": ("VND", "19800", "1000"),
}
# Payments a week; some stopped a while ago, some never began.
HABITS = {"busy": 16, "usual": 44, "rare": 24, "gone": 10, "none": 6}
WEEKLY = {"busy": 3.6, "usual": 1.0, "rare": 0.25, "gone": 1.2, "none": 0.0}
CATEGORIES: Mapping[str, tuple[float, float, float]] = {  # how often, and from how much to how much (SGD)
    "groceries": (26, 8, 90),
    "dining": (24, 5, 60),
    "transport": (18, 2, 25),
    "shopping": (14, 12, 180),
    "entertainment": (8, 6, 45),
    "health": (6, 10, 120),
    "travel": (4, 40, 420),
}
BILLERS = ("electricity", "water", "internet", "mobile", "insurance")
INSIDER_EVERY = 20
SHOPS = ("Kopikira", "Pasarello", "Bintari Cinema", "Rasanusa", "Selaris", "Warnaya")


@dataclass(frozen=True, slots=True)
class Payer:
    """A member of the wallet, with what the story needs to know."""

    chance: Random
    name: str
    market: str
    habit: str
    known: datetime
    verified: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        """Where the member lives."""
        return ZONES[self.market]

    def amount(self, low: float, high: float) -> dict[str, str]:
        """Some amount between two in Singapore dollars, in the member's currency; more often a small one."""
        currency, units, step = MONEY[self.market]
        wanted = Decimal(str(low + (high - low) * self.chance.random() ** 2)) * Decimal(units)
        amount = max((wanted / Decimal(step)).quantize(Decimal(1)), Decimal(1)) * Decimal(step)
        return {"amount": f"{amount:f}", "currency": currency}


def story(*, now: datetime, size: int = SIZE) -> Iterator[Happening]:
    """All members and what they did until now, member by member."""
    for number in range(1, size + 1):
        payer, enrolment = _member(number, now)
        yield enrolment
        for happening in _life(payer, now):
            if happening.at <= now:
                yield happening


def insiders(size: int = SIZE) -> list[str]:
    """Some who hear of news first."""
    return [name_of(number) for number in range(INSIDER_EVERY, size + 1, INSIDER_EVERY)]


def name_of(number: int) -> str:
    """The external id of a member."""
    return f"W-{number:05d}"


def _member(number: int, now: datetime) -> tuple[Payer, Enrolment]:
    chance = Random(f"wallet {number}")
    market, habit = one_of(chance, MARKETS), one_of(chance, HABITS)
    long_ago = chance.random() < 0.6
    joined = now - timedelta(days=chance.uniform(DAYS, 700) if long_ago else chance.uniform(1, DAYS))
    state = one_of(chance, {"verified": 82, "pending": 8, "rejected": 3, "none": 7})
    verified_at = min(joined + timedelta(hours=chance.expovariate(1 / 12)), now) if state != "none" else joined
    verified = verified_at if state == "verified" else None
    payer = Payer(chance, name_of(number), market, habit, verified_at, verified)
    kyc = {"state": state} | ({"at": verified_at.isoformat()} if state != "none" else {})
    request = {
        "external_id": payer.name,
        "market": market,
        "region": chance.choice(REGIONS[market]),
        "language": LANGUAGES[market][chance.random() < 0.15],
        "name": names.person(chance, market),
        "email": names.email("wallet", number),
        "phone": names.phone(market, number),
        "birth_date": str(date(1960, 1, 1) + timedelta(days=chance.randrange(16500))),
        "enrolled_at": joined.isoformat(),
        "kyc": kyc,
        "attributes": {
            "occupation": chance.choice(("student", "employee", "employee", "self_employed", "homemaker", "retired")),
            "favourite": chance.choice(list(CATEGORIES)),
            "card_linked": chance.random() < 0.4,
        },
        "consents": {"marketing": chance.random() < 0.7, "profiling": chance.random() < 0.5},
        **of_friend(number, "W-SARI", name_of(number // 2)),
    }
    return payer, Enrolment(max(verified_at, now - timedelta(days=DAYS)), request)


def _life(payer: Payer, now: datetime) -> Iterator[Sent]:
    """Top-ups, payments, bills and play of half a year, or since the member joined."""
    begin = max(payer.known, now - timedelta(days=DAYS))
    first, last = begin.astimezone(payer.zone).date() + timedelta(days=1), now.astimezone(payer.zone).date()
    if payer.habit == "gone":
        last -= timedelta(days=payer.chance.randrange(35, 120))
    if payer.habit == "none":
        return
    if payer.verified == begin:
        time = begin + timedelta(hours=payer.chance.expovariate(1 / 14))
        yield sent("wallet.topped_up", f"{payer.name}-u", payer.name, time, **payer.amount(10, 120))
    yield from _topups(payer, first, last)
    yield from _bills(payer, first, last)
    plays, sends = payer.chance.random() < 0.18, payer.chance.random() < 0.25
    for number, day in enumerate(days(first, last)):
        busy = WEEKLY[payer.habit] / 7 * season(day, weekend=WEEKEND)
        for one in range(times(payer.chance, busy)):
            yield from _payment(payer, f"{payer.name}-p{number}-{one}", day)
        if plays and payer.chance.random() < busy:
            kind = payer.chance.choice(("game", "music", "video", "books"))
            time = moment(payer.chance, day, payer.zone)
            yield sent("inapp.purchased", f"{payer.name}-i{number}", payer.name, time, kind=kind, **payer.amount(1, 15))
        if sends and payer.chance.random() < busy / 3:
            time = moment(payer.chance, day, payer.zone)
            yield sent("transfer.sent", f"{payer.name}-t{number}", payer.name, time, **payer.amount(10, 200))


def _payment(payer: Payer, key: str, day: date) -> Iterator[Sent]:
    """A payment; some arrive days later, some are given back, whole or in part."""
    category = one_of(payer.chance, {name: weight for name, (weight, _, _) in CATEGORIES.items()})
    _, low, high = CATEGORIES[category]
    money, time = payer.amount(low, high), moment(payer.chance, day, payer.zone)
    told = event("payment.completed", key, payer.name, time, category=category, channel="app", **money)
    if payer.chance.random() < 0.5:
        told["data"]["merchant"] = payer.chance.choice(SHOPS)
    late = timedelta(days=payer.chance.randrange(2, 7)) if payer.chance.random() < 0.015 else timedelta()
    paid = Sent(time + late, told)
    yield paid
    fate = payer.chance.random()
    if fate < 0.012:
        yield taken_back(paid, paid.at + timedelta(days=payer.chance.randrange(1, 12)))
    elif fate < 0.018 and category == "shopping":
        half = (Decimal(money["amount"]) / 2).quantize(Decimal(money["amount"]))
        yield taken_back(paid, paid.at + timedelta(days=payer.chance.randrange(1, 9)), str(half))


def _topups(payer: Payer, first: date, last: date) -> Iterator[Sent]:
    """Every other week or so."""
    for number, day in enumerate(days(first + timedelta(days=3), last)):
        if payer.chance.random() < 1 / 26:
            time = moment(payer.chance, day, payer.zone)
            yield sent("wallet.topped_up", f"{payer.name}-u{number}", payer.name, time, **payer.amount(20, 250))


def _bills(payer: Payer, first: date, last: date) -> Iterator[Sent]:
    """Some pay their bills from the wallet, around the same day of the month, and forget a month now and then."""
    if payer.chance.random() < 0.45:
        return
    on, billers = payer.chance.randrange(2, 27), payer.chance.sample(BILLERS, payer.chance.randrange(1, 4))
    for day in days(first, last):
        if day.day == on and payer.chance.random() < 0.9:
            for biller in billers:
                time = moment(payer.chance, day, payer.zone)
                key = f"{payer.name}-b{day:%y%m}-{biller}"
                yield sent("bill.paid", key, payer.name, time, biller=biller, channel="app", **payer.amount(8, 110))
