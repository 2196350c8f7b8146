"""The steps of the ladder with what each asks for and brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from loyalty.display import formats
from loyalty.display.tier_words import requirement
from loyalty.portal.overview import Overview
from loyalty.portal.tier_track import sells
from members.models import Tier
from members.rules.tiers import Rung


@dataclass(frozen=True, slots=True)
class RungCard:
    """A tier: ``state`` is done, now or later; ``asks`` in one sentence."""

    name: str
    state: str
    asks: str
    benefits: Sequence[str]


def ladder_rungs(overview: Overview) -> list[RungCard]:
    """Every tier, lowest first; one query."""
    held = overview.configuration.rungs.get(overview.member.tier_id or 0)
    rungs = overview.configuration.rungs
    tiers = Tier.objects.filter(program=overview.program, retired=False).order_by("rank")
    return [_card(overview, tier, rungs[tier.pk], held) for tier in tiers if tier.pk in rungs]


def _card(overview: Overview, tier: Tier, rung: Rung, held: Rung | None) -> RungCard:
    state = "later" if held is None or rung.rank > held.rank else "now" if rung.rank == held.rank else "done"
    asks = requirement(tier.requires, currency=overview.program.currency, sells=sells(overview))
    return RungCard(tier.name, state, asks or _("Yours from the start"), [_benefit(one) for one in tier.benefits])


def _benefit(benefit: Mapping[str, Any]) -> str:
    name = benefit["name"]
    text: str = name if isinstance(name, str) else name.get(get_language() or "en") or next(iter(name.values()))
    yearly = benefit.get("per_year")
    if not yearly:
        return text
    return ngettext("%(benefit)s, once a year", "%(benefit)s, %(number)s times a year", yearly) % {
        "benefit": text,
        "number": formats.number(yearly),
    }
