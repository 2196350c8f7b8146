"""The document of a member's own data."""

from collections.abc import Mapping
from typing import Any

from loyalty.api.v1 import examples
from loyalty.api.v1.schema import MOMENT, Schema, items, record, ref, text

LISTS = (
    "ledger", "events", "badges", "offers", "vouchers", "uses", "voids", "redemptions", "tiers", "leaderboards",
    "terms", "consents", "notices", "signals",
)  # fmt: skip
EXPORTS: Mapping[str, Schema] = {
    "Export": record(
        {"at": MOMENT, "program": text(), "member": ref("Member"), **dict.fromkeys(LISTS, items({"type": "object"}))}
    )
}
EXPORT: dict[str, Any] = {
    "at": "2026-11-20T10:15:00+08:00",
    "program": "wallet",
    "member": examples.MEMBER,
    **{name: [] for name in LISTS},
    "badges": [examples.BADGE],
}
