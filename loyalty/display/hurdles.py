"""Why a reward cannot be had, in a sentence for the member."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.refusals import Refusal
from loyalty.display import formats
from loyalty.display.value_words import listed
from members.models import Member, Tier
from rewards.rules.availability import Hurdle, Reason, Unavailable
from rewards.services.refusing import refused

BECAUSE = {
    Unavailable.MARKET: lambda: _("This reward is not available in your market."),
    Unavailable.PAUSED: lambda: _("This reward is paused for the moment. Please come back later."),
    Unavailable.GIVEN_ONLY: lambda: _(
        "This reward is a gift: it comes with a tier or a campaign and cannot be bought."
    ),
    Unavailable.RETIRED: lambda: _("This reward is no longer offered."),
    Unavailable.PHONE: lambda: _("This reward is sent to your phone number. Please add it to your profile first."),
    Unavailable.HALTED: lambda: _("Points cannot be spent at the moment. Please come back later."),
}


def hurdle_words(reason: Reason, *, tiers: Mapping[str, str]) -> str:
    """The sentence of a reason; ``tiers``: what tiers are called. Times are those of the zone that is in force."""
    match reason.hurdle:
        case Hurdle.FROZEN:
            return _("Your membership is frozen, so points cannot be spent now.")
        case Hurdle.NOT_AVAILABLE if reason.until:
            return _cooling(reason.until)
        case Hurdle.NOT_AVAILABLE:
            return BECAUSE[reason.because or Unavailable.MARKET]()
        case Hurdle.TIER_REQUIRED:
            return _tiers([tiers.get(code, code) for code in reason.tiers])
        case Hurdle.OUT_OF_STOCK | Hurdle.LIMIT_REACHED if reason.left:
            return _fewer(reason.left)
        case Hurdle.OUT_OF_STOCK:
            return _("All pieces are gone at the moment.")
        case Hurdle.LIMIT_REACHED:
            return _limit(reason.times or 1, reason.until)
    return _short(reason.missing or 0)


@contextmanager
def in_words(member: Member) -> Iterator[None]:
    """Let what redeeming refuses be said in full: tiers by their names, times in the zone of the member's market."""
    try:
        yield
    except Refusal as refusal:
        if not isinstance(refusal.about, Reason):
            raise
        rows = Tier.objects.filter(program=member.program_id, code__in=refusal.about.tiers)
        names = {tier.code: tier.name for tier in rows} if refusal.about.tiers else {}
        with timezone.override(ZoneInfo(member.market.timezone)):
            words = hurdle_words(refusal.about, tiers=names)
        raise refused(refusal.about, words) from refusal


def _tiers(names: list[str]) -> str:
    text = ngettext("This reward is for %(tiers)s members.", "This reward is for %(tiers)s members.", len(names))
    return text % {"tiers": listed(names)}


def _cooling(until: datetime) -> str:
    text = _("For your safety, points can be spent again from %(moment)s: your sign-in or contact details are new.")
    return text % {"moment": formats.moment(timezone.localtime(until))}


def _fewer(left: int) -> str:
    text = ngettext("You can have %(count)s more piece.", "You can have %(count)s more pieces.", left)
    return text % {"count": formats.number(left)}


def _limit(times: int, until: datetime | None) -> str:
    if until is None:
        text = ngettext(
            "You have taken it once, as often as anybody may.",
            "You have taken it %(count)s times, as often as anybody may.",
            times,
        )
        return text % {"count": formats.number(times)}
    text = ngettext(
        "You have taken it once, as often as the rules allow. The next one is yours from %(day)s.",
        "You have taken it %(count)s times, as often as the rules allow. The next one is yours from %(day)s.",
        times,
    )
    return text % {"count": formats.number(times), "day": formats.day(timezone.localtime(until))}


def _short(missing: int) -> str:
    text = ngettext("You need %(count)s more point.", "You need %(count)s more points.", missing)
    return text % {"count": formats.number(missing)}
