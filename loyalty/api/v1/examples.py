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
