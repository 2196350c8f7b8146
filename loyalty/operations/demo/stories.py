"""What happens in a demonstration, in the shapes that the platform's own doors take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise

SOURCE = "/demo"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A member joins or changes: the body of ``POST /members``."""

    at: datetime
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """An event (CloudEvents) reaches the platform ``at`` a moment; it may have happened before."""

    at: datetime
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Goodwill:
    """Two people of the support team give a member points, or take some."""

    at: datetime
    member: str
    points: int
    because: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A member is given a campaign."""

    at: datetime
    campaign: str
    member: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A member redeems some reward for at most a ``share`` of the points that are there by then.

    ``then`` it is ``used``, ``cancelled``, ``expired`` by now, or nothing yet; ``ordered`` is one that a supplier
    delivers, ``approval`` one that waits for somebody to approve it.
    """

    at: datetime
    member: str
    share: float
    then: str = ""


type Happening = Enrolment | Sent | Goodwill | Offered | Redeemed


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody whose sign-in is told: an address, a member or two, and what is worth looking at."""

    name: str
    email: str
    language: str
    shows: Promise
    story: tuple[Happening, ...] = field(default=(), repr=False)


def event(type_: str, key: str, subject: str, time: datetime, **data: object) -> dict[str, Any]:
    """An event as the systems of the program would send it."""
    return {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "type": type_,
        "subject": subject,
        "time": time.astimezone(UTC).isoformat(),
        "data": data,
    }


def sent(type_: str, key: str, subject: str, time: datetime, **data: object) -> Sent:
    """An event that arrives as it happens."""
    return Sent(time, event(type_, key, subject, time, **data))


def taken_back(of: Sent, at: datetime, amount: str | None = None) -> Sent:
    """The reversal of an event, or of a part of its amount."""
    data = {"source": SOURCE, "id": of.event["id"]} | ({"amount": amount} if amount else {})
    return Sent(at, event("event.reversed", f"{of.event['id']}-back", of.event["subject"], at, **data))
