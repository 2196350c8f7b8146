"""Columns that several lists have."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ledger.models import POINTS, STATUS, Book
from loyalty.display import formats

STATES: dict[str, str | None] = {
    **dict.fromkeys(("none", "draft", "ended", "cancelled", "erased")),
    "live": "success",
    "active": "success",
    "verified": "success",
    "done": "success",
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


class StateColumn:
    """``shown_state``: the state in words and colour."""

    @display(description=_("State"), label=STATES)
    def shown_state(self, row: Any) -> tuple[str, str]:
        """Code and words."""
        return row.state, row.get_state_display()


def value(amount: int, book: Book) -> str:
    """An amount of a book's smallest unit as people write it."""
    return formats.number(amount) if book.unit in {POINTS, STATUS} else formats.amount(amount, book.unit)


def money(amount: int | None, currency: str) -> str:
    """An amount of money, or a dash."""
    return "–" if amount is None else formats.amount(amount, currency)
