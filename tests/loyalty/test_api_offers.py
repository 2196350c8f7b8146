"""Offers through the API: assigned one by one and in batches, seen, activated, listed; and a member's own."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Offer
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.offer_cases import offered
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app

pytestmark = pytest.mark.django_db
KEYS = count()


def make(*campaigns: dict[str, Any], **sections: Any) -> tuple[World, Caller]:
    world = make_world(*(campaigns or [offered()]), **sections)
    world.member()
    return world, make_caller(world.program)


def post(caller: Caller, path: str, body: object, key: str | None = None) -> HttpResponse:
    return caller.post(path, body, Idempotency_Key=key or f"k{next(KEYS)}")


def asked(**more: Any) -> dict[str, Any]:
    return {"campaign": "bonus", "member": "ann", **more}


def pointers(answer: HttpResponse) -> set[tuple[str, str]]:
    assert problem(answer) == (422, "validation")
    return {(error["pointer"], error["code"]) for error in document(answer)["errors"]}


def test_an_offer_is_assigned_counts_events_and_is_listed_completed() -> None:
    world, caller = make(offered("bonus", goal_rule("r", {"sum": "base", "window": "offer"}, step("60.00"))))
    answer = post(caller, "offers", asked())
    made = document(answer)
    assert answer.status_code == 201
    assert (made["campaign"], made["member"], made["state"]) == ("bonus", "ann", "assigned")
    assert (made["progress"], made["target"], made["currency"]) == ("0.00", "60.00", "SGD")
    assert (made["completed_at"], made["reference"]) == (None, None)
    stored = Offer.objects.get()
    assert (made["id"], stored.until - stored.at) == (str(stored.pk), timedelta(days=7))
    outcome: Any = document(caller.post("events", world.event("100.00", time=timezone.now().isoformat())))
    assert [(goal["progress"], goal["offer"]) for goal in outcome["goals"]] == [("100.00", made["id"])]
    assert outcome["goals"][0]["ends_at"] == made["until"]
    (listed,) = document(caller.get("members/ann/offers"))["items"]
    assert (listed["state"], listed["progress"], listed["target"]) == ("completed", "100.00", None)
    assert listed["completed_at"] is not None


def test_seen_and_activated_are_noted_and_again_change_nothing() -> None:
    _, caller = make()
    number = document(post(caller, "offers", asked()))["id"]
    for step_of, state in [("seen", "seen"), ("seen", "seen"), ("activate", "activated"), ("seen", "activated")]:
        answer = caller.post(f"offers/{number}/{step_of}", None)
        assert (answer.status_code, document(answer)["state"]) == (200, state)
    for wrong in ("0", "nonsense", "9" * 30):
        assert problem(caller.post(f"offers/{wrong}/seen", None)) == (404, "not-found")


def test_what_is_wrong_is_named_field_by_field() -> None:
    _, caller = make(offered(), everyday())
    ahead = (timezone.now() + timedelta(hours=1)).isoformat()
    cases: list[tuple[Any, set[tuple[str, str]]]] = [
        ({}, {("/campaign", "required"), ("/member", "required")}),
        (asked(campaign=7, member=""), {("/campaign", "invalid"), ("/member", "invalid")}),
        (asked(at="tomorrow", days=0), {("/at", "invalid"), ("/days", "invalid")}),
        (asked(at="1899-12-31T23:59:59Z"), {("/at", "invalid")}),
        (
            asked(campaign="\ud800", member="\ud800", reference="\ud800"),
            {("/campaign", "invalid"), ("/member", "invalid"), ("/reference", "invalid")},
        ),
        (asked(days="7"), {("/days", "invalid")}),
        (asked(days=True), {("/days", "invalid")}),
        (asked(days=3651), {("/days", "invalid")}),
        (asked(at=ahead), {("/at", "in-the-future")}),
        (asked(**{"a/b~c": "red"}), {("/a~1b~0c", "unknown")}),
        (asked(reference="x" * 101), {("/reference", "too-long")}),
        (asked(member="nobody"), {("/member", "unknown-member")}),
        (asked(member="uuid:nonsense"), {("/member", "unknown-member")}),
        (asked(campaign="nothing"), {("/campaign", "unknown")}),
        (asked(campaign="everyday"), {("/campaign", "invalid")}),
        ([], {("", "invalid")}),
    ]
    for body, wrong in cases:
        assert pointers(post(caller, "offers", body)) == wrong, body
    assert not Offer.objects.exists()


def test_a_time_in_the_past_needs_its_scope() -> None:
    world, caller = make()
    past = (timezone.now() - timedelta(days=2)).isoformat()
    plain = make_caller(world.program, "offers:write", "members:read")
    assert problem(post(plain, "offers", asked(at=past))) == (403, "insufficient-scope")
    (rejected,) = document(post(plain, "offers/batch", [asked(at=past)]))["results"]
    assert rejected["problem"]["type"] == "/problems/insufficient-scope"
    assert not Offer.objects.exists()
    made = document(post(caller, "offers", asked(at=past, days=1)))
    assert made["state"] == "expired"
    assert problem(caller.post(f"offers/{made['id']}/activate", None)) == (409, "not-available")


def test_market_audience_and_state_of_the_campaign_are_told_apart() -> None:
    _, caller = make(
        offered(markets=["ID"]), offered("vip", audience={"segment": "vip"}), offered("draft", state="draft")
    )
    codes = [problem(post(caller, "offers", asked(campaign=code))) for code in ("bonus", "vip", "draft")]
    assert codes == [(422, "not-eligible"), (422, "not-eligible"), (409, "not-available")]
    told = document(post(caller, "offers", asked()))
    assert told["member_message"] == told["detail"]


def test_a_member_who_is_held_out_gets_an_offer_that_nobody_is_shown() -> None:
    world, caller = make(offered(holdout=100))
    answer = post(caller, "offers", asked())
    held = document(answer)
    assert (answer.status_code, held["state"]) == (201, "held_out")
    app = make_app(world.program.members.get())
    for listed in (caller.get("members/ann/offers"), app.get("me/offers")):
        assert document(listed)["items"] == []
    assert problem(caller.post(f"offers/{held['id']}/seen", None)) == (409, "not-available")
    assert problem(app.call("POST", f"me/offers/{held['id']}/activate")) == (404, "not-found")


def test_the_goals_of_open_offers_are_among_the_members_goals() -> None:
    world, caller = make(offered("bonus", goal_rule("r", {"count": True, "window": "offer"}, step(1), step(3))))
    assert document(caller.get("members/ann/goals"))["items"] == []
    ids = [document(post(caller, "offers", asked()))["id"] for _ in range(2)]
    caller.post("events", world.event(time=timezone.now().isoformat()))
    goals = document(caller.get("members/ann/goals"))["items"]
    assert [(one["offer"], one["progress"], one["target"]) for one in goals] == [(each, 1, 3) for each in ids]
    assert [one["milestones"][0] for one in goals] == [{"reach": 1, "reached": True}] * 2


# -- sent twice --------------------------------------------------------------------------------


def test_the_key_is_required_and_the_same_request_is_answered_from_the_store() -> None:
    _, caller = make()
    assert problem(caller.post("offers", asked())) == (400, "idempotency-key-missing")
    assert problem(caller.post("offers/batch", [asked()])) == (400, "idempotency-key-missing")
    first, again = post(caller, "offers", asked(), "one"), post(caller, "offers", asked(), "one")
    assert (again.status_code, again.content, again["Idempotency-Replayed"]) == (201, first.content, "true")
    assert problem(post(caller, "offers", asked(days=3), "one")) == (422, "idempotency-key-reused")
    assert Offer.objects.count() == 1


def test_a_reference_is_unique_for_ever_for_its_client() -> None:
    world, caller = make()
    first = post(caller, "offers", asked(reference="r1"))
    again = post(caller, "offers", asked(reference="r1"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert document(first)["id"] == document(again)["id"]
    assert problem(post(caller, "offers", asked(reference="r1", days=3))) == (409, "reference-used")
    other = make_caller(world.program)
    assert post(other, "offers", asked(reference="r1")).status_code == 201
    batch = [asked(reference="b"), asked(reference="b"), asked(reference="b", days=2), asked(reference="r1")]
    results = document(post(caller, "offers/batch", {"offers": batch}))["results"]
    assert results[0]["id"] == results[1]["id"]
    assert results[2]["problem"]["type"] == "/problems/reference-used"
    assert results[3]["id"] == document(first)["id"]
    assert Offer.objects.count() == 3


# -- batches -----------------------------------------------------------------------------------


def test_in_a_batch_each_is_judged_by_itself() -> None:
    world, caller = make(offered(markets=["SG"]), everyday())
    world.member("eve", market="ID")
    bodies = [asked(), asked(member="eve"), 7, asked(member="nobody"), asked(), asked(campaign="everyday")]
    answer = post(caller, "offers/batch", bodies)
    results = document(answer)["results"]
    assert answer.status_code == 200
    assert [one.get("problem", {}).get("type", one.get("state", "")) for one in results] == [
        "assigned", "/problems/not-eligible", "/problems/validation", "/problems/validation", "assigned",
        "/problems/validation",
    ]  # fmt: skip
    assert [one.get("index") for one in results] == [None, 1, 2, 3, None, 5]
    assert [one.member.external_id for one in Offer.objects.all()] == ["ann", "ann"]


def test_the_number_of_queries_does_not_grow_with_the_batch() -> None:
    world, caller = make(
        offered("bonus", goal_rule("r", {"count": True, "window": "offer"}, step(3)), audience={
            "all": [{"fact": "member.points", "op": "gte", "value": 0},
                    {"fact": "member.vehicles", "op": "gte", "value": 0}]
        }),
    )  # fmt: skip
    for number in range(6):
        world.member(f"m{number}")
    post(caller, "offers/batch", [asked()])
    counts = []
    for size in (1, 3, 6):
        with CaptureQueriesContext(connection) as queries:
            bodies = [asked(member=f"m{number}", reference=f"{size}-{number}") for number in range(size)]
            assert post(caller, "offers/batch", bodies).status_code == 200
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            caller.get(f"members/m0/offers?limit={size}")
        counts.append(len(queries))
    assert counts[0::2] == [counts[0]] * 3
    assert counts[1::2] == [counts[1]] * 3


def test_more_than_five_thousand_are_too_many() -> None:
    _, caller = make()
    assert problem(post(caller, "offers/batch", [asked()] * 5001)) == (413, "too-large")


def test_pages_lead_through_all_offers_newest_first() -> None:
    _, caller = make()
    made = [one["id"] for one in document(post(caller, "offers/batch", [asked()] * 5))["results"]]
    first = document(caller.get("members/ann/offers?limit=3"))
    second = document(caller.get(f"members/ann/offers?limit=3&cursor={first['next']}"))
    assert [one["id"] for page in (first, second) for one in page["items"]] == made[::-1]
    assert second["next"] is None


def test_offers_of_another_program_do_not_exist() -> None:
    _, caller = make()
    number = document(post(caller, "offers", asked()))["id"]
    stranger = make_caller(make_world(offered(), program={"code": "other"}).program)
    for step_of in ("seen", "activate"):
        assert problem(stranger.post(f"offers/{number}/{step_of}", None)) == (404, "not-found")
    assert pointers(post(stranger, "offers", asked())) == {("/member", "unknown-member")}


# -- a member's own ----------------------------------------------------------------------------


def test_a_member_sees_and_activates_her_own_offers_alone() -> None:
    world, caller = make()
    world.member("bob")
    mine, other = (document(post(caller, "offers", asked(member=name)))["id"] for name in ("ann", "bob"))
    app = make_app(world.program.members.get(external_id="ann"))
    assert [one["id"] for one in document(app.get("me/offers"))["items"]] == [mine]
    for step_of, state in (("seen", "seen"), ("activate", "activated")):
        answer = app.call("POST", f"me/offers/{mine}/{step_of}")
        assert (answer.status_code, document(answer)["state"]) == (200, state)
        assert problem(app.call("POST", f"me/offers/{other}/{step_of}")) == (404, "not-found")


def test_a_members_call_under_a_key_is_answered_alike_again() -> None:
    world, caller = make(offered(), offered("own", delivery="opt_in"))
    number = document(post(caller, "offers", asked()))["id"]
    app = make_app(world.program.members.get())
    for address in (f"{number}/seen", f"{number}/activate", "opt-in:own/activate"):
        first, again = (app.call("POST", f"me/offers/{address}", Idempotency_Key=address) for _ in range(2))
        assert (first.status_code, "Idempotency-Replayed" in first.headers) == (200, False)
        assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    other = app.call("POST", f"me/offers/{number}/activate", Idempotency_Key=f"{number}/seen")
    assert problem(other) == (422, "idempotency-key-reused")


def test_a_member_takes_a_campaign_herself_once() -> None:
    world, caller = make(offered(delivery="opt_in"), offered("hidden", delivery="opt_in", markets=["ID"]))
    app = make_app(world.program.members.get())
    (shown,) = document(app.get("me/offers"))["items"]
    assert (shown["id"], shown["state"], shown["progress"], shown["target"]) == ("opt-in:bonus", "available", 0, 1)
    assert (shown["at"], shown["until"]) == (None, None)
    taken = document(app.call("POST", "me/offers/opt-in:bonus/activate"))
    assert (taken["state"], Offer.objects.get().activated_at) == ("activated", Offer.objects.get().at)
    assert document(app.call("POST", "me/offers/opt-in:bonus/activate"))["id"] == taken["id"]
    assert [one["id"] for one in document(app.get("me/offers"))["items"]] == [taken["id"]]
    outcome: Any = document(caller.post("events", world.event(time=timezone.now().isoformat())))
    assert [one["amount"] for one in outcome["effects"]] == [50]
    assert problem(app.call("POST", "me/offers/opt-in:bonus/activate")) == (409, "not-available")
    for wrong in ("opt-in:hidden", "opt-in:nothing", "opt-in:"):
        assert problem(app.call("POST", f"me/offers/{wrong}/activate")) == (404, "not-found")


def test_who_is_on_hold_activates_nothing() -> None:
    world, caller = make(offered(), offered("own", delivery="opt_in"))
    number = document(post(caller, "offers", asked()))["id"]
    member = world.program.members.get()
    app = make_app(member)
    type(member).objects.update(status="frozen")
    for named in (number, "opt-in:own"):
        assert problem(app.call("POST", f"me/offers/{named}/activate")) == (409, "frozen")
    assert set(Offer.objects.values_list("state", flat=True)) == {"assigned"}


def test_an_erased_member_is_named_by_no_reference() -> None:
    _, caller = make()
    post(caller, "offers", asked(reference="wave-3/ann"))
    assert caller.call("DELETE", "members/ann").status_code == 204
    offer = Offer.objects.get()
    assert (offer.reference, offer.fingerprint) == ("", None)
    assert pointers(post(caller, "offers", asked(reference="wave-3/ann"))) == {("/member", "unknown-member")}
