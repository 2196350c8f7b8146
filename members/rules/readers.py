"""Single values of a member, as requests write them."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

import phonenumbers

from core.rules.moments import read_moment
from members.rules.catalogue import DATE, FactType
from members.rules.values import WrongValue, close_to, quoted, read_value

EXTERNAL_ID = re.compile(r"(?!uuid:|erased:)[A-Za-z0-9_.:@-]{1,64}", re.ASCII)
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@[^@\s\"(),:;<>\[\]\\.]+(\.[^@\s\"(),:;<>\[\]\\.]+)+")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_FIRST_BIRTH = date(1880, 1, 1)


class Wrong(Exception):
    """A value is not right; ``code`` is the code of the field error, the text what to do."""

    def __init__(self, code: str, detail: str) -> None:
        """Say what is wrong."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


def text(value: object, most: int) -> str:
    """A text of at most so many characters, without spaces around it; null is the empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong("invalid", f"{quoted(value)} is not a text")
    if _UNSTORABLE.search(value):
        raise Wrong("invalid", "the text holds a NUL or half a character")
    if len(value.strip()) > most:
        raise Wrong("too-long", f"at most {most} characters")
    return value.strip()


def one_of(value: object, known: Collection[str], code: str = "unknown") -> str:
    """One of the known words."""
    if not isinstance(value, str) or value not in known:
        hint = close_to(value, known) if isinstance(value, str) else ""
        raise Wrong(code, f"{quoted(value)} is not known{hint}")
    return value


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Wrong("invalid", "an object is expected here")
    return value


def external_id(value: object) -> str:
    """The caller's name of a member."""
    if value is None:
        raise Wrong("required", "name the member")
    if not isinstance(value, str):
        raise Wrong("invalid", f"{quoted(value)} is not a text")
    if not EXTERNAL_ID.fullmatch(value):
        raise Wrong(
            "invalid", "1 to 64 letters, digits and - _ . : @ are allowed; uuid: and erased: do not begin an id"
        )
    return value


def email(value: object) -> str:
    """An e-mail address, or nothing."""
    address = text(value, 254)
    if address and not _EMAIL.fullmatch(address):
        raise Wrong("invalid", f"{quoted(address)} is not an e-mail address")
    return address


def phone(value: object, market: str) -> str:
    """A phone number in E.164; a national one is read as of the market, where that is a country."""
    written = text(value, 40)
    if not written:
        return ""
    country = market if market in phonenumbers.SUPPORTED_REGIONS else None
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        raise Wrong("invalid", f"{quoted(written)} is not a phone number; write it like +6591234567") from None
    if not phonenumbers.is_possible_number(number):
        raise Wrong("invalid", f"{quoted(written)} has the wrong length for a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def moment(value: object, at: datetime) -> datetime:
    """A moment with offset that is not in the future."""
    when = read_moment(value)
    if when is None:
        raise Wrong("invalid", f"{quoted(value)} is not a time; write it like 2026-11-20T10:15:00+08:00")
    if when > at:
        raise Wrong("in-the-future", f"{value} is still to come")
    return when


def day(value: object) -> date | None:
    """A date, or nothing."""
    if value is None:
        return None
    found = fact(value, DATE)
    if not isinstance(found, date):
        raise Wrong("invalid", f"{quoted(value)} is not a date")
    return found


def birth_date(value: object, at: datetime) -> date | None:
    """A day on which somebody alive may have been born, or nothing."""
    born = day(value)
    if born and born > at.astimezone(UTC).date():
        raise Wrong("in-the-future", f"{born} is still to come")
    if born and born < _FIRST_BIRTH:
        raise Wrong("invalid", f"{born} is too long ago")
    return born


def fact(value: object, declared: FactType) -> object:
    """A value of a declared type."""
    try:
        return read_value(value, declared)
    except WrongValue as wrong:
        raise Wrong("invalid", str(wrong)) from None


def attribute(value: object, declared: FactType) -> object:
    """The value of a declared attribute, as it is stored: amounts and dates stay texts."""
    if isinstance(value, str):
        text(value, 1000)
    fact(value, declared)
    return value
