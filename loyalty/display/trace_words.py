"""Why rules paid or did not, in plain words for each of those who ask: members, support, auditors.

Members never read holdouts, groups or ratings: whatever of these kept a member out reads like any campaign that is not
for an event, and the portal says nothing of it at all.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.kinds import NAMES
from campaigns.selectors.names import Names
from loyalty.display import formats
from loyalty.display.effect_words import THINGS, points, thing_name


class Audience(StrEnum):
    """Who reads."""

    MEMBER = "member"
    SUPPORT = "support"
    AUDITOR = "auditor"


type Sentences = Mapping[str, Promise]

SUPPORT: Sentences = {
    "not-live": gettext_lazy("%(campaign)s: not live at that time"),
    "other-market": gettext_lazy("%(campaign)s: runs in another country or region"),
    "outside-schedule": gettext_lazy("%(campaign)s: outside its schedule (%(schedule)s)"),
    "not-in-audience": gettext_lazy("%(campaign)s: the member is not in the audience. %(condition)s"),
    "held-out": gettext_lazy("%(campaign)s: the member is held out, to measure what the campaign changes"),
    "no-open-offer": gettext_lazy("%(campaign)s: the member has no open offer"),
    "condition": gettext_lazy("%(campaign)s: %(condition)s"),
    "goal-progress": gettext_lazy("%(campaign)s: counted toward the goal"),
    "limit": gettext_lazy("%(campaign)s: all that it gives has been received already"),
    "outbid": gettext_lazy("%(campaign)s: a better offer counted instead"),
    "budget": gettext_lazy("%(campaign)s: its budget is used up"),
    "not-available": gettext_lazy("%(campaign)s: what it gives is not available"),
}
_NOT_FOR_THIS = gettext_lazy("%(campaign)s: does not apply to this")
MEMBER: Sentences = {
    "not-live": gettext_lazy("%(campaign)s: was not running then"),
    "other-market": _NOT_FOR_THIS,
    "outside-schedule": SUPPORT["outside-schedule"],
    "not-in-audience": _NOT_FOR_THIS,
    "held-out": _NOT_FOR_THIS,
    "no-open-offer": _NOT_FOR_THIS,
    "condition": SUPPORT["condition"],
    "goal-progress": SUPPORT["goal-progress"],
    "limit": SUPPORT["limit"],
    "outbid": SUPPORT["outbid"],
    "budget": SUPPORT["budget"],
    "not-available": SUPPORT["not-available"],
}
AUDITOR: Sentences = {
    "not-live": gettext_lazy("%(campaign)s: the time of the event lies outside the campaign, or it was not running"),
    "other-market": gettext_lazy("%(campaign)s: the campaign does not run in the member's market or region"),
    "outside-schedule": gettext_lazy("%(campaign)s: the local time of the event is not in the schedule (%(schedule)s)"),
    "not-in-audience": gettext_lazy(
        "%(campaign)s: just before the event the member did not meet the audience. %(condition)s"
    ),
    "held-out": gettext_lazy(
        "%(campaign)s: a hash of the member's id holds the member out; "
        "what would have been given is kept as a ghost award and was not posted"
    ),
    "no-open-offer": gettext_lazy("%(campaign)s: no offer of the member was open at the time of the event"),
    "condition": gettext_lazy("%(campaign)s: the rule's condition did not hold. %(condition)s"),
    "goal-progress": gettext_lazy(
        "%(campaign)s: the event was added to the goal and reached no milestone, so nothing was due"
    ),
    "limit": gettext_lazy("%(campaign)s: a limit of the rule or the campaign left nothing to grant"),
    "outbid": gettext_lazy("%(campaign)s: a multiplier of the same group gave more and was granted in its place"),
    "budget": gettext_lazy("%(campaign)s: the account that pays could not cover the award, so nothing was posted"),
    "not-available": gettext_lazy(
        "%(campaign)s: what the rule gives could not be had (none left, retired, or not in this market)"
    ),
}
REASONS: Mapping[Audience, Sentences] = {
    Audience.MEMBER: MEMBER,
    Audience.SUPPORT: SUPPORT,
    Audience.AUDITOR: AUDITOR,
}


def granted_words(effect: Mapping[str, Any], names: Names) -> str:
    """What was posted for an effect of an outcome, as auditors read it."""
    say = GRANTED.get(effect["kind"])
    return str(say) % _values(effect, names) if say else str(effect["kind"])


def award_words(effect: Mapping[str, Any], names: Names) -> str:
    """What an effect of an outcome gave, or was meant to give, as everybody reads it."""
    kind, values = effect["kind"], _values(effect, names)
    if kind in AMOUNTS and (values["points"] or values["amount"]):
        return str(AMOUNTS[kind]) % values
    if kind == "message" and not values["thing"]:
        return _("a message")
    return str(KINDS[kind]) % values if kind in KINDS else str(kind)


GRANTED: Sentences = {
    "points": gettext_lazy("%(points)s were posted to the wallet"),
    "status_points": gettext_lazy("%(points)s that count for the tier were posted, and cannot be spent"),
    "multiply": gettext_lazy("%(points)s on top of the other points were posted to the wallet"),
    "cashback": gettext_lazy("cashback of %(amount)s was posted to the wallet"),
    "reward": gettext_lazy("a voucher of the reward “%(thing)s” was issued"),
    "badge": gettext_lazy("the badge “%(thing)s” was given"),
    "tier": gettext_lazy("the tier %(thing)s was granted"),
    "entry": gettext_lazy("an entry in the contest “%(thing)s” was made"),
    "message": gettext_lazy("the message “%(thing)s” was sent"),
}
KINDS: Sentences = {
    "points": gettext_lazy("points"),
    "status_points": gettext_lazy("points that count for the tier"),
    "multiply": gettext_lazy("extra points"),
    "cashback": gettext_lazy("cashback"),
    **THINGS,
}
AMOUNTS: Mapping[str, Promise | str] = {  # where the outcome says how much
    "points": "%(points)s",
    "status_points": gettext_lazy("%(points)s that count for the tier"),
    "multiply": "%(points)s",
    "cashback": gettext_lazy("%(amount)s cashback"),
}
SHORT: Sentences = {
    "limit": gettext_lazy("a limit was reached"),
    "outbid": gettext_lazy("a better one counted"),
    "budget": gettext_lazy("its budget is used up"),
    "not-available": gettext_lazy("it is not available"),
}


def _values(effect: Mapping[str, Any], names: Names) -> dict[str, str]:
    kind, amount = effect["kind"], effect.get("amount", effect.get("desired"))
    code = str(effect.get(NAMES.get(kind, kind)) or "")
    money = formats.amount(amount, effect["currency"]) if amount is not None and effect.get("currency") else ""
    return {
        "points": points(amount) if isinstance(amount, int) else "",
        "amount": money,
        "thing": thing_name(kind, code, names),
    }
