"""What a program's codes are called in the language that is active."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Model, QuerySet
from django.utils.translation import get_language, override

from campaigns.models import Badge, Campaign, Leaderboard
from core.models import Market, Program, Region
from dealers.models import Dealer, Outlet
from members.models import EventType, Segment, Tier
from rewards.models import Reward

type Named = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TypeName:
    """An event type. Events of one that ``counts`` are activity; those of a ``shown`` one are told even unpaid."""

    code: str
    name: str
    counts: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; event types, outlets and campaigns also by id, as events and movements refer to them."""

    types: Mapping[int, TypeName]
    outlets: Mapping[int, str]
    campaigns: Mapping[int, Campaign]
    badges: Mapping[str, Badge]
    tiers: Named
    markets: Named
    regions: Named
    segments: Named
    dealers: Named
    outlet_codes: Named
    boards: Named
    rewards: Named

    def type_name(self, code: str) -> str:
        """The name of an event type, or the code of one that nobody declared."""
        return next((found.name for found in self.types.values() if found.code == code), code)


def program_names(program: Program) -> Names:
    """Every name, read once a revision and language."""
    return _names(program.pk, program.revision, get_language() or "en")


@lru_cache(maxsize=128)
def _names(program_id: int, revision: int, language: str) -> Names:  # noqa: ARG001  # the revision is the key
    with override(language):
        outlets = list(Outlet.objects.filter(program=program_id))
        return Names(
            types={row.pk: _type(row) for row in EventType.objects.filter(program=program_id)},
            outlets={outlet.pk: outlet.name for outlet in outlets},
            campaigns={row.pk: row for row in Campaign.objects.filter(program=program_id)},
            badges={row.code: row for row in Badge.objects.filter(program=program_id)},
            tiers=_by_code(Tier.objects.filter(program=program_id)),
            markets=_by_code(Market.objects.filter(program=program_id)),
            regions=_by_code(Region.objects.filter(program=program_id)),
            segments=_by_code(Segment.objects.filter(program=program_id)),
            dealers=_by_code(Dealer.objects.filter(program=program_id)),
            outlet_codes={outlet.code: outlet.name for outlet in outlets},
            boards=_by_code(Leaderboard.objects.filter(program=program_id)),
            rewards=dict(Reward.objects.filter(program=program_id).values_list("code", "name")),
        )


def _type(row: EventType) -> TypeName:
    carries_money = row.amount != EventType.Amount.NONE
    return TypeName(row.code, row.name, row.qualifying, row.qualifying or carries_money)


def _by_code[M: Model](rows: QuerySet[M]) -> Named:
    return {row.code: row.name for row in rows}  # type: ignore[attr-defined]  # each of these models has both
