"""How often things happen, and when: seeded, so that the same seed tells the same story."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo


def times(chance: Random, mean: float) -> int:
    """How often something happens that happens ``mean`` times on average (Knuth's Poisson draw; for small means)."""
    most, product, count = exp(-mean), chance.random(), 0
    while product > most:
        product *= chance.random()
        count += 1
    return count


def one_of[T](chance: Random, weights: Mapping[T, float]) -> T:
    """A key, as often as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]


def moment(chance: Random, day: date, zone: ZoneInfo, hours: tuple[int, int] = (7, 22)) -> datetime:
    """Some moment of a local day between two hours, in UTC."""
    hour = chance.randrange(*hours)
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), zone).astimezone(UTC)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def season(day: date, *, weekend: frozenset[int], swing: float = 1.4) -> float:
    """How busy a day is: weekends and the days after payday more, the middle of the month less."""
    busy = swing if day.isoweekday() in weekend else 1.0
    return busy * (1.25 if day.day >= 25 or day.day <= 3 else 0.9)  # around payday
