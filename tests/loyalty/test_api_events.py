from typing import Any

import pytest

from campaigns.models import Event
from core.models import Program
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.demo_program import load_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return load_demo()


@pytest.fixture
def partner(program: Program) -> Caller:
    partner = make_caller(program)
    members = [{"external_id": f"M-{n}", "market": "SG", "enrolled_at": "2026-01-01T00:00:00Z"} for n in (1, 2)]
    partner.post("members/batch", members)
    return partner


def payment(key: str, amount: str = "120.50", **more: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": key,
        "source": "/bank",
        "type": "payment.completed",
        "subject": "M-1",
        "time": "2026-11-01T10:15:00+08:00",
        "data": {"amount": amount, "currency": "SGD"},
    } | more


def reversal(key: str, of: str, **data: object) -> dict[str, Any]:
    return payment(key, type="event.reversed", data={"source": "/bank", "id": of} | data)


def test_an_event_is_answered_with_its_outcome(partner: Caller) -> None:
    answer = partner.post("events", payment("t-1"))
    assert answer.status_code == 201
    body = document(answer)
    assert (body["status"], body["duplicate"], body["member"], body["source"], body["id"]) == (
        "processed",
        False,
        "M-1",
        "/bank",
        "t-1",
    )
    assert [(e["kind"], e["campaign"], e["rule"], e["amount"]) for e in body["effects"]] == [
        ("points", "everyday", "base", 120)
    ]
    assert body["balances"]["points"] == {"available": 120, "pending": 0, "debt": 0}
    assert (body["tier"]["code"], body["tier"]["next"], body["tier"]["match"]) == ("silver", "gold", "any")
    assert "trace" not in body


def test_the_same_event_again_changes_nothing(partner: Caller) -> None:
    first = partner.post("events", payment("t-1"))
    again = partner.post("events", payment("t-1", time="2026-11-01T02:15:00Z"))
    assert (again.status_code, document(again)) == (200, document(first) | {"duplicate": True})
    assert Event.objects.count() == 1


def test_other_content_under_the_same_name_is_a_conflict(partner: Caller) -> None:
    partner.post("events", payment("t-1"))
    assert problem(partner.post("events", payment("t-1", "120.51"))) == (409, "event-conflict")


def test_a_trace_is_given_when_asked_for(partner: Caller) -> None:
    body = document(partner.post("events?trace=1", payment("t-1")))
    lines = {(line["campaign"], line["rule"]): line for line in body["trace"]}
    assert lines["everyday", "base"] | {"version": 1} == {
        "campaign": "everyday",
        "version": 1,
        "rule": "base",
        "fired": True,
        "reason": None,
        "failed": None,
        "desired": 120,
        "granted": 120,
    }


def test_the_trace_of_an_event_that_was_seen_before_is_the_one_that_was_kept(partner: Caller) -> None:
    first = document(partner.post("events?trace=1", payment("t-1")))
    assert document(partner.post("events?trace=1", payment("t-1"))) == first | {"duplicate": True}
    results = document(partner.post("events/batch?trace=1", [payment("t-1"), payment("t-2"), 7]))["results"]
    assert (results[0], "trace" in results[1], "trace" in results[2]) == (first | {"duplicate": True}, True, False)


def test_wrong_values_are_named(partner: Caller) -> None:
    event = payment("t-1", subject="M-9", data={"amount": 12.5, "currency": "SGD"})
    refused = partner.post("events", event)
    assert problem(refused) == (422, "validation")
    assert document(refused)["errors"][0]["pointer"] == "/data/amount"
    unknown = partner.post("events", payment("t-1", subject="M-9"))
    assert [(e["pointer"], e["code"]) for e in document(unknown)["errors"]] == [("/subject", "unknown-member")]
    assert Event.objects.count() == 0


@pytest.mark.parametrize("event", [None, [], "x", 7, {}, {"id": ["x"], "data": 3}, {"data": {"amount": {"a": 1}}}])
def test_nonsense_is_a_validation_problem(partner: Caller, event: object) -> None:
    assert problem(partner.post("events", b"null" if event is None else event)) == (422, "validation")


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_text_that_cannot_be_stored_is_refused_and_harms_no_other(partner: Caller, bad: str) -> None:
    events = [payment(bad), payment("t-2"), payment("t-3", subject=bad)]
    events += [payment("t-4", data={"amount": "1.00", "currency": bad}), payment("t-5", data={bad: bad})]
    results = document(partner.post("events/batch", events))["results"]
    assert [result["status"] for result in results] == ["rejected", "processed", "rejected", "rejected", "rejected"]


