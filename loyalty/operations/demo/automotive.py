"""Owners of cars: who they are, what they drive, and where they go with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from loyalty.operations.demo import names
from loyalty.operations.demo.chance import days, moment, one_of, times
from loyalty.operations.demo.friends import of_friend
from loyalty.operations.demo.stories import Enrolment, Happening, Sent, sent, taken_back

SIZE = 360
DAYS = 182
DUBAI = ZoneInfo("Asia/Dubai")
REGIONS = {  # how many dealers each has, as in programs/automotive.yaml
    "AE-DXB": 8, "AE-AUH": 7, "AE-NTH": 9, "SA-RUH": 10, "SA-MAK": 9, "SA-EST": 9, "QA-DOH": 6, "OM-MCT": 7,
    "OM-DHF": 1, "BH-MAN": 6,
}  # fmt: skip
STATIONS = 4  # the first dealers of a region have a fuel station nearby
MONEY = {
    "AE": ("AED", "1", "1"),
    "SA": ("SAR", "1.02", "1"),
    "QA": ("QAR", "0.99", "1"),
    "OM": ("OMR", "0.105", "0.100"),
    "BH": ("BHD", "0.102", "0.100"),
}
MODELS = {"Sahrin Rimal": 30, "Sahrin Nakhla": 26, "Sahrin Qamar": 18, "Sahrin Dana": 16, "Sahrin Wadi 7": 10}
JOBS = {"minor": (46, 250, 700), "major": (22, 700, 2400), "tyres": (14, 600, 2200), "repair": (12, 300, 3500),
        "body": (6, 500, 5000)}  # how often, and from how much to how much (AED)  # fmt: skip
VIN_LETTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"  # ISO 3779: without I, O and Q
FOUNDERS = 25


@dataclass(frozen=True, slots=True)
class Car:
    """A car, and how it is used."""

    vin: str
    model: str
    bought_on: date
    km_a_day: float

    def odometer(self, day: date) -> int:
        """The reading on a day."""
        return max(int((day - self.bought_on).days * self.km_a_day), 20)


@dataclass(frozen=True, slots=True)
class Owner:
    """A member with cars, with what the story needs to know."""

    chance: Random
    name: str
    market: str
    region: str
    dealer: str
    cars: tuple[Car, ...]
    known: datetime
    care: str

    def amount(self, low: float, high: float) -> dict[str, str]:
        """Some amount between two in dirhams, in the owner's currency; more often a small one."""
        currency, units, step = MONEY[self.market]
        wanted = Decimal(str(low + (high - low) * self.chance.random() ** 2)) * Decimal(units)
        amount = max((wanted / Decimal(step)).quantize(Decimal(1)), Decimal(1)) * Decimal(step)
        return {"amount": f"{amount:f}", "currency": currency}

    def workshop(self) -> str:
        """Where the car goes: mostly to the usual dealer."""
        usual = self.chance.random() < 0.8
        return f"{self.dealer if usual else dealer(self.chance, self.region)}-S1"


def dealer(chance: Random, region: str) -> str:
    """Some dealer of a region."""
    return f"{region}-{chance.randrange(1, REGIONS[region] + 1):02d}"


def story(*, now: datetime, size: int = SIZE) -> Iterator[Happening]:
    """All owners and what they did until now, owner by owner."""
    for number in range(1, size + 1):
        owner, enrolment = _member(number, now)
        yield enrolment
        yield from (happening for happening in _life(owner, now) if happening.at <= now)


def founders(size: int = SIZE) -> list[str]:
    """Those who were there first."""
    return [name_of(number) for number in range(1, min(FOUNDERS, size) + 1)]


def name_of(number: int) -> str:
    """The external id of an owner."""
    return f"R-{number:06d}"


