"""Columns that several lists have."""

import json
from collections.abc import Callable
from functools import cache
from string import hexdigits
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import JSONField, Model
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Offer
from campaigns.rules.offers import EXPIRED, state_shown
from core.models import ApiClient
from ledger.models import POINTS, STATUS, Book
from loyalty.display import formats
from loyalty.display.effect_words import points

STATES: dict[str, str | None] = {
    **dict.fromkeys(("none", "draft", "ended", "cancelled", "erased", "expired")),
    "live": "success",
    "active": "success",
    "verified": "success",
    "done": "success",
    "completed": "success",
    "assigned": "info",
    "seen": "info",
    "activated": "info",
    "held_out": "warning",
    "processed": "success",
    "scheduled": "info",
    "running": "info",
    "in_review": "info",
    "pending": "warning",
    "paused": "warning",
    "queued": "warning",
    "waiting": "warning",
    "frozen": "danger",
    "failed": "danger",
    "rejected": "danger",
}


class Shade(NamedTuple):
    """A state: its code, by which lists colour it, and the words that pages show."""

    code: str
    words: str

    def __str__(self) -> str:
        """The words alone."""
        return self.words


def short(uuid: UUID | None) -> str:
    """The beginning of a random id: enough for a list, whose rows lead to the whole."""
    return str(uuid)[: formats.READ_OUT] if uuid else "–"


def as_uuid(text: str) -> UUID | None:
    """A random id that somebody looks for, as people write it."""
    try:
        return UUID(text)
    except ValueError:
        return None


def ids_beginning(text: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin so, as members read the number of a receipt out."""
    digits = text.replace("-", "").lower()
    if len(digits) != formats.READ_OUT or not set(digits) <= set(hexdigits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


class StateColumn:
    """``shown_state``: the state in words and colour."""

    @display(description=_("State"), label=STATES)
    def shown_state(self, row: Any) -> Shade:
        """Code and words."""
        return Shade(row.state, row.get_state_display())


class ClientColumn:
    """``shown_client``: the name of the API client that asked, or what stands for one of ours."""

    @display(description=_("client"))
    def shown_client(self, row: Any) -> str:
        """Its name, while it is there."""
        client = ApiClient.objects.filter(client=row.client).first() if row.client else None
        return client.name if client else row.client or "–"


def offer_state(offer: Offer) -> tuple[str, str]:
    """What an offer is now, code and words: that it has expired follows from its end."""
    completed, closed = offer.completed_at is not None, offer.is_closed
    state = state_shown(offer.state, completed=completed, closed=closed, until=offer.until, at=timezone.now())
    return state, str(_("Expired") if state == EXPIRED else Offer.State(state).label)


def value(amount: int, book: Book) -> str:
    """An amount of a book's smallest unit as people write it."""
    return formats.number(amount) if book.unit in {POINTS, STATUS} else formats.amount(amount, book.unit)


def of_unit(amount: int | str, unit: str) -> str:
    """An amount with its unit, of points or money: whole smallest units, or decimal text as reports have it."""
    return points(int(amount)) if unit in {POINTS, STATUS} else formats.amount(amount, unit)


def money(amount: int | None, currency: str) -> str:
    """An amount of money, or a dash."""
    return "–" if amount is None else formats.amount(amount, currency)


@cache
def readable(column: JSONField) -> Callable[[Model], str]:
    """A column of JSON in the letters of its language, a line for each key."""

    def shown(row: Model) -> str:
        found = getattr(row, column.name)
        said = json.dumps(found, ensure_ascii=False, indent=2)
        return format_html('<pre dir="ltr">{}</pre>', said) if found else "–"

    shown.__name__ = column.name
    described: Callable[[Model], str] = display(description=column.verbose_name)(shown)
    return described
