"""What a program allows in its members' profiles."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.models import Market, Program, Region
from members.models import Attribute, Tier
from members.rules.catalogue import FactType, Kind
from members.rules.profiles import Setting


@dataclass(frozen=True, slots=True)
class EnrolmentSetting:
    """The rules for profiles, and the rows that their codes stand for; ``first_tier`` is the ladder's lowest rung."""

    rules: Setting
    market_ids: Mapping[str, int]
    region_ids: Mapping[str, int]
    zones: Mapping[str, ZoneInfo]
    first_tier: int | None


def declared_type(attribute: Attribute) -> FactType:
    """The type of a declared attribute."""
    kind = Kind(attribute.type)
    return FactType(kind, frozenset(attribute.choices) if kind is Kind.CHOICE else None)


def enrolment_setting(program: Program) -> EnrolmentSetting:
    """What holds for a program's members now, in four queries."""
    markets = list(Market.objects.filter(program=program))
    regions = list(Region.objects.filter(program=program).select_related("market"))
    attributes = Attribute.objects.filter(program=program, retired=False)
    ladder = Tier.objects.filter(program=program, retired=False).order_by("rank")
    return EnrolmentSetting(
        rules=Setting(
            markets={market.code: tuple(market.languages) for market in markets if not market.retired},
            regions={region.code: region.market.code for region in regions if not region.retired},
            languages=tuple(program.languages),
            attributes={attribute.code: declared_type(attribute) for attribute in attributes},
        ),
        market_ids={market.code: market.pk for market in markets},
        region_ids={region.code: region.pk for region in regions},
        zones={market.code: ZoneInfo(market.timezone) for market in markets},
        first_tier=ladder.values_list("id", flat=True).first(),
    )
