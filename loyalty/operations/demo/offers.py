"""Offers that members of a demonstration were given: some of them, and everybody whose sign-in is told."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from loyalty.operations.demo.stories import Enrolment, Happening, Offered

GIVEN: Mapping[str, str] = {"wallet": "bills-back", "merchant": "back-in-business", "automotive": "service-treat"}
EVERY = 5
FRESH = timedelta(days=2)
OLDEST = 40  # days


def with_offers(code: str, happenings: Iterable[Happening], now: datetime, *, told: bool) -> Iterator[Happening]:
    """The same, with the offers that members were given; ``told``: to everybody, a short while ago."""
    known: dict[str, int] = {}
    for one in happenings:
        yield one
        if isinstance(one, Enrolment) and (name := str(one.request["external_id"])) not in known:
            known[name] = len(known)
            if told or known[name] % EVERY == 0:
                ago = FRESH if told else timedelta(days=Random(f"offer {name}").uniform(1, OLDEST))
                at = max(now - ago, one.at + timedelta(hours=1))  # not before the member was there
                yield Offered(min(at, now), GIVEN[code], name)