def _member(number: int, now: datetime) -> tuple[Owner, Enrolment]:
    chance = Random(f"automotive {number}")
    region = one_of(chance, REGIONS)
    market, home, today = region[:2], dealer(chance, region), now.date()
    joined = now - timedelta(days=chance.uniform(DAYS, 1200) if chance.random() < 0.75 else chance.uniform(1, DAYS))
    cars = tuple(_car(chance, today) for _ in range(one_of(chance, {0: 4, 1: 76, 2: 16, 3: 4})))
    care = one_of(chance, {"keen": 18, "usual": 52, "rare": 22, "gone": 8})
    owner = Owner(chance, name_of(number), market, region, home, cars, joined, care)
    request = {
        "external_id": owner.name,
        "market": market,
        "region": region,
        "language": "ar" if chance.random() < 0.65 else "en",
        "name": (person := names.person(chance, market)),
        "nickname": person.split()[0][:30] if number % 3 else None,
        "email": names.email("automotive", number),
        "phone": names.phone(market, number),
        "birth_date": str(date(1955, 1, 1) + timedelta(days=chance.randrange(17500))),
        "enrolled_at": joined.isoformat(),
        "kyc": {"state": "verified", "at": joined.isoformat()},
        "attributes": {"home_dealer": home, "driver_since": chance.randrange(1985, 2024), "fleet": len(cars) > 2},
        "consents": {"marketing": chance.random() < 0.65, "profiling": chance.random() < 0.5},
        **of_friend(number, "R-MARIAM", name_of(number // 2)),
        "vehicles": [vehicle(chance, car, region) for car in cars],
    }
    return owner, Enrolment(max(joined, now - timedelta(days=DAYS)), request)


def _car(chance: Random, today: date) -> Car:
    bought_on = today - timedelta(days=chance.randrange(20, 2600))
    vin = "ZSH" + "".join(chance.choice(VIN_LETTERS) for _ in range(14))
    return Car(vin, one_of(chance, MODELS), bought_on, chance.uniform(22, 85))


def vehicle(chance: Random, car: Car, region: str) -> dict[str, str]:
    """A car in the shape of the API; its warranty holds three years, or five."""
    years = 5 if chance.random() < 0.3 else 3
    return {
        "vin": car.vin,
        "plate": f"{region[3:]} {chance.choice('ABCDEFHKLM')} {chance.randrange(10000, 99999)}",
        "model": car.model,
        "bought_on": str(car.bought_on),
        "warranty_until": str(car.bought_on + timedelta(days=365 * years)),
    }


def _life(owner: Owner, now: datetime) -> Iterator[Sent]:
    """Half a year on the road, or since the owner joined."""
    begin = max(owner.known, now - timedelta(days=DAYS))
    first, last = begin.astimezone(DUBAI).date() + timedelta(days=1), now.astimezone(DUBAI).date()
    if owner.care == "gone":
        last -= timedelta(days=owner.chance.randrange(60, 150))
    for number, car in enumerate(owner.cars):
        yield from _services(owner, car, number, first, last)
    if owner.cars:
        yield from _road(owner, first, last)
    yield from _showroom(owner, first, last)


def _services(owner: Owner, car: Car, number: int, first: date, last: date) -> Iterator[Sent]:
    """Visits to the workshop; one in fifty is corrected afterwards. New cars earn on the day of the keys."""
    if first <= car.bought_on <= last:
        time = moment(owner.chance, car.bought_on, DUBAI, (10, 19))
        price = owner.amount(70_000, 190_000)
        place = {"vin": car.vin, "model": car.model, "outlet": f"{owner.dealer}-V"}
        yield sent("vehicle.purchased", f"{owner.name}-k{number}", owner.name, time, **place, **price)
    monthly = {"keen": 0.42, "usual": 0.2, "rare": 0.08, "gone": 0.2}[owner.care]
    for count, day in enumerate(days(max(first, car.bought_on + timedelta(days=30)), last)):
        if day.isoweekday() == 5 or owner.chance.random() > monthly / 26:  # closed on Fridays
            continue
        job = one_of(owner.chance, {name: weight for name, (weight, _, _) in JOBS.items()})
        money, time = owner.amount(*JOBS[job][1:]), moment(owner.chance, day, DUBAI, (8, 18))
        work = {"vin": car.vin, "odometer_km": car.odometer(day), "job": job, "outlet": owner.workshop()}
        visit = sent("service.completed", f"{owner.name}-v{number}-{count}", owner.name, time, **work, **money)
        yield visit
        if owner.chance.random() < 0.02:
            half = (Decimal(money["amount"]) / 2).quantize(Decimal(money["amount"]))
            yield taken_back(visit, time + timedelta(days=owner.chance.randrange(1, 6)), str(half))


def _road(owner: Owner, first: date, last: date) -> Iterator[Sent]:
    """Fuel for those who show their card, accessories, and the yearly insurance."""
    weekly = one_of(owner.chance, {0.0: 45, 0.35: 25, 0.8: 22, 1.4: 8})
    region_has = min(STATIONS, REGIONS[owner.region])
    renewal = owner.chance.randrange(365)
    for number, day in enumerate(days(first, last)):
        for one in range(times(owner.chance, weekly / 7)):
            station = f"FUEL-{owner.region}-{owner.chance.randrange(1, region_has + 1):02d}"
            time, money = moment(owner.chance, day, DUBAI, (6, 23)), owner.amount(60, 260)
            yield sent("fuel.purchased", f"{owner.name}-f{number}-{one}", owner.name, time, outlet=station, **money)
        if owner.chance.random() < 0.0022:
            time, money = moment(owner.chance, day, DUBAI, (10, 20)), owner.amount(80, 2600)
            shop = f"{owner.dealer}-V"
            yield sent("accessory.purchased", f"{owner.name}-a{number}", owner.name, time, outlet=shop, **money)
        if day.timetuple().tm_yday == renewal and owner.chance.random() < 0.6:
            what = owner.chance.choice(("insurance.renewed", "warranty.renewed"))
            time, money = moment(owner.chance, day, DUBAI, (9, 17)), owner.amount(900, 3200)
            yield sent(what, f"{owner.name}-n{number}", owner.name, time, vin=owner.cars[0].vin, **money)


def _showroom(owner: Owner, first: date, last: date) -> Iterator[Sent]:
    """Test drives and gatherings."""
    for number, day in enumerate(days(first, last)):
        draw = owner.chance.random()
        if draw < 0.0022:
            model, time = one_of(owner.chance, MODELS), moment(owner.chance, day, DUBAI, (10, 20))
            place = f"{owner.dealer}-V"
            yield sent("test_drive.completed", f"{owner.name}-d{number}", owner.name, time, model=model, outlet=place)
        elif draw < 0.003 and owner.care == "keen":
            time = moment(owner.chance, day, DUBAI, (18, 22))
            yield sent("gathering.attended", f"{owner.name}-g{number}", owner.name, time, outlet=f"{owner.dealer}-V")
