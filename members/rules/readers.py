"""Single values of a member, as requests write them."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

import phonenumbers

from core.rules.complaints import Complaint, Template, gettext_noop
from core.rules.moments import read_moment
from core.rules.texts import is_storable
from members.rules.catalogue import DATE, FactType
from members.rules.values import WrongValue, meant, quoted, read_value

RESERVED = (".", "..", "batch")  # as the last part of an address they mean something else
EXTERNAL_ID = re.compile(
    rf"(?!uuid:|erased:|(?:{'|'.join(map(re.escape, RESERVED))})\Z)[A-Za-z0-9_.:@-]{{1,64}}", re.ASCII
)
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@[^@\s\"(),:;<>\[\]\\.]+(\.[^@\s\"(),:;<>\[\]\\.]+)+")
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_LONGEST_NICKNAME = 30
_MOST_DIGITS = 5  # more may be a telephone number
_FIRST_BIRTH = date(1880, 1, 1)


class Wrong(Complaint):
    """A value is not right; ``code`` is the code of the field error, the sentence says what to do."""

    def __init__(self, code: str, template: Template, **values: object) -> None:
        """Say what is wrong."""
        super().__init__(template, **values)
        self.code = code


def text(value: object, most: int) -> str:
    """A text of at most so many characters, without spaces around it; null is the empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong("invalid", gettext_noop("%(value)s is not a text"), value=quoted(value))
    if not is_storable(value):
        raise Wrong("invalid", gettext_noop("the text holds a NUL or half a character"))
    return _short(value.strip(), most)


def _short(value: str, most: int) -> str:
    if len(value) > most:
        raise Wrong("too-long", gettext_noop("Send at most %(most)d characters."), most=most)
    return value


def line(value: object, most: int) -> str:
    """A text that is shown in one line, with single spaces: nothing hidden in it, and nothing that turns it around."""
    written = " ".join(text(value, most).split())
    if any(unicodedata.category(letter)[0] == "C" for letter in written if letter not in _JOINERS):
        raise Wrong("invalid", gettext_noop("leave out the invisible characters"))
    return written


def nickname(value: object) -> str:
    """A name for other members to see: nothing hidden in it, no address, no number to call."""
    name = _short(line(value, 200), _LONGEST_NICKNAME)
    if name and not any(letter.isalnum() for letter in name):
        raise Wrong("invalid", gettext_noop("a nickname has a letter or a digit"))
    if "@" in name or sum(letter.isdigit() for letter in name) > _MOST_DIGITS:
        template = gettext_noop("everybody sees the nickname: leave out addresses and phone numbers")
        raise Wrong("invalid", template)
    return name


def one_of(value: object, known: Collection[str], code: str = "unknown") -> str:
    """One of the known words."""
    if isinstance(value, str) and value in known:
        return value
    near = meant(value, known) if isinstance(value, str) else ""
    template = (
        gettext_noop("%(value)s is not known; did you mean %(near)s?")
        if near
        else gettext_noop("%(value)s is not known")
    )
    raise Wrong(code, template, value=quoted(value), near=near)


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Wrong("invalid", gettext_noop("Send a JSON object."))
    return value


def external_id(value: object) -> str:
    """The caller's name of a member."""
    if value is None:
        raise Wrong("required", gettext_noop("name the member"))
    if not isinstance(value, str):
        raise Wrong("invalid", gettext_noop("%(value)s is not a text"), value=quoted(value))
    if value in RESERVED:
        template = gettext_noop("%(value)s would be another address: give the member another id")
        raise Wrong("invalid", template, value=quoted(value))
    if not EXTERNAL_ID.fullmatch(value):
        template = gettext_noop(
            "1 to 64 letters, digits and - _ . : @ are allowed; uuid: and erased: do not begin an id"
        )
        raise Wrong("invalid", template)
    return value


def email(value: object) -> str:
    """An e-mail address, or nothing."""
    address = text(value, 254)
    if address and not _EMAIL.fullmatch(address):
        raise Wrong("invalid", gettext_noop("%(value)s is not an e-mail address"), value=quoted(address))
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
        template = gettext_noop("%(value)s is not a phone number; write it like +6591234567")
        raise Wrong("invalid", template, value=quoted(written)) from None
    if not phonenumbers.is_possible_number(number):
        template = gettext_noop("%(value)s has the wrong length for a phone number")
        raise Wrong("invalid", template, value=quoted(written))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def moment(value: object, at: datetime) -> datetime:
    """A moment with offset that is not in the future."""
    when = read_moment(value)
    if when is None:
        template = gettext_noop("%(value)s is not a time; write it like 2026-11-20T10:15:00+08:00")
        raise Wrong("invalid", template, value=quoted(value))
    if when > at:
        raise Wrong("in-the-future", gettext_noop("%(value)s is still to come"), value=value)
    return when


def day(value: object) -> date | None:
    """A date, or nothing."""
    if value is None:
        return None
    found = fact(value, DATE)
    return found if isinstance(found, date) else None


def birth_date(value: object, at: datetime) -> date | None:
    """A day on which somebody alive may have been born, or nothing."""
    born = day(value)
    if born and born > at.astimezone(UTC).date():
        raise Wrong("in-the-future", gettext_noop("%(value)s is still to come"), value=born)
    if born and born < _FIRST_BIRTH:
        raise Wrong("invalid", gettext_noop("%(value)s is too long ago"), value=born)
    return born


def fact(value: object, declared: FactType) -> object:
    """A value of a declared type."""
    try:
        return read_value(value, declared)
    except WrongValue as wrong:
        raise Wrong("invalid", wrong.template, **wrong.values) from None


def attribute(value: object, declared: FactType) -> object:
    """The value of a declared attribute, as it is stored: amounts and dates stay texts."""
    if isinstance(value, str):
        text(value, 1000)
    fact(value, declared)
    return value
