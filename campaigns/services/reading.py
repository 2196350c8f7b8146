"""Reading events: CloudEvents 1.0 as JSON becomes an event that rules can judge, or every wrong value is named."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from campaigns.rules.derived import RESERVED
from campaigns.rules.state import Outlet
from campaigns.services.configuration import Configuration, Type
from core.refusals import FieldError, Invalid, Text, told
from core.rules.money import WrongAmount, read_amount, read_minor, to_text
from members.rules.catalogue import DERIVED_EVENT_TYPES, FactType, Kind
from members.rules.values import WrongValue, read_value
from members.services.signals import digest_signal

REVERSED = "event.reversed"
AHEAD = timedelta(minutes=5)
LONGEST_NAME = 200
LONGEST_TEXT = 500
EARLIEST = "1900"
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
BUILT_IN = {"amount", "currency", "channel", "outlet", "signals"}
SIGNALS = {"device", "instrument"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A valid event. ``type`` is None for a reversal, whose ``original`` names the event it takes back."""

    source: str
    key: str
    subject: str
    time: datetime
    type: Type | None
    amount_minor: int | None
    currency: str
    outlet: Outlet | None
    data: Mapping[str, object]
    original: tuple[str, str] | None
    amount_text: str  # of a reversal: as sent, read when the original's currency is known
    fingerprint: bytes


def read_event(raw: object, configuration: Configuration, at: datetime) -> Incoming:
    """Read one event; raises ``Invalid`` with a field error for each wrong value."""
    return _Reader(configuration, at).read(raw)


