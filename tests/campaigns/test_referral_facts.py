"""What qualifies, to the day and to the smallest unit, in any order; and what it costs to find out."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.selectors.declarations import declarations
from campaigns.services.friends import qualify_due
from core.models import Program
from members.models import Member, Referral
from members.rules.catalogue import Catalogue
from members.rules.conditions import parse
from members.selectors.conditions import count_members
from members.selectors.facts import load_member_facts
from members.services.changes import patch_member
from members.services.enrolment import enrol_members
from tests.campaigns.derived import derived, settle
from tests.campaigns.referring import (
    QUALIFIES,
    code_of,
    friend,
    pay,
    paying,
    points,
    referral_world,
    state,
    told_later,
    view,
)
from tests.campaigns.world import BASE, NOW, World, campaign, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db


# -- amounts ---------------------------------------------------------------------------------------


def market(code: str, currency: str, zone: str) -> dict[str, Any]:
    return {"code": code, "name": code, "currency": currency, "timezone": zone, "languages": ["en"]}


MARKETS = [*BASE["markets"], market("VN", "VND", "Asia/Ho_Chi_Minh"), market("BH", "BHD", "Asia/Bahrain")]
RATES = [
    {"currency": "IDR", "from": "2020-01-01", "rate": "0.000083"},
    {"currency": "VND", "from": "2020-01-01", "rate": "0.00005"},
    {"currency": "BHD", "from": "2020-01-01", "rate": "3.6"},
]


@pytest.mark.parametrize(
    ("least", "currency", "amount", "enough"),
    [
        ({"SGD": "20.00"}, "SGD", "20.00", True),
        ({"SGD": "20.00"}, "SGD", "19.99", False),
        ({"VND": "390000"}, "VND", "390000", True),
        ({"VND": "390000"}, "VND", "389999", False),
        ({"BHD": "5.125"}, "BHD", "5.125", True),
        ({"BHD": "5.125"}, "BHD", "5.124", False),
        ({"SGD": "20.00"}, "VND", "400000", True),  # exactly 20.00
        ({"SGD": "20.00"}, "VND", "399999", False),  # 19.99995, which would round to 20.00
        ({"SGD": "20.00"}, "BHD", "5.556", True),  # 20.0016
        ({"SGD": "20.00"}, "BHD", "5.555", False),  # 19.998
        ({"VND": "400000"}, "SGD", "20.00", True),
        ({"VND": "400000"}, "SGD", "19.99", False),
        ({"SGD": "20.00", "VND": "500000"}, "VND", "450000", False),  # a named currency is not converted
    ],
)
def test_an_amount_is_enough_in_its_own_currency_or_converted_unrounded(
    least: dict[str, str], currency: str, amount: str, *, enough: bool
) -> None:
    world = referral_world(qualifies={**QUALIFIES, "min_amount": least}, markets=MARKETS, rates=RATES)
    friend(world)
    pay(world, amount=amount, currency=currency)
    assert state(world)[0] == ("rewarded" if enough else "verified")


def test_without_an_event_the_identity_is_enough_and_without_anything_joining_is() -> None:
    for code, qualifies in (("a", {"kyc": True}), ("b", {})):
        world = referral_world(qualifies=qualifies or {"kyc": False}, program={"code": code})
        friend(world, verified=code == "a")
        settle()
        assert (state(world), points(world)) == (("rewarded", ""), 500)


def test_returns_that_leave_enough_keep_it_and_others_take_it_back() -> None:
    world = referral_world()
    friend(world)
    pay(world, amount="30.00", key="p")
    for amount, left in (("10.00", 500), ("0.01", 0)):
        world.send(world.reversal("p", amount, subject="ben"))
        settle()
        assert points(world) == left
    assert state(world) == ("verified", "")


def test_another_payment_that_is_enough_holds_it_up() -> None:
    world = referral_world()
    friend(world)
    pay(world, key="p1")
    pay(world, key="p2")
    world.send(world.reversal("p1", subject="ben"))
    settle()
    assert (state(world), points(world), len(derived("referral.qualified"))) == (("rewarded", ""), 500, 1)
    world.send(world.reversal("p2", subject="ben"))
    settle()
    assert (state(world), points(world)) == (("verified", ""), 0)


def test_an_identity_that_is_not_proven_any_more_takes_it_back() -> None:
    world = referral_world()
    friend(world)
    pay(world)
    for kyc, expected in (("rejected", ("joined", 0)), ("verified", ("rewarded", 500))):
        patch_member(program=world.program, reference="ben", changes={"kyc": {"state": kyc}}, at=NOW)
        settle()
        assert (state(world)[0], points(world)) == expected


# -- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "enrolled", "last"),
    [
        ("SG", "2026-01-10T12:00:00Z", "2026-02-09T15:59:59Z"),  # local days: 10 January to 9 February
        ("SG", "2026-01-10T16:00:00Z", "2026-02-10T15:59:59Z"),  # 11 January in Singapore
        ("ID", "2026-01-10T16:30:00Z", "2026-02-09T16:59:59Z"),  # still 10 January in Jakarta
    ],
)
def test_days_end_with_the_last_local_day_of_the_friend(where: str, enrolled: str, last: str) -> None:
    for code, late, expected in (("in-time", 0, "rewarded"), ("late", 1, "verified")):
        world = referral_world(program={"code": code})
        friend(world, market=where, enrolled_at=enrolled)
        pay(world, time=(datetime.fromisoformat(last) + timedelta(seconds=late)).isoformat())
        assert state(world)[0] == expected


def test_a_payment_earlier_on_the_day_of_joining_counts_and_one_of_the_day_before_does_not() -> None:
    for code, time, expected in (
        ("a", "2026-06-09T16:00:00Z", "rewarded"),
        ("b", "2026-06-09T15:59:59Z", "verified"),
    ):
        world = referral_world(program={"code": code})
        friend(world)
        pay(world, time=time)
        assert state(world)[0] == expected


def test_the_identity_must_be_proven_in_time_as_well() -> None:
    world = referral_world()
    friend(world, verified=False, enrolled_at="2026-05-01T04:00:00Z")
    pay(world, time="2026-05-02T04:00:00Z")
    patch_member(program=world.program, reference="ben", changes={"kyc": {"state": "verified"}}, at=NOW)
    settle()
    assert state(world) == ("verified", "")


# -- cooling ---------------------------------------------------------------------------------------


def test_it_counts_after_the_cooling_and_not_if_it_was_taken_back_meanwhile() -> None:
    world = referral_world(guard={"cooling_hours": 48})
    friend(world)
    friend(world, "cid")
    settle()  # consumers have a clock of their own, long after these days
    pay(world, key="p", time="2026-06-15T03:00:00Z")
    pay(world, "cid", key="q", time="2026-06-15T03:00:00Z")
    assert (state(world), points(world)) == (("verified", "cooling"), 0)
    world.send(world.reversal("q", subject="cid"))
    due = datetime(2026, 6, 17, 3, tzinfo=UTC)
    assert qualify_due(at=due - timedelta(seconds=1)) == 0
    assert qualify_due(at=due) == 1
    settle()
    assert (state(world), state(world, "cid"), points(world)) == (("rewarded", ""), ("verified", ""), 500)
    assert derived("referral.qualified")[0].time == due


def test_where_the_cooling_is_long_over_nothing_waits() -> None:
    world = referral_world(guard={"cooling_hours": 24})
    friend(world)
    pay(world, time="2026-06-12T03:00:00Z")
    assert (state(world), points(world)) == (("rewarded", ""), 500)


# -- any order -------------------------------------------------------------------------------------


def test_crm_identity_and_payment_may_come_in_any_order() -> None:
    def crm(world: World) -> None:
        told_later(world, "ben", of="ann")

    def identity(world: World) -> None:
        changes = {"kyc": {"state": "verified", "at": "2026-06-11T04:00:00Z"}}
        patch_member(program=world.program, reference="ben", changes=changes, at=NOW)

    def payment(world: World) -> None:
        world.outcome("20.00", subject="ben", time="2026-06-12T04:00:00Z")

    for number, steps in enumerate(permutations((crm, identity, payment))):
        world = referral_world(program={"code": f"p{number}"})
        world.member("ben", enrolled_at="2026-06-10T04:00:00Z")
        for step in steps:
            step(world)
            settle()
        assert (state(world), points(world)) == (("rewarded", ""), 500), steps


def test_a_payment_sent_twice_and_messages_delivered_twice_pay_once() -> None:
    world = referral_world()
    friend(world)
    event = world.event("20.00", subject="ben")
    world.send(event, event)
    world.send(event)
    settle()
    settle()
    assert (points(world), len(derived("referral.qualified"))) == (500, 1)


def test_a_payment_and_its_reversal_in_one_batch_pay_nothing() -> None:
    world = referral_world()
    friend(world)
    world.send(world.event("20.00", key="p", subject="ben"), world.reversal("p", subject="ben"))
    settle()
    assert (state(world), points(world)) == (("verified", ""), 0)


def test_a_reversal_that_waits_for_its_payment_leaves_nothing() -> None:
    world = referral_world()
    friend(world)
    world.send(world.reversal("p", subject="ben"))
    world.send(world.event("20.00", key="p", subject="ben"))
    settle()
    assert (state(world), points(world)) == (("verified", ""), 0)


# -- both ends, and the fact -----------------------------------------------------------------------


def test_the_friend_is_paid_by_events_of_her_own() -> None:
    world = referral_world(
        campaign("a", rule("r", fixed(1), event="referral.joined")),
        campaign("b", rule("r", fixed(2), event="referral.qualified")),
        campaign("c", rule("r", fixed(10), event="referred.joined")),
        campaign("d", rule("r", fixed(20), event="referred.qualified")),
    )
    friend(world)
    settle()
    assert (points(world), points(world, "ben")) == (1, 10)
    pay(world, key="p")
    assert (points(world), points(world, "ben")) == (3, 30)
    ann = Member.objects.get(external_id="ann")
    assert [event.data for event in derived("referred.qualified")] == [{"referrer": str(ann.uuid)}]
    world.send(world.reversal("p", subject="ben"))
    settle()
    assert (points(world), points(world, "ben")) == (1, 10)


def test_the_number_of_friends_who_took_part_is_a_fact_before_the_event_in_python_and_sql() -> None:
    third = {"fact": "member.referrals_qualified", "op": "eq", "value": 2}
    world = referral_world(campaign("third", rule("r", fixed(900), event="referral.qualified", when=third)))
    for number, expected in enumerate((0, 0, 900, 900), 1):
        friend(world, f"f{number}")
        pay(world, f"f{number}", key=f"p{number}")
        assert points(world) == expected
    ann = Member.objects.get(external_id="ann")

    def fact() -> tuple[object, bool]:
        found = load_member_facts(program=world.program, members=[ann.pk], at=NOW)[ann.pk]
        number = found("member.referrals_qualified")
        tree = {"fact": "member.referrals_qualified", "op": "eq", "value": number}
        return number, count(world.program, tree)

    assert fact() == (4, True)
    world.send(world.reversal("p1", subject="f1"))
    settle()
    assert fact() == (3, True)


def count(program: Program, tree: dict[str, Any]) -> bool:
    """Whether SQL finds exactly the one member that Python found."""
    condition = parse(tree, catalogue=Catalogue(declarations(program)), member_only=True)
    return count_members(program=program, condition=condition, at=NOW) == 1


# -- what it costs ---------------------------------------------------------------------------------


def queries(act: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_ordinary_events_and_programs_without_referrals_cost_nothing_more() -> None:
    counts = []
    for code, sections in (("without", {}), ("with", None)):
        world = referral_world(everyday(), program={"code": code}) if sections is None else plain(code)
        world.member("zoe")
        world.outcome("30.00", subject="zoe")
        counts.append(
            (
                queries(lambda world=world: world.outcome(None, type="app.opened", subject="zoe")),
                queries(lambda world=world: world.outcome("19.99", subject="zoe")),
                queries(lambda world=world: world.outcome("30.00", subject="zoe")),
            )
        )
    without, with_referrals = counts
    assert with_referrals[:2] == without[:2]
    assert with_referrals[2] == without[2] + 1


def plain(code: str) -> World:
    return make_world(everyday(), program={"code": code})


def test_statements_do_not_grow_with_friends_who_qualify_at_once() -> None:
    counts = []
    for size in (1, 3):
        world = referral_world(everyday(), program={"code": f"p{size}"})
        names = [f"f{number}" for number in range(size)]
        for name in names:
            friend(world, name)
            world.outcome("1.00", subject=name)
        settle()
        events = [world.event("20.00", subject=name) for name in names]
        counts.append(queries(lambda world=world, events=events: world.send(*events)))
        assert Referral.objects.filter(program=world.program).exclude(qualified_at=None).count() == size
    assert counts[0] == counts[1]


def test_statements_do_not_grow_with_members_enrolled_by_codes_at_once() -> None:
    counts = []
    for size in (1, 3):
        world = referral_world(program={"code": f"p{size}"}, guard={"max_per_day": 100})
        for number in range(size):
            world.member(f"r{number}", enrolled_at="2026-06-01T00:00:00Z")
        requests = [
            {
                "external_id": f"f{number}",
                "market": "SG",
                "phone": f"+659000000{number}",
                "referral_code": code_of(world, f"r{number}"),
                "signals": {"device": f"d{number}"},
            }
            for number in range(size)
        ]
        act = partial(enrol_members, program=world.program, requests=requests, at=NOW)
        counts.append(queries(act))
        assert Referral.objects.filter(program=world.program).count() == size
    assert counts[0] == counts[1]


def test_a_batch_sent_again_changes_nothing() -> None:
    world = referral_world()
    request = {"external_id": "ben", "market": "SG", "referral_code": code_of(world)}
    first = enrol_members(program=world.program, requests=[request, request], at=NOW)
    again = enrol_members(program=world.program, requests=[request], at=NOW)
    assert [str(result.status) for result in [*first, *again]] == ["created", "unchanged", "unchanged"]
    assert Referral.objects.count() == 1
    assert view(world).referrer.external_id == "ann"


def test_in_a_batch_an_unknown_code_rejects_its_member_alone() -> None:
    world = referral_world()
    requests = [
        {"external_id": "ben", "market": "SG", "referral_code": "NOBODYS2"},
        {"external_id": "cid", "market": "SG", "referral_code": code_of(world)},
    ]
    results = enrol_members(program=world.program, requests=requests, at=NOW)
    assert [str(result.status) for result in results] == ["rejected", "created"]
    assert not Member.objects.filter(external_id="ben").exists()
    assert [row.friend.external_id for row in Referral.objects.all()] == ["cid"]


def test_a_campaign_may_pay_for_a_streak_of_friends() -> None:
    goal = {"count": True, "window": "month"}
    steps = [{"reach": 2, "then": [fixed(70)]}]
    streak = campaign("streak", {"code": "r", "event": "referral.qualified", "goal": goal, "milestones": steps})
    world = referral_world(paying(), streak)
    for name, expected in (("f1", 500), ("f2", 1070), ("f3", 1570)):
        friend(world, name)
        pay(world, name)
        assert points(world) == expected
