"""The values of facts as people write them: names for codes, days of the week for numbers, money with its currency."""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, Literal

from babel.dates import format_time, get_day_names, get_month_names
from babel.lists import format_list
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from campaigns.selectors.names import Names
from loyalty.display import formats
from loyalty.display.fact_words import spaced

WORDS: Mapping[str, Mapping[str, Promise]] = {
    "member.kind": {"customer": gettext_lazy("person"), "merchant": gettext_lazy("merchant")},
    "member.status": {
        "active": pgettext_lazy("membership", "active"),
        "frozen": pgettext_lazy("membership", "frozen"),
        "erased": pgettext_lazy("membership", "erased"),
    },
    "member.kyc": {
        "none": pgettext_lazy("identity check", "not started"),
        "pending": pgettext_lazy("identity check", "in progress"),
        "verified": pgettext_lazy("identity check", "verified"),
        "rejected": pgettext_lazy("identity check", "not accepted"),
    },
    "offer.state": {
        "assigned": pgettext_lazy("offer", "not seen yet"),
        "seen": pgettext_lazy("offer", "seen"),
        "activated": pgettext_lazy("offer", "activated"),
    },
}
BANDS: Mapping[str, Promise] = {
    "low": pgettext_lazy("band", "low"),
    "mid": pgettext_lazy("band", "middle"),
    "high": pgettext_lazy("band", "high"),
}
BANDED = {"member.churn_risk", "member.value_band"}
CODED = ("event.data.", "member.data.", "event.channel", "event.outlet_kind", "member.category", "member.partner_type")
ENGLISH = "en"
IN_BASE = ("event.amount_base", "member.amount_")
type Plain = Any  # a fact's value as JSON


def value_words(fact: str, value: Plain, *, names: Names, currency: str, base: str) -> str:
    """A value of a fact; ``currency`` is the event's, ``base`` the program's."""
    if value is None or value == []:
        return _("not known")
    if isinstance(value, list):
        return listed([value_words(fact, one, names=names, currency=currency, base=base) for one in value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if fact == "event.amount" and currency:
        return formats.amount(str(value), currency)
    if fact.startswith(IN_BASE):
        return formats.amount(str(value), base)
    if (read := NUMBERS.get(fact) or _family(fact)) is not None and isinstance(value, int | float):
        return read(value)
    return str(_named(fact, names).get(str(value)) or _plain(value))


def is_coded(fact: str) -> bool:
    """Whether the values of a fact are codes that nobody has put into words: in English they read well enough."""
    return fact.startswith(CODED) and get_language() != ENGLISH


def listed(texts: list[str], *, style: Literal["standard", "or"] = "standard") -> str:
    """Several, as the language lists them; ``style="or"`` for a choice."""
    return format_list(texts, style=style, locale=formats.current())


def weekday(number: float) -> str:
    """Monday is 1."""
    names = get_day_names("wide", "stand-alone", locale=formats.current())
    return names[int(number) - 1] if 1 <= number <= len(names) else formats.number(number)


def hour(number: float) -> str:
    """10:00."""
    return str(format_time(time(int(number) % 24), "HH:mm", locale=formats.current()))


def _month(number: float) -> str:
    return str(
        get_month_names("wide", "stand-alone", locale=formats.current()).get(int(number), formats.number(number))
    )


def days(number: float) -> str:
    """3 days."""
    return ngettext("%(count)s day", "%(count)s days", int(number)) % {"count": formats.number(number)}


def hours(number: float) -> str:
    """3 hours."""
    shown = round(number, 1)
    return ngettext("%(count)s hour", "%(count)s hours", int(shown)) % {"count": formats.number(shown)}


def _months(number: float) -> str:
    return ngettext("%(count)s month", "%(count)s months", int(number)) % {"count": formats.number(number)}


NUMBERS: Mapping[str, Callable[[float], str]] = {
    "event.weekday": weekday,
    "event.hour": hour,
    "event.days_since_previous": days,
    "member.birthday_month": _month,
    "member.days_since_enrolled": days,
    "member.days_since_active": days,
    "member.days_since_service": days,
    "member.warranty_days_left": days,
    "member.vehicle_age_months": _months,
}


def _family(fact: str) -> Callable[[float], str] | None:
    return hours if fact.startswith("member.hours_since_") else None


def _named(fact: str, names: Names) -> Mapping[str, object]:
    tables: Mapping[str, Mapping[str, object]] = {
        "member.tier": names.tiers,
        "member.market": names.markets,
        "event.market": names.markets,
        "member.region": names.regions,
        "event.region": names.regions,
        "member.segments": names.segments,
        "event.dealer": names.dealers,
        "event.outlet": names.outlet_codes,
        "member.language": dict(formats.current().languages),
    }
    return tables.get(fact) or WORDS.get(fact) or (BANDS if fact in BANDED else {})


def _plain(value: Plain) -> str:
    if isinstance(value, int | float):
        return formats.number(value)
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return spaced(value) if value.islower() else str(value)