@pytest.mark.parametrize(
    ("wrap", "media_type"),
    [(False, "application/json"), (True, "application/json"), (False, "application/cloudevents-batch+json")],
)
def test_a_batch_answers_as_if_each_came_alone(partner: Caller, wrap: bool, media_type: str) -> None:
    events = [payment("t-1"), payment("t-2", "x"), payment("t-1"), payment("t-3", "10.00"), 7, payment("t-1", "1.00")]
    answer = partner.post("events/batch", {"events": events} if wrap else events, Content_Type=media_type)
    assert answer.status_code == 200
    results = document(answer)["results"]
    assert [(r["status"], r.get("duplicate")) for r in results] == [
        ("processed", False),
        ("rejected", None),
        ("processed", True),
        ("processed", False),
        ("rejected", None),
        ("rejected", None),
    ]
    assert (results[1]["index"], results[1]["source"], results[1]["id"]) == (1, "/bank", "t-2")
    assert (results[4]["index"], results[4]["source"], results[4]["id"]) == (4, None, None)
    assert results[1]["problem"]["type"] == "/problems/validation"
    assert results[5]["problem"]["type"] == "/problems/event-conflict"
    assert results[3]["balances"]["points"]["available"] == 130
    assert partner.post("events/batch", {"events": events}).status_code == 200


def test_one_event_may_come_as_a_cloud_event(partner: Caller) -> None:
    assert partner.post("events", payment("t-1"), Content_Type="application/cloudevents+json").status_code == 201


def test_a_payment_is_reversed_in_two_parts(partner: Caller) -> None:
    partner.post("events", payment("t-1", "100.00"))
    half = partner.post("events", reversal("r-1", "t-1", amount="50.00"))
    assert (half.status_code, document(half)["balances"]["points"]["available"]) == (201, 50)
    rest = document(partner.post("events", reversal("r-2", "t-1")))
    assert ([e["amount"] for e in rest["effects"]], rest["balances"]["points"]["available"]) == ([-50], 0)
    assert problem(partner.post("events", reversal("r-3", "t-1"))) == (409, "already-reversed")


def test_a_reversal_waits_for_its_original(partner: Caller) -> None:
    early = partner.post("events", reversal("r-1", "t-1"))
    assert (early.status_code, document(early)["status"]) == (202, "waiting")
    again = partner.post("events", reversal("r-1", "t-1"))
    assert (again.status_code, document(again)["status"], document(again)["duplicate"]) == (200, "waiting", True)
    partner.post("events", payment("t-1"))
    assert document(partner.get("members/M-1/wallet"))["points"]["available"] == 0
    assert document(partner.get("events/one?source=/bank&id=r-1"))["outcome"]["status"] == "processed"


def test_a_stored_event_is_read_with_outcome_and_trace(partner: Caller) -> None:
    posted = document(partner.post("events?trace=1", payment("t-1")))
    read = document(partner.get("events/one?source=/bank&id=t-1"))
    assert read["event"] == payment("t-1", time="2026-11-01T02:15:00Z")
    assert read["trace"] == posted.pop("trace")
    assert read["outcome"] == posted


@pytest.mark.parametrize("query", ["source=/bank&id=none", "source=/other&id=t-1"])
def test_an_unknown_event_is_not_found(partner: Caller, query: str) -> None:
    partner.post("events", payment("t-1"))
    assert problem(partner.get(f"events/one?{query}")) == (404, "not-found")


@pytest.mark.parametrize(
    ("query", "expected"), [("source=/bank", (422, "validation")), ("id=a&source=%00", (422, "validation"))]
)
def test_an_event_is_named_by_source_and_id(partner: Caller, query: str, expected: tuple[int, str]) -> None:
    assert problem(partner.get(f"events/one?{query}")) == expected


def test_events_are_listed_in_pages(partner: Caller) -> None:
    events = [payment(f"t-{n}", time=f"2026-11-0{n}T00:00:00Z") for n in range(1, 6)]
    partner.post("events/batch", [*events, payment("x", subject="M-2")])
    seen: list[str] = []
    path = "events?member=M-1&limit=2"
    while path:
        page = document(partner.get(path))
        seen += [item["event"]["id"] for item in page["items"]]
        path = page["next"] and f"events?member=M-1&limit=2&cursor={page['next']}"
    assert seen == ["t-1", "t-2", "t-3", "t-4", "t-5"]
    sequence = document(partner.get("events?member=M-1"))["items"][3]["outcome"]["sequence"]
    later = document(partner.get(f"events?member=M-1&after={sequence}"))
    assert ([item["event"]["id"] for item in later["items"]], later["next"]) == (["t-5"], None)
    since = document(partner.get("events?member=M-1&after=2026-11-04T08:00:00+08:00"))
    assert [item["event"]["id"] for item in since["items"]] == ["t-5"]
    assert len(document(partner.get("events"))["items"]) == 6
    assert problem(partner.get("events?member=M-9")) == (404, "not-found")
    assert problem(partner.get("events?after=yesterday")) == (400, "malformed")


def test_an_erased_member_is_not_named_in_its_events(partner: Caller) -> None:
    partner.post("events", payment("t-1"))
    partner.call("DELETE", "members/M-1")
    read = partner.get("events/one?source=/bank&id=t-1")
    assert b"M-1" not in read.content
    assert document(read)["event"]["subject"] == document(read)["outcome"]["member"]
    assert document(read)["event"]["subject"].startswith("erased:")
    refused = partner.post("events", payment("t-2"))
    assert [(e["pointer"], e["code"]) for e in document(refused)["errors"]] == [("/subject", "unknown-member")]
