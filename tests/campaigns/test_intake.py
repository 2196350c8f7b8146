"""Events are taken in once, judged, and answered."""

import pytest

from campaigns.tasks import return_budgets
from ledger.models import Account
from tests.campaigns.world import campaign, document, effects, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db


def test_a_payment_earns_points_in_the_answer() -> None:
    world = make_world(everyday())
    world.member()
    body = world.outcome("120.50", key="txn-991")
    assert effects(body) == [("points", "base", 120)]
    assert body["effects"][0]["expires_on"] == "2027-06-30"
    assert body["balances"] == {"points": {"available": 120, "pending": 0, "debt": 0}, "cashback": []}


def test_the_same_event_again_is_answered_and_changes_nothing() -> None:
    world = make_world(everyday())
    world.member()
    first = world.outcome("120.50", key="a")
    (again,) = world.send(world.event("120.5", key="a", time="2026-06-15T12:00:00+08:00"))
    assert again.duplicate
    assert again.body == first | {"duplicate": True}
    assert world.outcome("1.00")["balances"]["points"]["available"] == 121


def test_other_content_under_the_same_key_is_a_conflict() -> None:
    world = make_world(everyday())
    world.member()
    world.outcome("120.50", key="a")
    (again,) = world.send(world.event("120.51", key="a"))
    assert again.refusal is not None
    assert again.refusal.code == "event-conflict"


def test_a_payment_is_taken_back_in_two_halves() -> None:
    world = make_world(everyday())
    world.member()
    world.outcome("101.00", key="a")
    (half,) = world.send(world.reversal("a", "50.50"))
    assert half.body is not None
    assert effects(half.body) == [("points", "base", -50)]
    assert half.body["balances"]["points"]["available"] == 51
    (rest,) = world.send(world.reversal("a"))
    assert rest.body is not None
    assert effects(rest.body) == [("points", "base", -51)]
    assert rest.body["balances"]["points"] == {"available": 0, "pending": 0, "debt": 0}
    (more,) = world.send(world.reversal("a"))
    assert more.refusal is not None
    assert more.refusal.code == "already-reversed"


def test_a_reversal_waits_for_its_original() -> None:
    world = make_world(everyday())
    world.member()
    (early,) = world.send(world.reversal("late", key="r"))
    assert early.body is not None
    assert early.body["status"] == "waiting"
    assert world.outcome("100.00", key="late")["effects"] != []
    (again,) = world.send(world.reversal("late", key="r"))
    assert again.body is not None
    assert (again.duplicate, again.body["status"]) == (True, "processed")
    assert again.body["balances"]["points"]["available"] == 0
    assert world.outcome("5.00")["balances"]["points"]["available"] == 5


def test_everything_at_once() -> None:
    world = make_world(
        everyday(),
        campaign("double", rule("x2", {"multiply": {"by": "2"}}), stack="bonus"),
        campaign("triple", rule("x3", {"multiply": {"by": "3", "max_extra": 400}}), stack="bonus"),
        campaign(
            "bills",
            rule(
                "bill",
                fixed(200),
                {"badge": "first-bill"},
                {"cashback": {"percent": "10", "max": {"SGD": "5.00"}}},
                when={"fact": "event.data.category", "op": "eq", "value": "bill"},
                limits=[{"per_member": {"times": 1, "per": "lifetime"}}],
            ),
            budget={"points": 300, "money": {"SGD": "100.00"}},
        ),
        tiers={
            "review": {"window": "rolling_12_months"},
            "downgrade": {"style": "never"},
            "ladder": [
                {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
                {"code": "gold", "name": {"en": "Gold"}, "requires": {"amount": "150.00"}},
            ],
        },
    )
    world.member()
    first, second = world.send(
        world.event("100.00", data={"category": "bill"}, key="one", time="2026-06-15T11:00:00+08:00"),
        world.event("100.00", data={"category": "bill"}, key="two"),
        trace=True,
    )
    assert first.body is not None
    assert second.body is not None
    assert effects(first.body) == [
        ("points", "bill", 200),
        ("badge", "bill", "first-bill"),
        ("cashback", "bill", "5.00"),
        ("points", "base", 100),
        ("multiply", "x3", 400),
    ]
    assert first.body["tier"] == {"code": "silver", "next": "gold", "match": "all", "missing": {"amount": "50.00"}}
    assert [(r["rule"], r["reason"]) for r in first.body["refused"]] == [("x2", "outbid")]
    assert [(r["rule"], r["reason"]) for r in second.body["refused"]] == [
        ("bill", "limit"),
        ("bill", "limit"),
        ("x2", "outbid"),
    ]
    assert second.body["balances"]["points"]["available"] == 700 + 300
    assert second.body["tier"]["code"] == "gold"
    (back,) = world.send(world.reversal("one"))
    assert back.body is not None
    assert effects(back.body) == [
        ("points", "bill", -200),
        ("badge", "bill", -1),
        ("cashback", "bill", "-5.00"),
        ("points", "base", -100),
        ("multiply", "x3", -400),
    ]
    assert back.body["balances"] == {
        "points": {"available": 300, "pending": 0, "debt": 0},
        "cashback": [{"currency": "SGD", "available": "0.00"}],
    }
    assert back.body["tier"]["code"] == "silver"
    third = world.outcome("100.00", data={"category": "bill"})
    assert effects(third)[:2] == [("points", "bill", 200), ("badge", "bill", "first-bill")]


def test_a_retired_type_takes_no_new_events_but_its_old_ones_can_be_taken_back() -> None:
    world = make_world(everyday())
    world.member()
    world.outcome(None, type="app.opened", key="old")
    file = document(everyday())
    file["event_types"] = [kind for kind in file["event_types"] if kind["code"] != "app.opened"]
    world.reload(file)
    (new,) = world.send(world.event(None, type="app.opened"))
    assert new.refusal is not None
    assert [(error.pointer, error.code) for error in new.refusal.errors] == [("/type", "unknown-type")]
    (back,) = world.send(world.reversal("old"))
    assert back.status == "processed"


def test_a_campaign_gives_back_to_a_fund_that_was_retired() -> None:
    bonus = campaign("bonus", rule("gift", fixed(40)), fund="extra", budget={"points": 100})
    budgets = [{"code": "central", "points": 1000}, {"code": "extra", "parent": "central", "points": 100}]
    world = make_world(bonus, budgets=budgets)
    world.member()
    world.outcome(key="a")
    world.reload(document(bonus | {"state": "ended"}, budgets=budgets))
    world.reload(document(budgets=budgets[:1]))
    (back,) = world.send(world.reversal("a"))
    assert back.status == "processed"
    return_budgets()
    assert Account.objects.get(code="campaign:bonus", book__unit="points").balance == 0


def test_points_that_an_old_event_gives_too_late_are_swept_at_once() -> None:
    world = make_world(everyday(starts="2020-01-01T00:00:00+08:00"))
    member = world.member(enrolled_at="2020-01-01T00:00:00Z")
    body = world.outcome("100.00", time="2024-01-10T12:00:00+08:00")
    assert effects(body) == [("points", "base", 100)]
    assert body["effects"][0]["expires_on"] == "2025-01-31"
    assert body["balances"]["points"]["available"] == 0
    balances = dict(Account.objects.filter(book__unit="points").values_list("code", "balance"))
    assert balances[f"member:{member.uuid}"] == 0
    assert balances["breakage"] == 100
