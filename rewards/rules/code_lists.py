"""What a row of a list of codes must be before its code goes into stock. Pure Python."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from core.rules.money import is_currency, to_minor, to_text
from core.rules.sheets import FORMULA, ROUNDED, Form, Turned
from rewards.rules.codes import told
from rewards.rules.prices import Value

LONGEST, LONGEST_PIN = 64, 16
FORM = Form(("code", "pin", "expires_on", "value"), ("code",), most_bytes=32 * 1024 * 1024, most_rows=500_000)
SIGNS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._:/#*+=-]*[A-Za-z0-9#*+=])?")
PIN_INSIDE = re.compile(r"\sPIN\s", re.IGNORECASE)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
VALUE = re.compile(r"(?:(?P<currency>[A-Z]{3}) )?(?P<amount>\d{1,12}(?:\.\d{1,4})?)")

EMPTY, FORMULA_CELL, TOO_LONG, CHARACTERS = "empty", "formula", "too-long", "characters"
ROUNDED_CELL, TURNED_CELL = "rounded", "turned"
PIN_IN_CODE, BAD_PIN = "pin-in-code", "pin"
TWICE, ALIKE, KNOWN = "twice", "alike", "known"
BAD_DAY, PAST, BAD_VALUE = "day", "past", "value"
NO_ROWS = "no-rows"  # of a list that names its columns, and nothing else
NO_VALUE, NOT_SOLD = "no-value", "not-sold"
MOST_DETAIL = 80


@dataclass(frozen=True, slots=True)
class Judged:
    """A row: its code and PIN, or the ``problem`` that keeps it out; ``detail`` is what the words on it mention."""

    number: int
    code: str
    pin: str = ""
    expires_on: date | None = None
    value_minor: int | None = None
    currency: str = ""
    problem: str = ""
    detail: str = ""


def judge_row(
    number: int, cells: Mapping[str, str], *, today: date, currency: str, values: Collection[Value] = ()
) -> Judged:
    """Judge one row by itself. ``currency``: that of values that name none. ``values``: those it must be one of."""
    code = cells["code"].strip()
    if problem := _wrong_code(cells["code"], code):
        return Judged(number, code, problem=problem)
    pin = cells.get("pin", "").strip()
    if pin and _wrong_code(cells["pin"], pin, longest=LONGEST_PIN):
        return Judged(number, code, problem=BAD_PIN)
    day, problem = _day(cells.get("expires_on", "").strip(), today)
    if problem:
        return Judged(number, code, problem=problem, detail=told(cells["expires_on"].strip()))
    said = cells.get("value", "").strip()
    value = _value(said, currency)
    if value is None:
        return Judged(number, code, problem=BAD_VALUE, detail=told(said))
    if values and value not in values:
        problem, detail = not_sold(*value, values=values)
        is_plain = not said or said[0].isalpha() or told(said) == said  # else it may be a code in the wrong column
        return Judged(number, code, problem=problem, detail=detail if is_plain else told(said))
    return Judged(number, code, pin, day, *value)


def not_sold(minor: int | None, currency: str, *, values: Collection[Value]) -> tuple[str, str]:
    """Problem and detail of a code that has no value, or one that is none of those that its reward has."""
    if minor is None:
        return NO_VALUE, _shown(values)
    return NOT_SOLD, _shown([(minor, currency)])


def _shown(values: Collection[Value]) -> str:
    """Values as a list of codes says them, as many as are short enough."""
    said = ", ".join(f"{currency} {to_text(minor, currency)}" for minor, currency in values)
    return said if len(said) <= MOST_DETAIL else f"{said[: said.rindex(', ', 0, MOST_DETAIL - 1)]} …"


def _wrong_code(cell: str, code: str, longest: int = LONGEST) -> str:
    if not code:
        return EMPTY
    if cell.startswith(FORMULA) or code.startswith(FORMULA):
        return FORMULA_CELL
    if len(code) > longest:
        return TOO_LONG
    if ROUNDED.fullmatch(code):
        return ROUNDED_CELL
    if isinstance(cell, Turned):
        return TURNED_CELL
    if PIN_INSIDE.search(code):
        return PIN_IN_CODE
    return "" if SIGNS.fullmatch(code) else CHARACTERS


def _day(text: str, today: date) -> tuple[date | None, str]:
    """The last good day; it must be in the future, for nobody is given a code on its last day."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        return None, BAD_DAY
    return (day, "") if day > today else (None, PAST)


def _value(text: str, currency: str) -> tuple[int | None, str] | None:
    """Smallest units and their currency; None: not an amount. An empty cell is no value."""
    if not text:
        return None, ""
    found = VALUE.fullmatch(text)
    unit = (found and found["currency"]) or currency
    if not found or not is_currency(unit):
        return None
    try:
        minor = to_minor(Decimal(found["amount"]), unit)
    except (ValueError, InvalidOperation):
        return None
    return (minor, unit) if minor else None
