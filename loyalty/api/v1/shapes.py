"""The documents of the API as JSON Schemas: one component each, referred to by name."""

from collections.abc import Mapping

from loyalty.api.problems import PROBLEMS
from loyalty.api.v1.schema import (
    AMOUNT,
    ANYTHING,
    CURRENCY,
    DAY,
    EVENT_NAME,
    EXTERNAL_ID,
    FLAG,
    MAYBE_DAY,
    MAYBE_MOMENT,
    MAYBE_TEXT,
    MOMENT,
    ORIGIN,
    POINTS_OR_AMOUNT,
    WHOLE,
    Schema,
    items,
    null_or,
    record,
    ref,
    text,
    words,
)

VEHICLE = record(
    {"vin": text(maxLength=40)},
    {
        "plate": null_or(text(maxLength=20)),
        "model": null_or(text(maxLength=80)),
        "bought_on": MAYBE_DAY,
        "warranty_until": MAYBE_DAY,
    },
)
MERCHANT = record(
    {},
    {
        "legal_name": null_or(text(maxLength=200)),
        "trading_name": null_or(text(maxLength=200)),
        "category": null_or(text(maxLength=80)),
        "partner_type": null_or(text(maxLength=80)),
        "agent": null_or(text("External id of the agent who looks after the merchant", maxLength=64)),
        "preferred": FLAG,
    },
)
KYC = record({"state": words("none", "pending", "verified", "rejected")}, {"at": MAYBE_MOMENT})
ATTRIBUTES: Schema = {
    "type": "object",
    "description": "Declared attributes: texts, whole numbers, decimal strings, booleans, dates",
    "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
}
CONSENTS = record({}, {"marketing": FLAG, "profiling": FLAG})
PROFILE: Mapping[str, Schema] = {
    "kind": words("customer", "merchant"),
    "status": words("active", "frozen"),
    "region": MAYBE_TEXT,
    "language": text(examples=["en"]),
    "name": null_or(text(maxLength=200)),
    "nickname": null_or(text("How the member appears to others; null = not by name", maxLength=30)),
    "email": null_or(text(maxLength=254)),
    "phone": null_or(
        text("E.164; a national number is read as one of the market", maxLength=40, examples=["+6591234567"])
    ),
    "birth_date": MAYBE_DAY,
    "kyc": KYC,
    "enrolled_at": MOMENT,
    "attributes": ATTRIBUTES,
    "consents": CONSENTS,
    "merchant": null_or(ref("Merchant")),
    "vehicles": items(ref("Vehicle")),
}
SIGNALS = record(
    {}, {"device": text(maxLength=400), "instrument": text(maxLength=400)}, description="Kept as keyed hashes only"
)
ASKED: Mapping[str, Schema] = {
    **PROFILE,
    "signals": SIGNALS,
    "referral_code": null_or(text("The code of the member who brought this one", maxLength=40)),
}
SIGNED_EFFECT = record(
    {"kind": words("points", "status_points", "multiply", "cashback", "reward", "badge", "tier", "entry", "message")},
    {
        **ORIGIN,
        "amount": POINTS_OR_AMOUNT,
        "desired": null_or(POINTS_OR_AMOUNT),
        "currency": CURRENCY,
        "state": {**words("available", "pending", "void", "used"), "description": "Of a voucher: when taken back"},
        "available_on": DAY,
        "expires_on": MAYBE_DAY,
        "badge": text(),
        "reward": text(),
        "voucher": text(format="uuid"),
        "tier": text(),
        "until": DAY,
        "board": text(),
        "market": MAYBE_TEXT,
        "score": words("amount", "count", "points"),
        "reason": text(),
        "offer": text("The member's offer that stands behind it"),
        "reach": {**POINTS_OR_AMOUNT, "description": "The milestone of the rule's goal"},
    },
)
BALANCES = record(
    {
        "points": record({"available": WHOLE, "pending": WHOLE, "debt": WHOLE}),
        "cashback": items(record({"currency": CURRENCY, "available": AMOUNT})),
    }
)
NEXT_TIER: Mapping[str, Schema] = {
    "next": MAYBE_TEXT,
    "match": null_or(words("all", "any")),
    "missing": record({}, {"amount": AMOUNT, "events": WHOLE, "status_points": WHOLE}),
}
TRACE_LINE = record(
    {
        **ORIGIN,
        "fired": FLAG,
        "reason": MAYBE_TEXT,
        "failed": null_or(
            record({"path": text(), "fact": text(), "op": text(), "value": ANYTHING, "actual": ANYTHING})
        ),
        "desired": null_or(POINTS_OR_AMOUNT),
        "granted": null_or(POINTS_OR_AMOUNT),
    },
    description="Why a rule fired or did not; of a condition the first false leaf",
)
PROGRESS: Mapping[str, Schema] = {
    "campaign": text(),
    "rule": text(),
    "progress": {**POINTS_OR_AMOUNT, "description": "Of sums an amount; in the running lap or streak"},
    "target": null_or({**POINTS_OR_AMOUNT, "description": "The next milestone; null when all are reached"}),
    "ends_at": null_or({**MOMENT, "description": "The end of the window; null for one without end"}),
}
OF_SOME_GOALS: Mapping[str, Schema] = {
    "currency": CURRENCY,
    "by": null_or(text("Of a level: of what, such as a VIN")),
    "offer": text("The member's offer that it belongs to"),
}
GOAL = record(
    {
        **PROGRESS,
        "name": text(),
        "text": MAYBE_TEXT,
        "kind": words("count", "sum", "distinct", "streak", "level"),
        "repeat": FLAG,
        "milestones": items(record({"reach": POINTS_OR_AMOUNT, "reached": FLAG})),
    },
    {
        **OF_SOME_GOALS,
        "streak": record(
            {
                "period": words("day", "week", "month", "quarter", "year"),
                "has": POINTS_OR_AMOUNT,
                "needs": POINTS_OR_AMOUNT,
                "ends_at": MOMENT,
                "freezes": WHOLE,
            },
            {"currency": CURRENCY},
            description="The running period: what it has and needs, when it ends, how many may still be missed",
        ),
    },
)
OUTCOME = record(
    {
        "source": text(),
        "id": text(),
        "status": words("processed", "waiting", "rejected"),
        "duplicate": FLAG,
        "member": text(),
    },
    {
        "sequence": WHOLE,
        "effects": items(SIGNED_EFFECT),
        "refused": items(SIGNED_EFFECT),
        "goals": items(record(PROGRESS, OF_SOME_GOALS)),
        "balances": BALANCES,
        "tier": null_or(record({"code": MAYBE_TEXT, **NEXT_TIER})),
        "trace": items(ref("TraceLine")),
    },
)
EVENT = record(
    {
        "specversion": {"const": "1.0"},
        "id": text(maxLength=200),
        "source": text(maxLength=200),
        "type": text(maxLength=60, examples=["payment.completed"]),
        "subject": text("External id of the member", maxLength=69),
        "time": MOMENT,
    },
    {
        "data": {
            "type": "object",
            "description": "amount (decimal string) and currency, channel, outlet, signals and declared attributes; "
            "of event.reversed: source, id and amount?",
            "additionalProperties": True,
        }
    },
    description="CloudEvents 1.0, structured",
)
REJECTED_EVENT = record(
    {
        "index": WHOLE,
        "source": MAYBE_TEXT,
        "id": MAYBE_TEXT,
        "status": {"const": "rejected"},
        "problem": ref("Problem"),
    }
)
WALLET = record(
    {
        "points": record(
            {
                "available": WHOLE,
                "pending": WHOLE,
                "debt": {**WHOLE, "description": "Points owed, a positive number"},
                "worth": record({"amount": AMOUNT, "currency": CURRENCY}),
            }
        ),
        "cashback": items(record({"currency": CURRENCY, "available": AMOUNT})),
        "expiring": items(record({"on": DAY, "points": WHOLE})),
        "pending": items(record({"on": DAY, "points": WHOLE})),
        "at": MOMENT,
    }
)
LEDGER_ENTRY = record(
    {
        "id": text(),
        "kind": words(
            "award", "spend", "refund", "reverse", "repay", "expire", "mature", "adjust", "migrate", "transfer", "fund"
        ),
        "unit": text("points or a currency"),
        "amount": POINTS_OR_AMOUNT,
        "balance": {**POINTS_OR_AMOUNT, "description": "Available and pending after the entry"},
        "occurred_at": MOMENT,
        "recorded_at": MOMENT,
        "expires_on": MAYBE_DAY,
        "campaign": MAYBE_TEXT,
        "version": null_or(WHOLE),
        "rule": MAYBE_TEXT,
        "event": null_or(EVENT_NAME),
        "redemption": MAYBE_TEXT,
        "text": text("In the caller's language"),
    }
)
TIER = record(
    {
        "code": MAYBE_TEXT,
        "name": MAYBE_TEXT,
        "rank": null_or(WHOLE),
        "since": MAYBE_MOMENT,
        "until": MAYBE_DAY,
        **NEXT_TIER,
        "progress": record({"amount": AMOUNT, "events": WHOLE, "status_points": WHOLE}),
        "grace_until": MAYBE_DAY,
        "benefits": items(record({"code": text(), "name": text(), "left": null_or(WHOLE), "expires_on": MAYBE_DAY})),
    }
)
VOUCHER = record(
    {
        "id": text(format="uuid"),
        "code": null_or(text("What opens the reward; null: its member was erased")),
        "reward": text(),
        "name": text(),
        "state": words("ready", "used", "expired", "void"),
        "expires_on": {**MAYBE_DAY, "description": "The last good day; null = it does not expire"},
        "used": null_or(record({"at": MOMENT, "outlet": MAYBE_TEXT})),
    },
    {
        "pin": text("That a partner gave with its code"),
        "value": {**AMOUNT, "description": "Of one with stored value: what it was worth"},
        "left": {**AMOUNT, "description": "Of one with stored value: what is left of it"},
        "currency": CURRENCY,
    },
)
BADGE = record({"badge": text(), "name": text(), "icon": text(), "earned_at": MOMENT, "event": EVENT_NAME})
FIELD_ERROR = record(
    {
        "pointer": text("JSON pointer (RFC 6901) of the value, of a query parameter /name"),
        "code": words(
            "required", "unknown", "invalid", "undeclared", "unknown-member", "unknown-type", "unknown-outlet",
            "wrong-currency", "too-many-decimals", "in-the-future", "negative", "too-long",
        ),
        "detail": text("What to do, for a person"),
    }
)  # fmt: skip
PROBLEM = record(
    {
        "type": words(*(f"/problems/{name}" for name in PROBLEMS)),
        "title": text(),
        "status": WHOLE,
        "detail": text(),
        "instance": text(),
    },
    {
        "errors": items(ref("FieldError")),
        "member_message": text("Where a member will read it, in the caller's language"),
        "because": text("What kind of `not-available`: late replayed void market cooling phone …"),
        "missing_points": {**WHOLE, "description": "Of `insufficient-points`"},
        "tiers": items(text(), description="Of `tier-required`: the codes of which the member's must be one"),
        "until": {
            **MAYBE_MOMENT,
            "description": "Of `limit-reached` and `not-available` (`cooling`): from when on; null: never",
        },
        "used": record({"at": MAYBE_MOMENT, "outlet": MAYBE_TEXT}, description="Of `voucher-used`: when and where"),
        "expires_on": {**MAYBE_DAY, "description": "Of `voucher-expired`: the last good day"},
        "left": {**AMOUNT, "description": "What is left of a voucher's value"},
        "currency": CURRENCY,
    },
    description="RFC 9457. " + " ".join(f"`{name}` ({p.status}): {p.meaning}" for name, p in PROBLEMS.items()),
)
COMPONENTS: Mapping[str, Schema] = {
    "Badge": BADGE,
    "Voucher": VOUCHER,
    "Consents": CONSENTS,
    "Event": EVENT,
    "FieldError": FIELD_ERROR,
    "Goal": GOAL,
    "LedgerEntry": LEDGER_ENTRY,
    "Member": record(
        {
            "uuid": text(format="uuid"),
            "external_id": EXTERNAL_ID,
            "market": text(examples=["SG"]),
            **PROFILE,
            "tier": MAYBE_TEXT,
        }
    ),
    "MePatch": record(
        {},
        {key: PROFILE[key] for key in ("name", "nickname", "language", "birth_date", "consents")},
        additionalProperties=False,
        description="What members change about themselves, as JSON merge patch",
    ),
    "MemberPatch": record(
        {}, {"market": text(), **ASKED}, description="JSON merge patch (RFC 7396): null empties, absent changes nothing"
    ),
    "MemberRequest": record({"external_id": EXTERNAL_ID, "market": text(examples=["SG"])}, ASKED),
    "MemberResult": record(
        {"external_id": MAYBE_TEXT, "status": words("created", "updated", "unchanged", "rejected")},
        {"problem": ref("Problem")},
    ),
    "Membership": record(
        {
            "uuid": text(format="uuid"),
            "external_id": EXTERNAL_ID,
            "program": record({"code": text(), "name": text("In the caller's language")}),
            "market": text(examples=["SG"]),
            "status": words("active", "frozen"),
            "tier": MAYBE_TEXT,
        }
    ),
    "Merchant": MERCHANT,
    "Outcome": OUTCOME,
    "Problem": PROBLEM,
    "RejectedEvent": REJECTED_EVENT,
    "Tier": TIER,
    "TraceLine": TRACE_LINE,
    "Vehicle": VEHICLE,
    "Wallet": WALLET,
}
