"""Rewards as those see them who give them."""

from collections.abc import Collection
from decimal import Decimal

from core.rules.money import to_minor
from rewards.models import Reward
from rewards.models.categories import Stock
from rewards.rules.vouchers import GivenReward


def given_rewards(*, program_id: int, codes: Collection[str]) -> dict[str, GivenReward]:
    """These rewards by code, those out of use too; one query, none for no codes."""
    if not codes:
        return {}
    return {row.code: _given(row) for row in Reward.objects.filter(program=program_id, code__in=codes)}


def _given(row: Reward) -> GivenReward:
    return GivenReward(
        reward_id=row.pk,
        code=row.code,
        markets=frozenset(row.markets),
        cost={unit: to_minor(Decimal(amount), unit) for unit, amount in row.cost.items()},
        valid_days=row.valid_days,
        from_stock=row.stock == Stock.CODES,
        available=not (row.retired or row.paused or row.stock == Stock.SUPPLIER or row.pays_out or row.denominations),
    )
