"""Referrals in the words of staff: states, guards, and what a guard saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.selectors.referrals import ReferralView

SHORT = 12  # letters of a hash, enough to tell two apart
STATES: Mapping[str, Promise] = {
    "joined": _("Joined"),
    "verified": _("Identity verified"),
    "qualified": _("Qualified"),
    "rewarded": _("Rewarded"),
    "held": _("Held for review"),
    "refused": _("Refused"),
}
GUARDS: Mapping[str, Promise] = {
    "self": _("The same person"),
    "device": _("The same device"),
    "instrument": _("The same card or account"),
    "phone": _("The same phone number"),
    "ring": _("A ring of accounts"),
    "velocity": _("Too many friends in a day"),
    "review": _("Decided by a reviewer"),
    "cooling": _("Waits until it counts"),
}


LEVELS: Mapping[str, str] = {"rewarded": "good", "qualified": "good", "held": "warn", "refused": "bad"}


@dataclass(frozen=True, slots=True)
class ShownReferral:
    """A referral with its state in words and colour, and why it is held back."""

    view: ReferralView
    state: Promise
    level: str
    reason: Promise | str


def shown_referral(view: ReferralView) -> ShownReferral:
    """In words."""
    reason = GUARDS[view.reason] if view.reason else ""
    return ShownReferral(view, STATES[view.state], LEVELS.get(view.state, ""), reason)


def what_was_seen(one: Mapping[str, Any]) -> dict[str, Any]:
    """One piece of evidence: which guard, when, under which hash, how many."""
    return {
        "guard": GUARDS[one["guard"]],
        "at": datetime.fromisoformat(one["at"]),
        "digest": one.get("digest", "")[:SHORT],
        "count": one.get("count"),
    }
