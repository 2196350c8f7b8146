"""Outlets that take the vouchers of rewards."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, Q, When, Window

from core.models import Market, Program
from dealers.models import Dealer, Outlet
from rewards.models import Reward

MOST = 10


@dataclass(frozen=True, slots=True)
class Where:
    """Names of the outlets that take a reward's vouchers, a few of them, and how many ``more`` there are."""

    names: Sequence[str]
    more: int


def where_valid(*, reward: Reward, market: Market, most: int = MOST) -> Where | None:
    """Where a reward that names outlets is taken: those of a market first, by name; one query. None: it names none."""
    if not reward.outlets:
        return None
    named = reward.outlets
    places = Q(code__in=named) | Q(kind__in=named) | Q(dealer__code__in=named)
    rows = Outlet.objects.filter(places, program=market.program_id, market__code__in=reward.markets, retired=False)
    elsewhere = Case(When(market=market.pk, then=0), default=1)
    counted = list(rows.order_by(elsewhere, "name", "pk").values_list("name", Window(Count("*")))[:most])
    names = [name for name, _all in counted]
    return Where(names, counted[0][1] - len(names) if names else 0)


def place_codes(program: Program) -> set[str]:
    """What rewards of a program can name: its outlets and their kinds, and its dealers. Two queries."""
    outlets = Outlet.objects.filter(program=program, retired=False).values_list("code", "kind")
    dealers = Dealer.objects.filter(program=program, retired=False).values_list("code")
    return {code for row in (*outlets, *dealers) for code in row}
