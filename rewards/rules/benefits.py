"""Benefits of tiers: how often they may be used, and in which year."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

FEBRUARY_28 = 28


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit that is counted: ``per_year`` times a reward (code)."""

    code: str
    reward: str
    per_year: int


@dataclass(frozen=True, slots=True)
class Entitled:
    """The latest year of a benefit: how many of its vouchers were used, and how many are ready."""

    entitlement_id: int
    code: str
    starts_on: date
    expires_on: date
    used: int
    ready: int


@dataclass(frozen=True, slots=True)
class Year:
    """From the first through the last local day."""

    starts_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for a benefit: ``more`` vouchers (negative: fewer) in this year.

    ``entitlement_id`` None: the year is new.
    """

    benefit: Benefit
    year: Year
    entitlement_id: int | None
    more: int


def counted(written: Iterable[Mapping[str, Any]]) -> list[Benefit]:
    """Those of a tier's benefits that are counted; the others are words."""
    return [
        Benefit(one["code"], one["reward"], one["per_year"])
        for one in written
        if one.get("reward") and one.get("per_year")
    ]


def year_of(anchor: date, day: date) -> Year:
    """The year since an anniversary of ``anchor`` in which a day lies; 29 February is the 28th in other years."""
    first = _after(anchor, day.year - anchor.year)
    years = day.year - anchor.year - (first > day)
    return Year(_after(anchor, years), _after(anchor, years + 1) - timedelta(days=1))


def _after(anchor: date, years: int) -> date:
    try:
        return anchor.replace(year=anchor.year + years)
    except ValueError:
        return anchor.replace(year=anchor.year + years, day=FEBRUARY_28)


def steps(benefits: Sequence[Benefit], latest: Mapping[str, Entitled], since: date, day: date) -> Iterator[Step]:
    """What a member on a tier since a day is still to be given, or has too much of.

    A year begins with the tier. While it runs it goes on through other tiers with the same benefit, and what was used
    counts on; the next follows on it unless the tier was reached anew.
    """
    for benefit in benefits:
        known = latest.get(benefit.code)
        if known and known.expires_on >= day:
            more = max(0, benefit.per_year - known.used) - known.ready
            if more:
                yield Step(benefit, Year(known.starts_on, known.expires_on), known.entitlement_id, more)
            continue
        anchor = known.expires_on + timedelta(days=1) if known and since <= known.expires_on else since
        yield Step(benefit, year_of(min(anchor, day), day), None, benefit.per_year)
