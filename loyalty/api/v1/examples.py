"""Examples that the description of the API shows."""

from typing import Any

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "txn-991",
    "source": "/core-banking/sg",
    "type": "payment.completed",
    "subject": "M-0001",
    "time": "2026-11-20T10:15:00+08:00",
    "data": {"amount": "120.50", "currency": "SGD", "channel": "app", "outlet": "SG-ORCHARD", "category": "utilities"},
}

OUTCOME: dict[str, Any] = {
    "source": "/core-banking/sg",
    "id": "txn-991",
    "status": "processed",
    "duplicate": False,
    "member": "M-0001",
    "sequence": 8812,
    "effects": [
        {
            "kind": "points",
            "campaign": "everyday",
            "version": 1,
            "rule": "base",
            "amount": 120,
            "desired": 120,
            "state": "available",
            "expires_on": "2027-11-30",
        }
    ],
    "refused": [],
    "goals": [{"campaign": "bills", "rule": "three-months", "progress": 2, "target": 3, "ends_at": None}],
    "balances": {
        "points": {"available": 620, "pending": 0, "debt": 0},
        "cashback": [{"currency": "SGD", "available": "3.00"}],
    },
    "tier": {"code": "silver", "next": "gold", "match": "any", "missing": {"amount": "879.50", "events": 12}},
}

GOAL: dict[str, Any] = {
    "campaign": "bills",
    "rule": "three-months",
    "progress": 2,
    "target": 3,
    "ends_at": None,
    "name": "Bills on time",
    "text": "Pay a bill three months in a row",
    "kind": "streak",
    "repeat": False,
    "milestones": [{"reach": 3, "reached": False}],
    "streak": {"period": "month", "has": 0, "needs": 1, "ends_at": "2026-11-30T16:00:00Z", "freezes": 1},
}

WAITING: dict[str, Any] = OUTCOME | {"id": "refund-17", "status": "waiting", "sequence": 8813, "effects": []}

TRACE: dict[str, Any] = {
    "campaign": "kyc-topup",
    "version": 1,
    "rule": "within-24h",
    "fired": False,
    "reason": "condition",
    "failed": {"path": "when.all[1]", "fact": "member.hours_since_kyc", "op": "lte", "value": 24, "actual": 31.5},
    "desired": None,
    "granted": None,
}

LISTED: dict[str, Any] = {"event": EVENT, "outcome": OUTCOME}

STORED: dict[str, Any] = LISTED | {"trace": [TRACE]}

MEMBER_REQUEST: dict[str, Any] = {
    "external_id": "M-0001",
    "market": "SG",
    "name": "Aisyah Tan",
    "phone": "+6591234567",
    "kyc": {"state": "verified", "at": "2026-11-01T10:00:00+08:00"},
    "consents": {"marketing": True},
}

MEMBER: dict[str, Any] = {
    "uuid": "0f9d2c7e-6f0b-4d7e-9a55-3f1f6d0c2b11",
    "external_id": "M-0001",
    "kind": "customer",
    "status": "active",
    "market": "SG",
    "region": None,
    "language": "en",
    "name": "Aisyah Tan",
    "nickname": "Aisyah",
    "email": None,
    "phone": "+6591234567",
    "birth_date": None,
    "kyc": {"state": "verified", "at": "2026-11-01T02:00:00Z"},
    "enrolled_at": "2026-11-20T02:15:00Z",
    "attributes": {},
    "consents": {"marketing": True, "profiling": False},
    "tier": "silver",
    "merchant": None,
    "vehicles": [],
}

RESULTS: dict[str, Any] = {"results": [{"external_id": "M-0001", "status": "created"}]}

WALLET: dict[str, Any] = {
    "points": {"available": 620, "pending": 0, "debt": 0, "worth": {"amount": "6.20", "currency": "SGD"}},
    "cashback": [{"currency": "SGD", "available": "3.00"}],
    "expiring": [{"on": "2027-11-30", "points": 120}],
    "pending": [],
    "at": "2026-11-20T02:15:00Z",
}

ENTRY: dict[str, Any] = {
    "id": "8812",
    "kind": "award",
    "unit": "points",
    "amount": 120,
    "balance": 620,
    "occurred_at": "2026-11-20T02:15:00Z",
    "recorded_at": "2026-11-20T02:15:01.204513Z",
    "expires_on": "2027-11-30",
    "campaign": "everyday",
    "version": 1,
    "rule": "base",
    "event": {"source": "/core-banking/sg", "id": "txn-991"},
    "redemption": None,
    "text": "Everyday earning",
}