class _Reader:
    """Reads one event and collects what is wrong with it."""

    def __init__(self, configuration: Configuration, at: datetime) -> None:
        self.configuration = configuration
        self.at = at
        self.errors: list[FieldError] = []

    def read(self, raw: object) -> Incoming:
        """The whole event."""
        if not isinstance(raw, Mapping):
            raise Invalid(_("An event is a JSON object."), errors=[FieldError("", "invalid", _("Send a JSON object."))])
        if raw.get("specversion") != "1.0":
            self.wrong_or_missing(raw, "specversion", _('Send "specversion": "1.0" (CloudEvents 1.0).'))
        source, key = self.source(raw), self.name(raw, "id")
        subject, time = self.name(raw, "subject", longest=69), self.time(raw)
        code = self.name(raw, "type", longest=60)
        data = self.data(raw)
        event = (
            self.reversal(source, key, subject, time, data)
            if code == REVERSED
            else self.occurrence(source, key, subject, time, self.type(code), data)
        )
        if self.errors:
            raise Invalid(_("The event has values that are not valid."), errors=self.errors)
        return event

    # -- the envelope -------------------------------------------------------------------------

    def error(self, pointer: str, code: str, detail: Text) -> None:
        """Name a wrong value."""
        self.errors.append(FieldError(pointer, code, detail))

    def wrong_or_missing(self, raw: Mapping[str, Any], name: str, detail: str) -> None:
        """A value that is missing or not what it must be."""
        self.error(f"/{name}", "invalid" if name in raw else "required", detail)

    def name(self, raw: Mapping[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
        """A required text without control characters."""
        value = raw.get(name)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.wrong_or_missing(raw, name, _("Send a text that is not empty."))
            return ""
        if len(value) > longest:
            self.error(f"/{name}", "too-long", _("Send at most %(most)d characters.") % {"most": longest})
        return value

    def source(self, raw: Mapping[str, Any]) -> str:
        """Where the event comes from: not from the platform itself."""
        source = self.name(raw, "source")
        if source.startswith(RESERVED):
            detail = _("Sources that begin with %(prefix)s are those of the platform's own events.")
            self.error("/source", "invalid", detail % {"prefix": RESERVED})
        return source

    def time(self, raw: Mapping[str, Any]) -> datetime:
        """The moment of the event, with its offset."""
        value = raw.get("time")
        try:
            time = datetime.fromisoformat(_rfc3339(value)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.wrong_or_missing(raw, "time", _('Send RFC 3339 with an offset, like "2026-11-20T10:15:00+08:00".'))
            return self.at
        if time > self.at + AHEAD:
            self.error("/time", "in-the-future", _("The time is more than five minutes ahead of now."))
        return time

    def type(self, code: str) -> Type | None:
        """A declared type."""
        known = self.configuration.types.get(code)
        if code in DERIVED_EVENT_TYPES:
            self.error("/type", "unknown-type", _("Events of type %(code)s are the platform's own.") % {"code": code})
        elif code and (known is None or known.retired):
            self.error("/type", "unknown-type", _("The program declares no event type %(code)s.") % {"code": code})
        return known

    def data(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event's own data."""
        data = raw.get("data", {})
        if isinstance(data, Mapping) and "data_base64" not in raw:
            return data
        self.error("/data", "invalid", _("Send data as a JSON object."))
        return {}

    # -- something happened -------------------------------------------------------------------

    def occurrence(  # noqa: PLR0917  # the parts read so far
        self, source: str, key: str, subject: str, time: datetime, kind: Type | None, data: Mapping[str, Any]
    ) -> Incoming:
        """An event of a declared type."""
        amount, currency = self.money(kind, data)
        outlet = self.outlet(data)
        normal = self.declared(kind, data)
        normal |= {name: data[name] for name in ("channel", "outlet") if data.get(name) is not None}
        if amount is not None:
            normal |= {"amount": to_text(amount, currency), "currency": currency}
        self.text(data, "channel")
        signals = self.signals(data)
        return Incoming(
            source=source,
            key=key,
            subject=subject,
            time=time,
            type=kind,
            amount_minor=amount,
            currency=currency,
            outlet=outlet,
            data=normal | signals,
            original=None,
            amount_text="",
            fingerprint=fingerprint(kind.code if kind else "", subject, time, normal | signals),
        )

    def money(self, kind: Type | None, data: Mapping[str, Any]) -> tuple[int | None, str]:
        """Amount in minor units and currency; (None, "") for an event without."""
        given = data.get("amount")
        if kind is None or (given is None and kind.amount == "none"):
            return None, ""
        if kind.amount == "none":
            self.error("/data/amount", "undeclared", _("Events of this type carry no amount."))
            return None, ""
        if given is None:
            if kind.amount == "required":
                self.error("/data/amount", "required", _('Send the amount as a text, like "120.50".'))
            return None, ""
        currency = self.currency(data)
        return (self.amount(given, currency), currency) if currency else (None, "")

    def currency(self, data: Mapping[str, Any]) -> str:
        """A currency in which some market of the program trades."""
        value = data.get("currency")
        if value is None:
            self.error("/data/currency", "required", _("Send the currency of the amount."))
            return ""
        if not isinstance(value, str) or value not in self.configuration.currencies:
            known = ", ".join(sorted(self.configuration.currencies))
            self.error("/data/currency", "wrong-currency", _("Send one of %(known)s.") % {"known": known})
            return ""
        return value

    def amount(self, given: object, currency: str) -> int | None:
        """Minor units of a decimal text."""
        try:
            return read_minor(read_amount(given), currency)
        except WrongAmount as wrong:
            back = _("Send an amount of zero or more; take back with event.reversed.")
            self.error("/data/amount", wrong.code, back if wrong.code == "negative" else told(wrong))
            return None

    def outlet(self, data: Mapping[str, Any]) -> Outlet | None:
        """A known outlet."""
        code = data.get("outlet")
        if code is None:
            return None
        outlet = self.configuration.outlets.get(code) if isinstance(code, str) else None
        if outlet is None:
            self.error("/data/outlet", "unknown-outlet", _("The program has no outlet with this code."))
        return outlet

    def text(self, data: Mapping[str, Any], name: str) -> None:
        """An optional short text."""
        value = data.get(name)
        if value is None:
            return
        if not isinstance(value, str) or not value.isprintable():
            self.error(f"/data/{name}", "invalid", _("Send a text."))
        elif len(value) > LONGEST_NAME:
            self.error(f"/data/{name}", "too-long", _("Send at most %(most)d characters.") % {"most": LONGEST_NAME})

    def signals(self, data: Mapping[str, Any]) -> dict[str, object]:
        """Device and instrument, kept as keyed hashes."""
        signals = data.get("signals")
        if signals is None:
            return {}
        if (
            not isinstance(signals, Mapping)
            or not signals.keys() <= SIGNALS
            or not all(map(_is_name, signals.values()))
        ):
            self.error("/data/signals", "invalid", _("Send device and instrument as texts."))
            return {}
        return {"signals": {kind: digest_signal(kind, value).hex() for kind, value in sorted(signals.items())}}

    def declared(self, kind: Type | None, data: Mapping[str, Any]) -> dict[str, object]:
        """Declared attributes, normalised; anything else is undeclared."""
        if kind is None:
            return {}
        values: dict[str, object] = {}
        for name, value in data.items():
            if name in kind.data:
                values |= self.attribute(name, value, kind.data[name])
            elif name not in BUILT_IN:
                self.error(
                    _pointer(name), "undeclared", _("Declare this attribute for the event type, or leave it out.")
                )
        return values

    def attribute(self, name: str, value: object, fact: FactType) -> dict[str, object]:
        """One declared attribute; null is the same as leaving it out."""
        if value is None:
            return {}
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            self.error(_pointer(name), "too-long", _("Send at most %(most)d characters.") % {"most": LONGEST_TEXT})
            return {}
        try:
            read = read_value(value, fact)
        except WrongValue as wrong:
            self.error(_pointer(name), "invalid", told(wrong))
            return {}
        if isinstance(value, str) and not value.isprintable():
            self.error(_pointer(name), "invalid", _("Send a text without control characters."))
        return {name: f"{read.normalize():f}" if fact.kind is Kind.AMOUNT and isinstance(read, Decimal) else value}

    def taken_back(self, given: object) -> Decimal | None:
        """The amount of a reversal, whose currency is that of the original; None if it takes back all."""
        if given is None:
            return None
        more = _("Send an amount of more than zero, or none to take back all.")
        try:
            if value := read_amount(given):
                return value
            self.error("/data/amount", "negative", more)
        except WrongAmount as wrong:
            self.error("/data/amount", wrong.code, more if wrong.code == "negative" else told(wrong))
        return None

    # -- something is taken back --------------------------------------------------------------

    def reversal(  # the parts read so far
        self, source: str, key: str, subject: str, time: datetime, data: Mapping[str, Any]
    ) -> Incoming:
        """A reversal names its original and, when it is partial, how much."""
        original = (self.part(data, "source"), self.part(data, "id"))
        for name in data.keys() - {"source", "id", "amount", "currency"}:
            self.error(_pointer(name), "undeclared", _("A reversal carries source, id and amount."))
        value = self.taken_back(data.get("amount"))
        normal: dict[str, object] = {"source": original[0], "id": original[1]}
        if value is not None:
            normal["amount"] = f"{value.normalize():f}"
        currency = self.reversal_currency(data)
        return Incoming(
            source=source,
            key=key,
            subject=subject,
            time=time,
            type=None,
            amount_minor=None,
            currency=currency,
            outlet=None,
            data=normal,
            original=original,
            amount_text="" if value is None else str(data["amount"]),
            fingerprint=fingerprint(REVERSED, subject, time, normal),
        )

    def part(self, data: Mapping[str, Any], name: str) -> str:
        """One half of the original's name."""
        value = data.get(name)
        if _is_name(value):
            return str(value)
        detail = _("Name the event to take back by its source and id.")
        self.error(f"/data/{name}", "invalid" if name in data else "required", detail)
        return ""

    def reversal_currency(self, data: Mapping[str, Any]) -> str:
        """The original's currency may be repeated; it is compared when the original is known."""
        value = data.get("currency")
        if value is None or value in self.configuration.currencies:
            return str(value or "")
        self.error("/data/currency", "wrong-currency", _("Send the currency of the original, or none."))
        return ""


def unknown_member() -> Invalid:
    """The subject is no member of the program."""
    detail = _("The program has no member with this external id: enrol the member first.")
    return Invalid(detail, errors=[FieldError("/subject", "unknown-member", detail)])


def unknown_rate(currency: str, day: date) -> Invalid:
    """An amount in a currency that the program cannot convert on that day."""
    detail = _("The program has no rate for %(currency)s on %(day)s: add one.") % {"currency": currency, "day": day}
    return Invalid(detail, errors=[FieldError("/data/currency", "wrong-currency", detail)])


def fingerprint(code: str, subject: str, time: datetime, data: Mapping[str, object]) -> bytes:
    """sha256 of what makes two events the same: type, subject, instant, normalised data."""
    content = CANONICAL.encode([code, subject, time.isoformat(), data])
    return hashlib.sha256(content.encode()).digest()


def _rfc3339(value: object) -> str:
    """A moment's text in the form that Python reads; ValueError for any other."""
    if not isinstance(value, str) or not TIME.fullmatch(value) or value < EARLIEST:
        raise ValueError(value)
    return value.upper()


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _pointer(name: str) -> str:
    """JSON pointer of a data attribute (RFC 6901)."""
    return f"/data/{name.replace('~', '~0').replace('/', '~1')}"
