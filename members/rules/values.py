"""The values of facts: how they are read from JSON or YAML, and how they are shown again.

Amounts are decimal strings at the edges and ``Decimal`` inside, dates ISO 8601 and ``date``.
"""

import contextlib
import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from members.rules.catalogue import FactType, Kind

type Value = str | int | bool | Decimal | date
type FactValue = Value | Collection[str] | None

_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # no database text can hold these
_LARGEST = 10**18 - 1  # eighteen digits are counted by every database and language
_SHOWN = 8
_SHOWN_LETTERS = 60


class WrongValue(ValueError):
    """A value does not fit its fact; the text is a sentence for the person who wrote it."""


def quoted(value: object) -> str:
    """A value as it was written, for a sentence."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _SHOWN_LETTERS else f"{written[:_SHOWN_LETTERS]}…"


def close_to(word: str, known: Collection[str]) -> str:
    """A hint at the word that was probably meant, or nothing."""
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(quoted(name) for name in near)}?" if near else ""


def _text(value: object, fact: FactType) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"{quoted(value)} is not a text")
    if not value or _UNSTORABLE.search(value):
        raise WrongValue("a text here is not empty and holds neither NUL nor half a character")
    if fact.choices is not None and value not in fact.choices:
        raise WrongValue(f"{quoted(value)} is not {_one_of(fact.choices)}{close_to(value, fact.choices)}")
    return str(value)


def _one_of(choices: frozenset[str]) -> str:
    if not choices:
        return "known: the program declares none"
    shown = sorted(choices)[:_SHOWN]
    return f"one of {', '.join(shown)}{', …' if len(choices) > _SHOWN else ''}"


def _integer(value: object, _fact: FactType) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(f"{quoted(value)} is not a whole number")
    if abs(value) > _LARGEST:
        raise WrongValue(f"{quoted(value)} has more than 18 digits")
    return int(value)


def _amount(value: object, _fact: FactType) -> Decimal:
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise WrongValue(f'{quoted(value)} is not an amount: write a decimal string such as "20.00"')
    return Decimal(value)


def _boolean(value: object, _fact: FactType) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"{quoted(value)} is not true or false")
    return value


def _date(value: object, _fact: FactType) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value  # YAML knows dates
    with contextlib.suppress(ValueError):  # no such day: the sentence below says it
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    raise WrongValue(f'{quoted(value)} is not a date: write it like "2026-12-31"')


_READERS: Mapping[Kind, Callable[[object, FactType], Value]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _text,
    Kind.LIST: _text,
    Kind.INTEGER: _integer,
    Kind.AMOUNT: _amount,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
}


def read_value(value: object, fact: FactType) -> Value:
    """The value that a condition or an attribute carries, for a list one element; raises WrongValue."""
    return _READERS[fact.kind](value, fact)


def read_stored(value: object, fact: FactType) -> Value | None:
    """A stored attribute as its fact's value; what no longer fits a changed declaration counts as missing."""
    try:
        return read_value(value, FactType(fact.kind))
    except WrongValue:
        return None


def show_value(value: FactValue, fact: FactType) -> object:
    """A fact's value as JSON: amounts and dates as strings, part hours as a number, lists sorted."""
    if isinstance(value, Decimal):
        return format(value, "f") if fact.kind is Kind.AMOUNT else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int | None):
        return value
    return sorted(value)
