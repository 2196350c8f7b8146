"""Addresses that people sign in with: an e-mail address or a phone number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

MOST_CHARACTERS = 254


@dataclass(frozen=True, slots=True)
class Address:
    """One of the two: ``email`` in lower case, or ``phone`` in E.164."""

    email: str = ""
    phone: str = ""

    def __str__(self) -> str:
        """Write it the way people do; a number with its country code and spaces."""
        return self.email or shown_phone(self.phone)

    @property
    def key(self) -> str:
        """What names it in a count or a lock."""
        return self.email or self.phone

    @classmethod
    def of(cls, state: dict[str, str]) -> Self:
        """The address that a running sign-in has noted."""
        return cls(email=state.get("email", ""), phone=state.get("phone", ""))


def read_address(written: str, *, countries: Sequence[str]) -> Address:
    """What somebody typed; a number without country code is looked for in these countries, in order."""
    text = written.strip()
    if len(text) > MOST_CHARACTERS:
        raise ValidationError(_("This is too long for an address."), code="invalid")
    if "@" in text:
        return Address(email=read_email(text))
    return Address(phone=read_phone(text, countries=countries))


def read_email(text: str) -> str:
    """An e-mail address in lower case."""
    try:
        validate_email(text)
    except ValidationError:
        detail = _("Check the e-mail address: it is written like name@example.com.")
        raise ValidationError(detail, code="invalid") from None
    return text.lower()


def read_phone(text: str, *, countries: Sequence[str] = ()) -> str:
    """A phone number in E.164."""
    if not any(character.isdigit() for character in text):
        raise ValidationError(_("Enter an e-mail address or a phone number."), code="invalid")
    found = list(_readings(text, countries))
    number = next((number for number in found if phonenumbers.is_valid_number(number)), None)
    if number is None:
        detail = _("Check the number, and begin with the country code, like +65 9123 4567.")
        raise ValidationError(detail, code="invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _readings(text: str, countries: Sequence[str]) -> Iterable[phonenumbers.PhoneNumber]:
    for country in [None] if text.startswith("+") else [*countries, None]:
        try:
            yield phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue


def shown_phone(phone: str) -> str:
    """A number in E.164 as people write it."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def country_of(phone: str) -> str:
    """The country of a number, as a two-letter code; empty if it has none."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or ""
