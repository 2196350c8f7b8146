"""The documents of the catalogue as JSON Schemas, in the manner of ``shapes``."""

from collections.abc import Mapping

from loyalty.api.v1.schema import (
    AMOUNT,
    ASKED_AMOUNT,
    CURRENCY,
    FLAG,
    MAYBE_MOMENT,
    MAYBE_TEXT,
    MOMENT,
    WHOLE,
    Schema,
    items,
    null_or,
    record,
    ref,
    text,
    words,
)

WHY_NOT = items(
    record(
        {
            "code": words(
                "frozen",
                "not-available",
                "tier-required",
                "out-of-stock",
                "limit-reached",
                "insufficient-points",
            ),
            "detail": text("A sentence for the member"),
        },
        {
            "because": words("market", "paused", "given-only", "retired", "halted", "cooling", "phone"),
            "missing_points": WHOLE,
            "tiers": items(text()),
            "until": MAYBE_MOMENT,
        },
    )
)
DENOMINATION = record(
    {
        "value": AMOUNT,
        "currency": CURRENCY,
        "points": WHOLE,
        "left": null_or({**WHOLE, "description": "Pieces of this value in stock, as far as they are counted"}),
        "available": {**FLAG, "description": "As that of the reward, which is had if one of its denominations is"},
        "why_not": WHY_NOT,
    }
)
REWARD = record(
    {
        "code": text(),
        "kind": words("voucher", "gift_card", "prepaid_credit", "experience", "merchandise", "cashback", "entitlement"),
        "category": text(examples=["food"]),
        "category_name": text("In the caller's language"),
        "brand": text(),
        "name": text(),
        "text": MAYBE_TEXT,
        "terms": MAYBE_TEXT,
        "image": null_or(text("Address of a picture; null: the caller's own")),
        "markets": items(text()),
        "points": null_or(
            {
                **WHOLE,
                "description": "The least price in the market asked about, of values those in stock while any is; "
                "null: not to be bought",
            }
        ),
        "denominations": items(DENOMINATION),
        "tiers": items(text(), description="For members of these tiers alone; none: for all"),
        "outlets": items(
            text(),
            description="Codes of the outlets, dealers or kinds of outlets that take it; none: all",
        ),
        "per_member": null_or(record({"times": WHOLE, "per": words("day", "week", "month", "year", "lifetime")})),
        "valid_days": null_or(WHOLE),
        "left": null_or({**WHOLE, "description": "Pieces in stock, as far as they are counted"}),
        "available": {**FLAG, "description": "To the member, where one is named; else to anybody"},
        "why_not": WHY_NOT,
        "member_message": MAYBE_TEXT,
    }
)
CHOICE = record({"value": text(), "name": text(), "count": WHOLE})
FACETS = record(
    {
        "total": WHOLE,
        "category": items(CHOICE),
        "brand": items(CHOICE, description="The twenty most common ones and those chosen"),
        "kind": items(CHOICE),
        "points": items(
            record({"up_to": null_or(WHOLE), "count": WHOLE}),
            description="What costs so many points or fewer, as `max_points` finds it; null: however many",
        ),
    },
    {"affordable": WHOLE, "market": items(CHOICE)},
    description="How many each choice would find, all other choices staying as they are",
)
REDEMPTION = record(
    {
        "id": text(format="uuid"),
        "reference": {**MAYBE_TEXT, "description": "The caller's own name of it"},
        "member": null_or(text("External id; null: the member was erased")),
        "reward": text(),
        "name": text("Of the reward, in the caller's language"),
        "quantity": WHOLE,
        "points": {**WHOLE, "description": "In all"},
        "state": words("issued", "pending", "cancelled"),
        "waits_for": null_or(words("approval", "supplier")),
        "denomination": null_or({**AMOUNT, "description": "The value of a piece, where it has one"}),
        "currency": null_or(CURRENCY),
        "at": MOMENT,
        "cancelled_at": MAYBE_MOMENT,
        "vouchers": items(ref("Voucher")),
    }
)
ASKED = {
    "reward": text("Code of the reward", maxLength=80),
}
MAY_ASK = {
    "quantity": null_or({**WHOLE, "minimum": 1, "maximum": 100, "description": "Pieces; default 1"}),
    "denomination": null_or(
        {**ASKED_AMOUNT, "description": "One of the reward's, in the currency of the member's market"}
    ),
    "reference": null_or(text("The caller's own name of it, unique for ever", maxLength=100)),
}
REWARD_COMPONENTS: Mapping[str, Schema] = {
    "Redemption": REDEMPTION,
    "RedemptionRequest": record(
        {"member": text("External id, or `uuid:…`", maxLength=69), **ASKED},
        {**MAY_ASK, "at": null_or({**MOMENT, "description": "In the past with the scope history:write; default now"})},
        additionalProperties=False,
    ),
    "MeRedemptionRequest": record(ASKED, MAY_ASK, additionalProperties=False),
    "Reward": REWARD,
    "Rewards": record(
        {"items": items(ref("Reward")), "next": MAYBE_TEXT, "facets": FACETS, "sort": text("The order of the items")}
    ),
}
