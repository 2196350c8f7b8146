"""Reading what a request says about a member: every error is named, absent keys change nothing, null empties."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.refusals import FieldError, Invalid, told
from core.rules.complaints import gettext_noop
from members.rules import readers
from members.rules.profiles import (
    CONSENTS,
    MERCHANT_TEXTS,
    MerchantFields,
    Profile,
    Setting,
    VehicleProfile,
)
from members.rules.readers import Wrong
from members.rules.referrals import LONGEST, normal_code

KINDS = ("customer", "merchant")
STATES = ("active", "frozen")
KYC_STATES = ("none", "pending", "verified", "rejected")
SIGNALS = ("device", "instrument")
MOST_VEHICLES = 100
FIELDS = (
    "market", "region", "language", "kind", "status", "name", "nickname", "email", "phone", "birth_date", "kyc",
    "enrolled_at", "attributes", "consents", "merchant", "vehicles", "signals", "referral_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request asks for: the profile after it, the signals it brings (kind → value), and whose code."""

    profile: Profile
    signals: Mapping[str, str]
    code: str = ""


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


@dataclass(slots=True)
class _Reader:
    """One reading: the profile before, and what was found so far."""

    base: Profile
    setting: Setting
    at: datetime
    errors: list[FieldError] = field(default_factory=list)
    signals: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def attempt[**P, T](self, where: str, fallback: T, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What is read, or the fallback with the error noted."""
        try:
            return read(*args, **kwargs)
        except Wrong as wrong:
            self.note(where, wrong)
            return fallback

    def note(self, where: str, wrong: Wrong) -> None:
        """Keep an error, and read on."""
        self.errors.append(FieldError(where, wrong.code, told(wrong)))

    def known(self, given: Mapping[str, object], allowed: tuple[str, ...], *where: str | int) -> dict[str, object]:
        """The allowed keys; the others are errors."""
        for key in given.keys() - set(allowed):
            self.note(pointer(*where, key), Wrong("unknown", gettext_noop("leave this out")))
        return {key: given[key] for key in allowed if key in given}

    def market(self, value: object) -> dict[str, object]:
        return {"market": readers.one_of(value, self.setting.markets)}

    def region(self, value: object) -> dict[str, object]:
        return {"region": None if value is None else readers.one_of(value, self.setting.regions)}

    def language(self, value: object) -> dict[str, object]:
        return {"language": readers.one_of(value, self.setting.languages)}

    def kind(self, value: object) -> dict[str, object]:
        return {"kind": readers.one_of(value, KINDS, "invalid")}

    def status(self, value: object) -> dict[str, object]:
        return {"status": readers.one_of(value, STATES, "invalid"), "froze_self": False}

    def name(self, value: object) -> dict[str, object]:
        return {"name": readers.line(value, 200)}

    def nickname(self, value: object) -> dict[str, object]:
        return {"nickname": readers.nickname(value)}

    def email(self, value: object) -> dict[str, object]:
        return {"email": readers.email(value)}

    def phone(self, value: object) -> dict[str, object]:
        return {"phone": readers.phone(value, self.base.market)}

    def birth_date(self, value: object) -> dict[str, object]:
        return {"birth_date": readers.birth_date(value, self.at)}

    def enrolled_at(self, value: object) -> dict[str, object]:
        return {"enrolled_at": readers.moment(value, self.at)}

    def kyc(self, value: object) -> dict[str, object]:
        """State and since when; without a time a new state holds from now on."""
        given = self.known(readers.mapping({"state": "none"} if value is None else value), ("state", "at"), "kyc")
        state = self.attempt(
            "/kyc/state", "none", readers.one_of, given.get("state", self.base.kyc), KYC_STATES, "invalid"
        )
        since = self.base.kyc_at if state == self.base.kyc else self.at
        if given.get("at") is not None:
            since = self.attempt("/kyc/at", since, readers.moment, given["at"], self.at)
        return {"kyc": state, "kyc_at": None if state == "none" else since}

    def attributes(self, value: object) -> dict[str, object]:
        if value is None:
            return {"attributes": {}}
        merged = dict(self.base.attributes)
        for code, written in readers.mapping(value).items():
            nothing: dict[str, object] = {}
            merged |= self.attempt(pointer("attributes", code), nothing, self._attribute, code, written)
        return {"attributes": {code: kept for code, kept in merged.items() if kept is not None}}

    def _attribute(self, code: str, written: object) -> dict[str, object]:
        declared = self.setting.attributes.get(code)
        if declared is None:
            raise Wrong("undeclared", gettext_noop("the program declares no such attribute"))
        return {code: None if written is None else readers.attribute(written, declared)}

    def consents(self, value: object) -> dict[str, object]:
        given = self.known(readers.mapping({} if value is None else value), CONSENTS, "consents")
        for purpose, answer in given.items():
            if not isinstance(answer, bool | None):
                self.note(pointer("consents", purpose), _no_switch())
        granted = {purpose for purpose, answer in given.items() if answer is True}
        kept = self.base.consents - set(given) if value is not None else frozenset()
        return {"consents": frozenset(kept | granted)}

    def merchant(self, value: object) -> dict[str, object]:
        if value is None:
            return {"merchant": None}
        given = self.known(readers.mapping(value), (*MERCHANT_TEXTS, "preferred"), "merchant")
        before = self.base.merchant or MerchantFields()
        changes: dict[str, object] = {
            key: self.attempt(f"/merchant/{key}", "", readers.line, given[key], _merchant_length(key))
            for key in given
            if key != "preferred"
        }
        if "preferred" in given:
            changes["preferred"] = given["preferred"] is True
            if not isinstance(given["preferred"], bool):
                self.note("/merchant/preferred", _no_switch())
        return {"merchant": _replaced(before, changes)}

    def vehicles(self, value: object) -> dict[str, object]:
        if not isinstance(value, list | None):
            raise Wrong("invalid", gettext_noop("a list is expected here"))
        if len(value or ()) > MOST_VEHICLES:
            raise Wrong("too-long", gettext_noop("at most %(most)s vehicles"), most=MOST_VEHICLES)
        found = [
            self.attempt(f"/vehicles/{index}", None, self._vehicle, index, car) for index, car in enumerate(value or ())
        ]
        cars = tuple(car for car in found if car is not None)
        if len({car.vin for car in cars}) < len(cars):
            raise Wrong("invalid", gettext_noop("a VIN stands here twice"))
        return {"vehicles": tuple(sorted(cars, key=lambda car: car.vin))}

    def _vehicle(self, index: int, value: object) -> VehicleProfile:
        allowed = ("vin", "plate", "model", "bought_on", "warranty_until")
        given = self.known(readers.mapping(value), allowed, "vehicles", index)
        where = f"/vehicles/{index}"
        return VehicleProfile(
            vin=self.attempt(f"{where}/vin", "", _vin, given.get("vin")),
            plate=self.attempt(f"{where}/plate", "", _plate, given.get("plate")),
            model=self.attempt(f"{where}/model", "", readers.line, given.get("model"), 80),
            bought_on=self.attempt(f"{where}/bought_on", None, readers.day, given.get("bought_on")),
            warranty_until=self.attempt(f"{where}/warranty_until", None, readers.day, given.get("warranty_until")),
        )

    def read_signals(self, value: object) -> dict[str, object]:
        given = self.known(readers.mapping({} if value is None else value), SIGNALS, "signals")
        read = {kind: self.attempt(f"/signals/{kind}", "", readers.text, given[kind], 400) for kind in given}
        self.signals = {kind: seen for kind, seen in read.items() if seen}
        return {}

    def referral_code(self, value: object) -> dict[str, object]:
        code = normal_code(readers.text(value, LONGEST))
        if code and code not in self.setting.referral_codes:
            template = gettext_noop("no member of the program has this code: send another one, or none")
            raise Wrong("unknown", template)
        self.code = code
        return {}

    def read(self, body: Mapping[str, object]) -> Reading:
        """Read every field; market first, since others depend on it."""
        for key, value in self.known({k: v for k, v in body.items() if k != "external_id"}, FIELDS).items():
            read = self.read_signals if key == "signals" else getattr(self, key)
            nothing: dict[str, object] = {}
            self.base = _replaced(self.base, self.attempt(pointer(key), nothing, read, value))
        if self.base.region and self.setting.regions.get(self.base.region) != self.base.market and not self.errors:
            template = gettext_noop("%(region)s is not in %(market)s")
            self.note("/region", Wrong("invalid", template, region=self.base.region, market=self.base.market))
        if self.errors:
            raise Invalid(errors=sorted(self.errors, key=lambda error: error.pointer))
        return Reading(self.base, self.signals, self.code)


def _replaced[T](value: T, changes: Mapping[str, object]) -> T:
    return dataclasses.replace(value, **changes) if changes else value  # type: ignore[type-var]


def _no_switch() -> Wrong:
    return Wrong("invalid", gettext_noop("write true or false"))


def _merchant_length(key: str) -> int:
    return {"legal_name": 200, "trading_name": 200, "agent": 64}.get(key, 80)


def _vin(value: object) -> str:
    vin = _spelt(readers.text(value, 40))
    if not vin:
        raise Wrong("required", gettext_noop("a vehicle has a VIN"))
    if not vin.isascii():
        raise Wrong("invalid", gettext_noop("a VIN has plain letters and digits"))
    return vin


def _spelt(vin: str) -> str:
    return vin.upper().replace(" ", "").strip()


def _plate(value: object) -> str:
    return readers.line(value, 20).upper()


def read_changes(
    body: object, *, base: Profile, setting: Setting, at: datetime, external_id: str | None = None
) -> Reading:
    """The profile after a JSON merge patch (RFC 7396) of it; raises ``Invalid`` with all errors.

    With ``external_id`` a patch that names another one is refused.
    """
    reader = _Reader(base, setting, at)
    given = _object(body)
    if external_id and given.get("external_id", external_id) != external_id:
        reader.note("/external_id", Wrong("invalid", gettext_noop("an external id stays as it is")))
    return reader.read(given)


def read_new(body: object, *, setting: Setting, at: datetime) -> Reading:
    """The profile of a new member; raises ``Invalid`` with all errors."""
    given = _object(body)
    market = given.get("market")
    known = setting.markets.get(market) if isinstance(market, str) else None
    reader = _Reader(Profile(str(market or ""), None, (known or setting.languages)[0], at), setting, at)
    reader.attempt("/external_id", "", readers.external_id, given.get("external_id"))
    if market is None:
        reader.note("/market", Wrong("required", gettext_noop("a member belongs to a market")))
    return reader.read({key: value for key, value in given.items() if key != "market" or market is not None})


def vins_in(body: object) -> list[str]:
    """The VINs that a request names, as they are stored; what cannot be read is left to the reading."""
    cars = body.get("vehicles") if isinstance(body, dict) else None
    named = [car.get("vin") for car in cars if isinstance(car, dict)] if isinstance(cars, list) else []
    return [_spelt(vin) for vin in named if isinstance(vin, str) and "\0" not in vin and vin.isascii()]


def codes_in(body: object) -> list[str]:
    """The referral code that a request names, if it can be one."""
    code = body.get("referral_code") if isinstance(body, dict) else None
    return [code] if isinstance(code, str) and 0 < len(code) <= LONGEST else []


def _object(body: object) -> Mapping[str, object]:
    try:
        return readers.mapping(body)
    except Wrong as wrong:
        raise Invalid(errors=[FieldError("", wrong.code, told(wrong))]) from None
