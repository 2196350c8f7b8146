"""Orders at suppliers: what a supplier can answer, and what is done next. One order, or one refund."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = 5  # seconds; doubled after each attempt
LONGEST_PAUSE = 600
WATCHED = timedelta(days=7)  # so long an order that was refunded is looked after
WATCH_EVERY = timedelta(hours=1)
HELD_EVERY = timedelta(minutes=1)  # so often it is looked whether an order is still held


class Standing(StrEnum):
    """What a supplier says of an order."""

    COMPLETE = "complete"
    PROCESSING = "processing"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Card:
    """A piece: its code, with a PIN where there is one, and its last good day (None: as the reward says)."""

    code: str
    pin: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a supplier says of an order; ``cards`` of a complete one, as many as were ordered."""

    standing: Standing
    number: str = ""
    cards: tuple[Card, ...] = ()
    cost_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order. ``value_minor`` of ``currency``: the denomination of a piece, None where the SKU says it all.

    ``phone``: of whom it is for, in E.164, where the supplier needs it.
    """

    po_number: str
    sku: str
    quantity: int
    value_minor: int | None = None
    currency: str = ""
    phone: str = ""


class NotReached(Exception):
    """Nothing was ordered: the supplier was not reached, or turned us away at its door. It may be tried again."""


class Unsure(Exception):
    """Nobody knows whether the supplier took it: it was silent, broke down, or said what makes no sense."""


class TurnedDown(Exception):
    """The supplier says no, and will say so again: nothing was ordered."""


class Locked(Exception):
    """A secret of the supplier is kept with a key that we do not have any more: nothing can be asked."""


def still_good(answer: Answer, today: date) -> Answer:
    """The answer, unless a card of it was good only before ``today``: then Unsure."""
    if any(card.expires_on and card.expires_on < today for card in answer.cards):
        raise Unsure("validity makes no sense")
    return answer


class Act(StrEnum):
    """What to ask of a supplier."""

    ORDER = "order"
    STATUS = "status"
    CANCEL = "cancel"
    DROP = "drop"  # nothing: it never knew
    WAIT = "wait"  # nothing for now: its member's account is frozen, or somebody proposes to give it up


def next_act(*, state: str, sent: bool, wanted: bool, overdue: bool, held: bool = False, gone: bool = False) -> Act:
    """What to ask about an order next. ``wanted``: its redemption still waits for it.

    What may have reached the supplier is asked about before it is sent again: also what a worker took up and died
    before it sent. What was not taken up is not sent while it is ``held`` (its member is frozen, or somebody proposes
    to give it up), and never to a member who is ``gone``.
    """
    if state == "unclear":
        return Act.CANCEL
    if state in {"refused", "cancelled"}:
        return Act.STATUS
    if overdue or not wanted:
        return Act.CANCEL if sent else Act.DROP
    if gone:
        return Act.STATUS if sent else Act.DROP
    if held and state == "waiting":
        return Act.WAIT
    return Act.STATUS if sent else Act.ORDER


def pause_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, by chance half as long."""
    longest = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return timedelta(seconds=longest * (1 + chance) / 2)


def deadline(*, created_at: datetime, resumed_at: datetime | None, minutes: int) -> datetime:
    """When the supplier has been silent for too long; a pause does not count."""
    began = max(created_at, resumed_at) if resumed_at else created_at
    return began + timedelta(minutes=minutes)
