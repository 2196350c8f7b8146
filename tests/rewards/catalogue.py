"""Rewards on the shelves, for tests of the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.campaigns.world import World
from tests.loyalty.portal import portal_world

MARKETS = [
    {"code": "SG", "name": "Singapore", "currency": "SGD", "timezone": "Asia/Singapore", "languages": ["en"]},
    {"code": "ID", "name": "Indonesia", "currency": "IDR", "timezone": "Asia/Jakarta", "languages": ["en"]},
    {"code": "AE", "name": "Emirates", "currency": "AED", "timezone": "Asia/Dubai", "languages": ["ar", "en"]},
]


def reward(code: str, name: str | Mapping[str, str] = "", **more: Any) -> dict[str, Any]:
    """A reward for everybody in Singapore, 500 points."""
    named = {"en": name or code} if isinstance(name, str) else dict(name)
    price = {} if "denominations" in more or "points" in more else {"points": 500}
    said = {
        "code": code,
        "kind": "voucher",
        "category": "food",
        "brand": "Kopi Co",
        "name": named,
        "markets": ["SG"],
        "stock": "unlimited",
        **price,
        **more,
    }
    return {key: value for key, value in said.items() if value is not None}


def catalogue_world(*rewards: Mapping[str, Any], campaigns: Sequence[Mapping[str, Any]] = (), **sections: Any) -> World:
    """A program with a ladder (silver, gold), six languages and these rewards."""
    rates = [{"currency": c, "from": "2020-01-01", "rate": r} for c, r in (("IDR", "0.000083"), ("AED", "0.36"))]
    return portal_world(*campaigns, **{"markets": MARKETS, "rates": rates, "rewards": list(rewards), **sections})
