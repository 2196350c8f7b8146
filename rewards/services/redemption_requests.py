"""Reading what callers ask for: pieces of a reward for a member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid, Refusal, unknown_fields
from core.rules.moments import read_moment
from core.rules.texts import is_storable

AHEAD = timedelta(minutes=5)  # clocks differ
EARLIEST = 1900  # years of which every time zone has a day
LONGEST = {"member": 69, "reward": 80, "denomination": 30, "reference": 100}
OWN = frozenset({"reward", "quantity", "denomination", "reference"})
ALL = OWN | {"member", "at"}
REQUIRED = {"member", "reward"}


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """``quantity`` pieces of a reward for a member (external id or ``uuid:…``, empty: who asks), at ``at`` (None: now).

    ``value`` is the denomination, where one was named.
    """

    member: str
    reward: str
    quantity: int
    value: str | None
    reference: str
    at: datetime | None


def read_redemption(
    body: object, *, at: datetime, past: Refusal | None = None, known: frozenset[str] = ALL
) -> RedemptionRequest:
    """A request out of JSON, of the ``known`` names. ``past``: what a time in the past is answered with, None = fine.

    Raises Invalid with all that is wrong, or ``past``.
    """
    if not isinstance(body, Mapping):
        raise Invalid(errors=[FieldError("", "invalid", _("send an object that names a reward"))])
    errors = unknown_fields(body.keys() - known)
    texts = {name: _text(body, name, errors) for name in LONGEST if name in known}
    quantity, moment = _quantity(body, errors), _moment(body, at, errors) if "at" in known else None
    if errors:
        raise Invalid(errors=errors)
    if past and moment and moment < at - AHEAD:
        raise past
    return RedemptionRequest(
        member=texts.get("member", ""),
        reward=texts["reward"],
        quantity=quantity,
        value=texts["denomination"] or None,
        reference=texts["reference"],
        at=moment,
    )


def _text(body: Mapping[str, Any], name: str, errors: list[FieldError]) -> str:
    value = body.get(name)
    if value is None:
        if name in REQUIRED:
            errors.append(FieldError(f"/{name}", "required", _("say which %(name)s") % {"name": name}))
        return ""
    if not isinstance(value, str) or not value.strip() or not is_storable(value):
        detail = _("an amount is a decimal string") if name == "denomination" else _("%(name)s is a text")
        errors.append(FieldError(f"/{name}", "invalid", detail % {"name": name}))
        return ""
    if len(value) > LONGEST[name]:
        detail = _("%(name)s has at most %(most)s characters") % {"name": name, "most": LONGEST[name]}
        errors.append(FieldError(f"/{name}", "too-long", detail))
    return value


def _quantity(body: Mapping[str, Any], errors: list[FieldError]) -> int:
    value = body.get("quantity")
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int):
        errors.append(FieldError("/quantity", "invalid", _("quantity is a whole number")))
        return 1
    if value < 0:
        errors.append(FieldError("/quantity", "negative", _("quantity is a whole number from 1 on")))
        return 1
    return value


def _moment(body: Mapping[str, Any], at: datetime, errors: list[FieldError]) -> datetime | None:
    if body.get("at") is None:
        return None
    moment = read_moment(body["at"])
    if moment is None or moment.year < EARLIEST:
        detail = _("%(name)s is a time with offset, like 2026-11-20T10:15:00+08:00") % {"name": "at"}
        errors.append(FieldError("/at", "invalid", detail))
    elif moment > at + AHEAD:
        detail = _("at is not in the future: leave it out, and it happens now")
        errors.append(FieldError("/at", "in-the-future", detail))
    return moment