TIER: dict[str, Any] = {
    "code": "silver",
    "name": "Silver",
    "rank": 1,
    "since": "2026-01-01T00:00:00Z",
    "until": None,
    "next": "gold",
    "match": "any",
    "missing": {"amount": "879.50", "events": 12},
    "progress": {"amount": "4120.50", "events": 48, "status_points": 900},
    "grace_until": None,
    "benefits": [],
}

BADGE: dict[str, Any] = {
    "badge": "first-bill",
    "name": "First bill",
    "icon": "receipt",
    "earned_at": "2026-11-20T02:15:00Z",
    "event": {"source": "/core-banking/sg", "id": "txn-991"},
}

PLACE: dict[str, Any] = {
    "board": "festive",
    "name": "Festive race",
    "campaign": "kyc-topup",
    "market": "SG",
    "score": "amount",
    "state": "running",
    "starts_at": "2026-12-31T16:00:00Z",
    "ends_at": "2027-01-31T16:00:00Z",
    "closes_at": "2027-02-01T16:00:00Z",
    "closed_at": None,
    "top": 100,
    "me": {"rank": 2, "nickname": "Aisyah", "score": 412050, "me": True},
}

LEADERBOARD: dict[str, Any] = {
    **PLACE,
    "members": 812,
    "items": [
        {"rank": 1, "nickname": None, "score": 508000, "me": False},
        {"rank": 2, "nickname": "Aisyah", "score": 412050, "me": True},
    ],
    "next": None,
}

OFFER_REQUEST: dict[str, Any] = {"campaign": "come-back", "member": "M-0001", "days": 7, "reference": "wave-3/M-0001"}

OFFER: dict[str, Any] = {
    "id": "5120",
    "campaign": "come-back",
    "name": "Come back and save",
    "text": "Pay three bills within a week",
    "member": "M-0001",
    "state": "assigned",
    "at": "2026-11-20T02:15:00Z",
    "until": "2026-11-27T02:15:00Z",
    "progress": 0,
    "target": 3,
    "completed_at": None,
    "reference": "wave-3/M-0001",
}

OPT_IN: dict[str, Any] = OFFER | {
    "id": "opt-in:come-back",
    "state": "available",
    "at": None,
    "until": None,
    "reference": None,
}

OFFER_RESULTS: dict[str, Any] = {
    "results": [
        OFFER,
        {
            "index": 1,
            "status": "rejected",
            "problem": {
                "type": "/problems/not-eligible",
                "title": "Not for this member",
                "status": 422,
                "detail": "The campaign is not for the member's country or region.",
                "instance": "/api/v1/offers/batch",
            },
        },
    ]
}

REFERRAL_REQUEST: dict[str, Any] = {"code": "7KMPWX2R", "member": "M-0002", "signals": {"device": "d-8f2c"}}

REFERRAL: dict[str, Any] = {
    "id": "0b0f4d8e-4f0b-4c55-9a10-2f4d6c1b7a11",
    "member": "M-0002",
    "referrer": "M-0001",
    "state": "rewarded",
    "joined_at": "2026-11-20T02:15:00Z",
    "verified_at": "2026-11-20T03:00:00Z",
    "qualified_at": "2026-11-21T01:30:00Z",
    "due_at": "2026-11-21T01:30:00Z",
    "reason": None,
}

REFERRALS: dict[str, Any] = {
    "code": "7KMPWX2R",
    "link": "https://rewards.example/p/demo/r/7KMPWX2R",
    "referred_by": None,
    "items": [REFERRAL],
    "next": None,
}

MY_REFERRALS: dict[str, Any] = {
    "code": "7KMPWX2R",
    "link": "https://rewards.example/p/demo/r/7KMPWX2R",
    "items": [{"id": REFERRAL["id"], "friend": "B.", **{k: REFERRAL[k] for k in list(REFERRAL)[3:]}}],
    "next": None,
}

VOUCHER: dict[str, Any] = {
    "id": "5f0c2c1e-58c5-5a3c-9d0b-6c8a3a9b7f11",
    "code": "7K3M9PX2QA4CW",
    "reward": "coffee-5",
    "name": "Coffee voucher",
    "state": "ready",
    "expires_on": "2027-02-18",
    "used": None,
}

REDEMPTION_REQUEST: dict[str, Any] = {
    "member": "M-0001",
    "reward": "coffee-5",
    "quantity": 1,
    "reference": "order-7781",
}

