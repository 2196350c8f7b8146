"""Which of a program's markets a stranger probably lives in."""

from collections.abc import Sequence

import phonenumbers
from django.http import HttpRequest
from django.utils.translation import get_language

from core.models import Market, Program
from loyalty.display.languages import accepted


def likely_markets(request: HttpRequest, program: Program) -> list[Market]:
    """The markets one can join in: first those of the browser's regions, then those of the language."""
    regions = [tag.rpartition("-")[2].upper() for tag in accepted(request) if "-" in tag]
    speaks = (get_language() or "").partition("-")[0]

    def order(market: Market) -> tuple[int, int, str]:
        near = regions.index(market.code) if market.code in regions else len(regions)
        spoken = market.languages.index(speaks) if speaks in market.languages else len(market.languages)
        return near, spoken, market.code

    return sorted(Market.objects.filter(program=program, retired=False), key=order)


def countries(markets: Sequence[Market]) -> list[str]:
    """Those markets that are countries, as numbers without a country code are read."""
    return [market.code for market in markets if market.code in phonenumbers.SUPPORTED_REGIONS]
