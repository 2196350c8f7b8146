from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from core.models import Program
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.demo_program import load_demo
from tests.loyalty.test_api_events import payment, reversal

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return load_demo()


@pytest.fixture
def partner(program: Program) -> Caller:
    partner = make_caller(program)
    members = [{"external_id": f"M-{n}", "market": "SG", "enrolled_at": "2026-01-01T00:00:00Z"} for n in (1, 3)]
    partner.post("members/batch", members)
    return partner


def read(partner: Caller, path: str) -> Any:
    answer = partner.get(path)
    assert answer.status_code == 200, answer.content
    return document(answer)


def test_an_empty_wallet_is_all_zeros(partner: Caller) -> None:
    wallet = read(partner, "members/M-1/wallet")
    assert datetime.fromisoformat(wallet.pop("at")).tzinfo == UTC
    assert wallet == {
        "points": {"available": 0, "pending": 0, "debt": 0, "worth": {"amount": "0.00", "currency": "SGD"}},
        "cashback": [],
        "expiring": [],
        "pending": [],
    }


def test_a_wallet_says_what_points_are_worth_and_when_they_expire(partner: Caller) -> None:
    partner.post("events", payment("t-1", "150.75"))
    wallet = read(partner, "members/M-1/wallet")
    assert wallet["points"] == {
        "available": 150,
        "pending": 0,
        "debt": 0,
        "worth": {"amount": "1.50", "currency": "SGD"},
    }
    assert wallet["expiring"] == [{"on": "2027-11-30", "points": 150}]


def test_a_past_wallet_as_recorded_and_as_it_happened(partner: Caller) -> None:
    partner.post("events", payment("t-1", "100.00", time="2026-03-01T00:00:00Z"))
    happened = read(partner, "members/M-1/wallet?effective=2026-03-02T00:00:00%2B08:00")
    recorded = read(partner, "members/M-1/wallet?at=2026-03-02T00:00:00+08:00")
    assert (happened["points"]["available"], happened["at"]) == (100, "2026-03-01T16:00:00Z")
    assert (recorded["points"]["available"], recorded["at"]) == (0, "2026-03-01T16:00:00Z")


def test_a_wallet_is_asked_for_one_past_moment(partner: Caller) -> None:
    assert problem(partner.get("members/M-1/wallet?at=today")) == (400, "malformed")
    assert problem(partner.get("members/M-1/wallet?at=2199-01-01T00:00:00Z")) == (422, "validation")
    both = "at=2026-01-01T00:00:00Z&effective=2026-01-01T00:00:00Z"
    assert problem(partner.get(f"members/M-1/wallet?{both}")) == (400, "malformed")


def test_a_ledger_adds_up_and_names_what_stands_behind(partner: Caller) -> None:
    partner.post("events", payment("t-1", "100.00"))
    partner.post("events", payment("t-2", "20.00"))
    partner.post("events", reversal("r-1", "t-1", amount="50.00"))
    entries = read(partner, "members/M-1/ledger")["items"]
    assert [(e["kind"], e["amount"], e["balance"], e["event"]["id"]) for e in entries] == [
        ("reverse", -50, 70, "r-1"),
        ("award", 20, 120, "t-2"),
        ("award", 100, 100, "t-1"),
    ]
    last = entries[-1]
    assert (last["unit"], last["campaign"], last["version"], last["rule"]) == ("points", "everyday", 1, "base")
    assert (last["occurred_at"], last["expires_on"]) == ("2026-11-01T02:15:00Z", "2027-11-30")
    assert (last["text"], last["redemption"], last["event"]) == (
        "Everyday earning",
        None,
        {"source": "/bank", "id": "t-1"},
    )


def test_a_ledger_is_read_in_pages(partner: Caller) -> None:
    partner.post("events/batch", [payment(f"t-{n}", f"{n}.00") for n in range(1, 6)])
    whole = read(partner, "members/M-1/ledger")["items"]
    pages: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        page = read(partner, f"members/M-1/ledger?limit=2{cursor}")
        pages += page["items"]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert len(whole) == 5
    assert pages == whole


def test_a_cursor_belongs_to_its_list(partner: Caller) -> None:
    partner.post("events/batch", [payment(f"t-{n}") for n in range(3)])
    cursor = read(partner, "members/M-1/ledger?limit=1")["next"]
    assert problem(partner.get(f"members/M-3/ledger?limit=1&cursor={cursor}")) == (400, "malformed")


def test_texts_are_in_the_callers_language_else_the_programs(partner: Caller) -> None:
    partner.post("events", payment("t-1"))
    default = partner.get("members/M-1/tier")
    assert default.headers["Content-Language"] == "en"
    indonesian = partner.get("members/M-1/tier", Accept_Language="fr, id;q=0.8, en;q=0.5")
    assert indonesian.headers["Content-Language"] == "id"


def test_a_tier_says_what_counts_and_what_is_missing(partner: Caller) -> None:
    partner.post("events", payment("t-1", "120.50"))
    assert read(partner, "members/M-1/tier") == {
        "code": "silver",
        "name": "Silver",
        "rank": 1,
        "since": "2026-01-01T00:00:00Z",
        "until": None,
        "next": "gold",
        "match": "any",
        "missing": {"amount": "4879.50", "events": 59},
        "progress": {"amount": "120.50", "events": 1, "status_points": 120},
        "grace_until": None,
        "benefits": [],
    }


def test_badges_are_listed(partner: Caller, program: Program) -> None:
    assert read(partner, "members/M-1/badges") == {"items": [], "next": None}


def test_reading_costs_the_same_for_one_and_three(
    partner: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    partner.post("events/batch", [payment("t-0")] + [payment(f"t-{n}", subject="M-3") for n in range(1, 4)])
    paths = [f"members/{{}}/{part}" for part in ("wallet", "ledger", "tier", "badges", "vouchers")]
    for path in [*paths, "members/{}", "events?member={}"]:
        with CaptureQueriesContext(connection) as one:
            partner.get(path.format("M-1"))
        with django_assert_num_queries(len(one)):
            partner.get(path.format("M-3"))