REDEMPTION: dict[str, Any] = {
    "id": "0d9f5b7a-6d0e-4a8e-9a51-5b8a3f5a2f0e",
    "reference": "order-7781",
    "member": "M-0001",
    "reward": "coffee-5",
    "name": "Coffee voucher",
    "quantity": 1,
    "points": 500,
    "state": "issued",
    "waits_for": None,
    "denomination": None,
    "currency": None,
    "at": "2026-11-20T02:15:00Z",
    "cancelled_at": None,
    "vouchers": [VOUCHER],
}
USE_REQUEST: dict[str, Any] = {"code": "7K3M-9PX2-QA4C-W", "outlet": "SG-ORCHARD"}

TAKEN: dict[str, Any] = VOUCHER | {
    "state": "used",
    "used": {"at": "2026-11-20T02:15:00Z", "outlet": "SG-ORCHARD"},
    "use": {
        "id": "0d8f9c52-6a0e-4c0b-8a51-2b6b6f1c9d10",
        "kind": "redeem",
        "at": "2026-11-20T02:15:00Z",
        "outlet": "SG-ORCHARD",
        "amount": None,
        "currency": None,
        "undo_until": "2026-11-20T02:20:00Z",
    },
}

MY_VOUCHER: dict[str, Any] = VOUCHER | {
    "qr": {"token": "V.L4GCYHSYYVNDZHIL3HDEDLJ3P4CAAA5ZKYJ4ZZSXQ7OZ6TDYVBM3GWVA", "seconds_left": 17}
}

CARD: dict[str, Any] = {"token": "M.L4GCYHSYYVNDZHIL3HDEDLJ3P4CAAA5ZKYJ4ZZSXQ7OZ6TDYVBM3GWVA", "seconds_left": 17}

CHANGE: dict[str, Any] = {"segment": "vip", "members": 2, "added": 1, "removed": 0}

CONSENTS: dict[str, Any] = {"marketing": True, "profiling": False}

MEMBERSHIP: dict[str, Any] = {
    "uuid": MEMBER["uuid"],
    "external_id": "M-0001",
    "program": {"code": "demo", "name": "Demo"},
    "market": "SG",
    "status": "active",
    "tier": "silver",
}

REPORT: dict[str, Any] = {
    "report": "holdout",
    "program": "demo",
    "at": "2026-11-20T02:15:00Z",
    "window_days": 28,
    "confidence": 0.95,
    "least_members": 50,
    "blocked_below_p": 0.001,
    "items": [
        {
            "campaign": "kyc-topup",
            "name": "First top-up bonus",
            "holdout": "5",
            "state": "ready",
            "reason": None,
            "exposed": {"members": 41208, "whole": 39702},
            "held_out": {"members": 2169, "whole": 2090},
            "sample_ratio": {"expected_percent": 5.0, "observed_percent": 5.000346, "p": 1.0, "ok": True},
            "effects": [
                {
                    "measure": "events",
                    "unit": None,
                    "exposed_mean": 3.412,
                    "held_out_mean": 3.101,
                    "effect": 0.311,
                    "low": 0.204,
                    "high": 0.418,
                    "detectable": 0.153,
                    "verdict": "works",
                }
            ],
        }
    ],
}

REWARD: dict[str, Any] = {
    "code": "coffee-5",
    "kind": "voucher",
    "category": "food",
    "category_name": "Food & drinks",
    "brand": "Kopi Co",
    "name": "Coffee voucher",
    "text": "One coffee",
    "terms": "All outlets",
    "image": None,
    "markets": ["SG", "ID"],
    "points": 500,
    "denominations": [],
    "tiers": ["gold", "platinum"],
    "outlets": [],
    "per_member": {"times": 2, "per": "month"},
    "valid_days": 90,
    "left": None,
    "available": False,
    "why_not": [
        {"code": "insufficient-points", "detail": "You need 120 more points.", "missing_points": 120},
    ],
    "member_message": "You need 120 more points.",
}

FACETS: dict[str, Any] = {
    "total": 1,
    "category": [{"value": "food", "name": "Food & drinks", "count": 1}],
    "brand": [{"value": "Kopi Co", "name": "Kopi Co", "count": 1}],
    "kind": [{"value": "voucher", "name": "Voucher", "count": 1}],
    "points": [{"up_to": 500, "count": 1}],
    "affordable": 0,
}

SIMULATION: dict[str, Any] = {
    "id": "17",
    "state": "running",
    "progress": {"done": 4000, "total": 10000},
    "campaign": "double-weekend",
    "from": "2026-09-30T16:00:00Z",
    "to": "2026-10-31T16:00:00Z",
    "report": None,
    "error": None,
}
