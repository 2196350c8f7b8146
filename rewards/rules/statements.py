"""What a line of a statement must be before it is matched. Pure Python."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.rules.money import to_minor
from core.rules.sheets import FORMULA, ROUNDED, Form, Turned
from rewards.rules.codes import told

LONGEST = 100
FORM = Form(("reference", "date", "amount"), ("reference", "amount"), most_bytes=16 * 1024 * 1024, most_rows=200_000)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,4})?")
EMPTY, FORMULA_CELL, TOO_LONG, BAD_DAY, BAD_AMOUNT = "empty", "formula", "too-long", "day", "amount"
ROUNDED_CELL, TURNED_CELL = "rounded", "turned"


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line: what it says, or the ``problem`` that keeps it out; ``detail`` is what the words on it mention."""

    number: int
    reference: str
    on: date | None = None
    amount_minor: int | None = None
    problem: str = ""
    detail: str = ""


def judge_line(number: int, cells: Mapping[str, str], *, currency: str) -> JudgedLine:
    """Judge one line by itself. ``currency``: that of the statement."""
    reference = cells["reference"].strip()
    if problem := _wrong_reference(cells["reference"], reference):
        return JudgedLine(number, reference[:LONGEST], problem=problem)
    said, amount = cells.get("date", "").strip(), cells["amount"].strip()
    on = _day(said)
    if said and on is None:
        return JudgedLine(number, reference, problem=BAD_DAY, detail=told(said))
    minor = _amount(amount, currency)
    if minor is None:
        return JudgedLine(number, reference, problem=BAD_AMOUNT, detail=told(amount))
    return JudgedLine(number, reference, on, minor)


def _wrong_reference(cell: str, reference: str) -> str:
    if not reference:
        return EMPTY
    if reference.startswith(FORMULA):
        return FORMULA_CELL
    if ROUNDED.fullmatch(reference):
        return ROUNDED_CELL
    if isinstance(cell, Turned):
        return TURNED_CELL
    return TOO_LONG if len(reference) > LONGEST else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _amount(text: str, currency: str) -> int | None:
    if not AMOUNT.fullmatch(text):
        return None
    try:
        return to_minor(Decimal(text), currency)
    except ValueError:
        return None
