"""The values of facts: how they are read from JSON or YAML, and how they are shown again.

Amounts are decimal strings at the edges and ``Decimal`` inside, dates ISO 8601 and ``date``.
"""

import contextlib
import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from core.rules.complaints import Complaint, gettext_noop
from core.rules.texts import is_storable
from members.rules.catalogue import FactType, Kind

type Value = str | int | bool | Decimal | date
type FactValue = Value | Collection[str] | None

_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LARGEST = 10**18 - 1  # eighteen digits are counted by every database and language
_SHOWN = 8
_SHOWN_LETTERS = 60


class WrongValue(Complaint, ValueError):
    """A value does not fit its fact; the text is a sentence for the person who wrote it."""


def quoted(value: object) -> str:
    """A value as it was written, for a sentence."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _SHOWN_LETTERS else f"{written[:_SHOWN_LETTERS]}…"


def close_to(word: str, known: Collection[str]) -> str:
    """A hint at the word that was probably meant, or nothing."""
    near = [quoted(name) for name in _near(word, known)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def meant(word: str, known: Collection[str]) -> str:
    """The words that were probably meant, for a sentence in any language; or nothing."""
    return ", ".join(quoted(name) for name in _near(word, known))


def _near(word: str, known: Collection[str]) -> Sequence[str]:
    return difflib.get_close_matches(word, known, n=3, cutoff=0.6)


def _text(value: object, fact: FactType) -> str:
    if not isinstance(value, str):
        raise WrongValue(gettext_noop("%(value)s is not a text"), value=quoted(value))
    if not value or not is_storable(value):
        raise WrongValue(gettext_noop("a text here is not empty and holds neither NUL nor half a character"))
    if fact.choices is not None and value not in fact.choices:
        raise _no_choice(value, fact.choices)
    return str(value)


def _no_choice(value: str, choices: frozenset[str]) -> WrongValue:
    if not choices:
        return WrongValue(gettext_noop("%(value)s is not known: the program declares none"), value=quoted(value))
    near = meant(value, choices)
    template = (
        gettext_noop("%(value)s is not one of %(names)s; did you mean %(near)s?")
        if near
        else gettext_noop("%(value)s is not one of %(names)s")
    )
    names = ", ".join([*sorted(choices)[:_SHOWN], *(["…"] if len(choices) > _SHOWN else [])])
    return WrongValue(template, value=quoted(value), names=names, near=near)


def _integer(value: object, _fact: FactType) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(gettext_noop("%(value)s is not a whole number"), value=quoted(value))
    if abs(value) > _LARGEST:
        raise WrongValue(gettext_noop("%(value)s has more than 18 digits"), value=quoted(value))
    return int(value)


def _amount(value: object, _fact: FactType) -> Decimal:
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        template = gettext_noop('%(value)s is not an amount: write a decimal string such as "20.00"')
        raise WrongValue(template, value=quoted(value))
    return Decimal(value)


def _boolean(value: object, _fact: FactType) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(gettext_noop("%(value)s is not true or false"), value=quoted(value))
    return value


def _date(value: object, _fact: FactType) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value  # YAML knows dates
    with contextlib.suppress(ValueError):  # no such day: the sentence below says it
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    raise WrongValue(gettext_noop('%(value)s is not a date: write it like "2026-12-31"'), value=quoted(value))


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
