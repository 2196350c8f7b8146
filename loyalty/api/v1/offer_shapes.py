"""The documents of offers as JSON Schemas, in the manner of ``shapes``."""

from collections.abc import Mapping

from loyalty.api.v1.schema import (
    CURRENCY,
    MAYBE_MOMENT,
    MAYBE_TEXT,
    MOMENT,
    POINTS_OR_AMOUNT,
    WHOLE,
    Schema,
    null_or,
    record,
    ref,
    text,
    words,
)

OFFER_STATES = ("available", "assigned", "seen", "activated", "completed", "expired", "held_out")
OFFER = record(
    {
        "id": text("Of a campaign that the member may take: `opt-in:` and its code"),
        "campaign": text(),
        "name": text("In the caller's language"),
        "text": MAYBE_TEXT,
        "member": text(),
        "state": words(*OFFER_STATES),
        "at": null_or({**MOMENT, "description": "Open from here; null where it is not taken yet"}),
        "until": null_or({**MOMENT, "description": "Open to here, in"}),
        "progress": {**POINTS_OR_AMOUNT, "description": "Of the first goal, of sums an amount; without a goal 0 or 1"},
        "target": null_or({**POINTS_OR_AMOUNT, "description": "The next milestone; null when all are reached"}),
        "completed_at": MAYBE_MOMENT,
        "reference": MAYBE_TEXT,
    },
    {"currency": CURRENCY},
)
OFFERS: Mapping[str, Schema] = {
    "Offer": OFFER,
    "OfferRequest": record(
        {"campaign": text(maxLength=80), "member": text("External id, or `uuid:…`", maxLength=69)},
        {
            "at": null_or({**MOMENT, "description": "In the past with the scope history:write; default now"}),
            "days": null_or({**WHOLE, "minimum": 1, "maximum": 3650, "description": "Default: as the campaign says"}),
            "reference": null_or(text("The caller's own name of it, unique for ever", maxLength=100)),
        },
        additionalProperties=False,
    ),
    "RejectedOffer": record({"index": WHOLE, "status": {"const": "rejected"}, "problem": ref("Problem")}),
}
