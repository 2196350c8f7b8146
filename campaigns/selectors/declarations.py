"""What a program declares, for the catalogue of facts."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.models import Program, Region
from dealers.models import Dealer, Outlet
from members.models import Attribute, EventType, Segment, Tier
from members.rules.catalogue import Declarations, FactType, Kind


def declarations(program: Program) -> Declarations:
    """Everything that conditions of a program can name, read with one query a kind."""
    markets = list(program.markets.all())
    types = {t.code: attribute_types(t.data) for t in EventType.objects.filter(program=program)}
    outlets = list(Outlet.objects.filter(program=program).values_list("code", "kind"))
    return Declarations(
        member_attributes={
            a.code: FactType(Kind(a.type), frozenset(a.choices) or None)
            for a in Attribute.objects.filter(program=program)
        },
        event_types=types,
        languages=frozenset(program.languages).union(*(market.languages for market in markets)),
        currencies=frozenset({program.currency, *(market.currency for market in markets)}),
        markets=frozenset(market.code for market in markets),
        regions=frozenset(Region.objects.filter(program=program).values_list("code", flat=True)),
        dealers=frozenset(Dealer.objects.filter(program=program).values_list("code", flat=True)),
        outlets=frozenset(code for code, _ in outlets),
        outlet_kinds=frozenset(kind for _, kind in outlets),
        tiers=frozenset(Tier.objects.filter(program=program).values_list("code", flat=True)),
        segments=frozenset(Segment.objects.filter(program=program).values_list("code", flat=True)),
    )


def attribute_types(data: Sequence[Mapping[str, Any]]) -> dict[str, FactType]:
    """Types of the attributes that an event type declares."""
    return {item["code"]: FactType(Kind(item["type"]), frozenset(item.get("choices") or ()) or None) for item in data}
