"""What facts are called, for people: members who ask why, support that answers, marketers who build conditions."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.selectors.names import Names
from loyalty.display import formats

FACT_NAMES: Mapping[str, Promise] = {
    "offer.state": gettext_lazy("The offer"),
    "event.amount": gettext_lazy("Amount"),
    "event.amount_base": gettext_lazy("Amount in the program's currency"),
    "event.currency": gettext_lazy("Currency"),
    "event.channel": gettext_lazy("Channel"),
    "event.outlet": gettext_lazy("Outlet"),
    "event.outlet_kind": gettext_lazy("Kind of outlet"),
    "event.dealer": gettext_lazy("Dealer"),
    "event.region": gettext_lazy("Region of the outlet"),
    "event.market": gettext_lazy("Country of the outlet"),
    "event.hour": gettext_lazy("Time of day"),
    "event.weekday": gettext_lazy("Weekday"),
    "event.date": gettext_lazy("Date"),
    "event.ordinal": gettext_lazy("Number of this kind so far"),
    "event.days_since_previous": gettext_lazy("Time since the one before"),
    "member.kind": gettext_lazy("Kind of member"),
    "member.market": gettext_lazy("Country"),
    "member.region": gettext_lazy("Region"),
    "member.language": gettext_lazy("Language"),
    "member.status": gettext_lazy("Membership"),
    "member.kyc": gettext_lazy("Identity check"),
    "member.tier": gettext_lazy("Tier"),
    "member.tier_rank": gettext_lazy("Step on the ladder of tiers"),
    "member.segments": gettext_lazy("Groups"),
    "member.birthday_month": gettext_lazy("Birthday month"),
    "member.days_since_enrolled": gettext_lazy("Time since joining"),
    "member.hours_since_enrolled": gettext_lazy("Hours since joining"),
    "member.hours_since_kyc": gettext_lazy("Time since the identity check"),
    "member.days_since_active": gettext_lazy("Time since the last activity"),
    "member.points": gettext_lazy("Points available"),
    "member.events_30d": gettext_lazy("Activities in the last 30 days"),
    "member.events_90d": gettext_lazy("Activities in the last 90 days"),
    "member.amount_30d": gettext_lazy("Amount of the last 30 days"),
    "member.amount_90d": gettext_lazy("Amount of the last 90 days"),
    "member.amount_12m": gettext_lazy("Amount of the last 12 months"),
    "member.outlets_12m": gettext_lazy("Outlets visited in the last 12 months"),
    "member.dealers_12m": gettext_lazy("Dealers visited in the last 12 months"),
    "member.referrals_qualified": gettext_lazy("Friends who joined and took part"),
    "member.top_category": gettext_lazy("Favourite category"),
    "member.churn_risk": gettext_lazy("Risk of leaving"),
    "member.lifecycle": gettext_lazy("Stage of membership"),
    "member.value_band": gettext_lazy("Value of the member"),
    "member.category": gettext_lazy("Line of business"),
    "member.partner_type": gettext_lazy("Kind of partner"),
    "member.agent": gettext_lazy("Agent"),
    "member.preferred": gettext_lazy("Preferred partner"),
    "member.vehicles": gettext_lazy("Vehicles"),
    "member.vehicle_age_months": gettext_lazy("Age of the newest vehicle"),
    "member.warranty_days_left": gettext_lazy("Warranty left"),
    "member.days_since_service": gettext_lazy("Time since the last service"),
}
KILOMETRES = ("_km", ".km")
TYPE_NAMES: Mapping[str, Promise] = {
    "member.enrolled": gettext_lazy("Joining the program"),
    "member.kyc_verified": gettext_lazy("Identity verified"),
    "member.birthday": gettext_lazy("Birthday"),
    "member.inactive": gettext_lazy("Some time without activity"),
    "segment.entered": gettext_lazy("New group"),
    "referral.joined": gettext_lazy("A friend joined"),
    "referral.qualified": gettext_lazy("A friend took part"),
    "referred.joined": gettext_lazy("Joined through a friend"),
    "referred.qualified": gettext_lazy("Took part as a friend"),
    "tier.changed": gettext_lazy("New tier"),
    "badge.earned": gettext_lazy("Badge earned"),
    "goal.reached": gettext_lazy("Goal reached"),
    "reward.redeemed": gettext_lazy("Reward redeemed"),
    "vehicle.anniversary": gettext_lazy("Anniversary of your vehicle"),
    "leaderboard.closed": gettext_lazy("End of a contest"),
}


def fact_name(fact: str, names: Names) -> str:
    """What a fact is called; declared attributes by their own code, as nobody has named them otherwise."""
    if (known := FACT_NAMES.get(fact)) is not None:
        return str(known)
    scope, family, name = fact.split(".", 2)
    match f"{scope}.{family}":
        case "member.count":
            return _("How often: %(type)s") % {"type": type_name(name, names)}
        case "member.hours_since_first":
            return _("Hours since the first: %(type)s") % {"type": type_name(name, names)}
        case "member.hours_since_last":
            return _("Hours since the last: %(type)s") % {"type": type_name(name, names)}
    return spaced(name)


def type_name(code: str, names: Names) -> str:
    """What a kind of event is called: the platform's own kinds by our words."""
    return str(TYPE_NAMES[code]) if code in TYPE_NAMES else names.type_name(code)


def measured(fact: str, value: int) -> str:
    """A number with the unit that the fact is called after: of ``event.data.odometer_km`` ``3,095 km``."""
    shown = formats.number(value)
    return _("%(number)s km") % {"number": shown} if fact.endswith(KILOMETRES) else shown


def spaced(code: str) -> str:
    """A code as words: ``odometer_km`` is ``Odometer km``."""
    words = code.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
