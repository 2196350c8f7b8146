"""Reading what callers ask for: an offer for a member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid, Refusal, unknown_fields
from core.rules.moments import read_moment, show_moment
from core.rules.texts import is_storable

AHEAD = timedelta(minutes=5)  # clocks differ
EARLIEST = 1900  # years of which every time zone has a day
MOST_DAYS = 3650
LONGEST = {"campaign": 80, "member": 69, "reference": 100}
KNOWN = {"campaign", "member", "at", "days", "reference"}


@dataclass(frozen=True, slots=True)
class OfferRequest:
    """A campaign for a member (external id or ``uuid:…``), from ``at`` (None: now) for ``days`` (None: as it says)."""

    campaign: str
    member: str
    at: datetime | None
    days: int | None
    reference: str = ""

    @property
    def fingerprint(self) -> bytes:
        """What stands for the content: the same request again has the same."""
        at = show_moment(self.at) if self.at else ""
        return sha256("\n".join([self.campaign, self.member, at, str(self.days or "")]).encode()).digest()

    @property
    def member_uuid(self) -> UUID | None:
        """The member's own id, where it is named by that."""
        if not self.member.startswith("uuid:"):
            return None
        try:
            return UUID(self.member.removeprefix("uuid:"))
        except ValueError:
            return None


def read_request(body: object, *, at: datetime, past: Refusal | None) -> OfferRequest:
    """One request out of JSON. ``past``: what a time in the past is answered with, None where it is fine.

    Raises Invalid with all that is wrong, or ``past``.
    """
    if not isinstance(body, Mapping):
        raise Invalid(errors=[FieldError("", "invalid", _("send an object with campaign and member"))])
    errors = unknown_fields(body.keys() - KNOWN)
    texts = {name: _text(body, name, errors, required=name != "reference") for name in LONGEST}
    moment, days = _moment(body, at, errors), _days(body, errors)
    if errors:
        raise Invalid(errors=errors)
    if past and moment and moment < at - AHEAD:
        raise past
    return OfferRequest(texts["campaign"], texts["member"], moment, days, texts["reference"])


def _text(body: Mapping[str, Any], name: str, errors: list[FieldError], *, required: bool) -> str:
    value = body.get(name)
    if value is None:
        if required:
            errors.append(FieldError(f"/{name}", "required", _("say which %(name)s") % {"name": name}))
        return ""
    if not isinstance(value, str) or not value.strip() or not is_storable(value):
        errors.append(FieldError(f"/{name}", "invalid", _("%(name)s is a text") % {"name": name}))
        return ""
    if len(value) > LONGEST[name]:
        detail = _("%(name)s has at most %(most)s characters") % {"name": name, "most": LONGEST[name]}
        errors.append(FieldError(f"/{name}", "too-long", detail))
    return value


def _moment(body: Mapping[str, Any], at: datetime, errors: list[FieldError]) -> datetime | None:
    if body.get("at") is None:
        return None
    moment = read_moment(body["at"])
    if moment is None or moment.year < EARLIEST:
        detail = _("%(name)s is a time with offset, like 2026-11-20T10:15:00+08:00") % {"name": "at"}
        errors.append(FieldError("/at", "invalid", detail))
    elif moment > at + AHEAD:
        detail = _("%(name)s is not in the future: leave %(name)s out, and the offer begins now") % {"name": "at"}
        errors.append(FieldError("/at", "in-the-future", detail))
    return moment


def _days(body: Mapping[str, Any], errors: list[FieldError]) -> int | None:
    days = body.get("days")
    if days is None:
        return None
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        detail = _("days is a whole number from 1 to %(most)s") % {"most": MOST_DAYS}
        errors.append(FieldError("/days", "invalid", detail))
        return None
    return days
