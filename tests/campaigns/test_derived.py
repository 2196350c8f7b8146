"""Derived events: what follows from others is judged by the same rules, each once, and taken back with its cause."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import tasks
from campaigns.models import DerivedEvent, Event, MemberBadge
from campaigns.services.intake import take_in
from core.models import OutboxMessage
from ledger.models import Account
from members.models import Member, MemberTypeCount, TierChange
from members.services.changes import patch_member
from members.services.segments import set_segment_members
from tests.campaigns.derived import derived, relay, reversals, settle, told
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.world import NOW, World, campaign, document, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db
LADDER = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "one_step"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"amount": "100.00"}},
        {"code": "onyx", "name": {"en": "Onyx"}, "requires": {"amount": "1000.00"}},
    ],
}
BADGES = [{"code": code, "name": {"en": code}, "icon": "star"} for code in ("b0", "b1", "b2", "b3", "b4")]


def points(world: World, name: str = "ann") -> int:
    member = Member.objects.get(program=world.program, external_id=name)
    return sum(Account.objects.filter(owner=member.uuid, book__unit="points").values_list("balance", flat=True))


def on_event(code: str, event: str, *then: Any, **more: Any) -> dict[str, Any]:
    return campaign(code, rule("r", *(then or [fixed(100)]), event=event, **more))


def data_is(name: str, value: object) -> dict[str, Any]:
    return {"when": {"fact": f"event.data.{name}", "op": "eq", "value": value}}


def source(world: World) -> str:
    return f"/loyalty/{world.program.code}"


# -- each type --------------------------------------------------------------------------------


def test_a_welcome_bonus_follows_enrolment_at_the_moment_of_enrolment() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    member = world.member(enrolled_at="2026-06-01T09:00:00+08:00")
    settle()
    (event,) = derived()
    assert told(event) == ("member.enrolled", source(world), {}, datetime(2026, 6, 1, 1, tzinfo=UTC))
    assert event.key == f"enrolled:{member.uuid}"
    assert points(world) == 100


def test_members_of_long_before_the_campaign_get_no_welcome_bonus() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    world.member(enrolled_at="2024-11-01T09:00:00+08:00")
    settle()
    assert len(derived()) == 1
    assert points(world) == 0


def test_a_proven_identity_is_an_event_once_for_ever() -> None:
    world = make_world(on_event("kyc", "member.kyc_verified"))
    world.member()
    for status in ("verified", "rejected", "verified"):
        patch_member(program=world.program, reference="ann", changes={"kyc": {"state": status}}, at=NOW)
    settle()
    assert [told(event)[0] for event in derived()] == ["member.kyc_verified"]
    assert points(world) == 100


def test_entering_a_list_is_an_event_each_time() -> None:
    world = make_world(on_event("vip", "segment.entered", **data_is("segment", "vip")))
    world.member()
    for day, names in enumerate((["ann"], ["ann"], [], ["ann"])):
        set_segment_members(program=world.program, code="vip", external_ids=names, at=NOW - timedelta(days=9 - day))
    settle()
    assert [event.time for event in derived()] == [NOW - timedelta(days=9), NOW - timedelta(days=6)]
    assert points(world) == 200


def test_a_new_tier_carries_from_where_to_where() -> None:
    world = make_world(on_event("up", "tier.changed", **data_is("to", "gold")), tiers=LADDER)
    world.member()
    world.outcome("150.00", time=(NOW - timedelta(days=2)).isoformat())
    settle()
    (event,) = derived()
    change = TierChange.objects.get(reason="upgrade")
    data = {"from": "silver", "to": "gold", "direction": "up"}
    assert told(event) == ("tier.changed", source(world), data, NOW - timedelta(days=2))
    assert event.key == f"tier:{change.pk}"
    assert points(world) == 100


def test_a_badge_and_a_milestone_are_events_of_the_moment_of_their_cause() -> None:
    world = make_world(
        campaign("bills", goal_rule("r", {"count": True, "window": "campaign"}, step(2, {"badge": "b0"}))),
        on_event("for-badge", "badge.earned", **data_is("badge", "b0")),
        on_event("for-goal", "goal.reached", fixed(7), **data_is("campaign", "bills")),
        badges=BADGES,
    )
    world.member()
    for key in ("a", "b"):
        last = world.outcome(key=key)
    settle()
    events = {told(event)[0]: event for event in derived()}
    assert events["badge.earned"].data == {"badge": "b0"}
    assert events["goal.reached"].data == {"campaign": "bills", "rule": "r", "reach": "2"}
    assert {event.time for event in events.values()} == {NOW}
    assert {event.derived.cause_id for event in events.values()} == {last["sequence"]}
    assert points(world) == 107


# -- only where somebody listens, each once -----------------------------------------------------


def test_nothing_is_derived_that_no_running_rule_listens_to() -> None:
    paused = on_event("welcome", "member.enrolled") | {"state": "paused"}
    world = make_world(everyday(), paused, on_event("kyc", "member.kyc_verified"))
    world.member()
    settle()
    assert derived() == []
    assert not DerivedEvent.objects.exists()


EARNED = {"fact": "member.count.badge.earned", "op": "gte", "value": 1}
GIVES = campaign("gives", rule("r", {"badge": "b0"}, event="app.opened"))


def paid_after_the_badge(*campaigns: dict[str, Any], **sections: Any) -> tuple[int, int]:
    """What the member has after a payment, the badge, and another payment."""
    world = make_world(GIVES, *campaigns, badges=BADGES, **sections)
    world.member()
    world.outcome()
    before = points(world)
    world.outcome(None, type="app.opened")
    settle()
    world.outcome()
    return before, points(world)


@pytest.mark.parametrize(
    "fact",
    [
        EARNED,
        {"fact": "member.hours_since_first.badge.earned", "op": "gte", "value": 0},
        {"fact": "member.hours_since_last.badge.earned", "op": "exists", "value": True},
    ],
)
def test_what_a_rule_or_an_audience_asks_of_a_derived_type_is_known_though_no_rule_listens(fact: Any) -> None:
    assert paid_after_the_badge(campaign("c", rule("r", fixed(5), when=fact))) == (0, 5)
    own = {"program": {"code": "audience"}}
    assert paid_after_the_badge(campaign("c", rule("r", fixed(7)), audience=fact), **own) == (0, 7)


def test_what_a_goal_asks_of_a_derived_type_is_known() -> None:
    level = {"level": EARNED["fact"], "by": "event.channel", "window": "campaign"}
    world = make_world(GIVES, campaign("c", goal_rule("r", level, step(1, fixed(9)))), badges=BADGES)
    world.member()
    for event in ({"amount": None, "type": "app.opened"}, {"amount": "5.00", "data": {"channel": "app"}}):
        world.outcome(**event)
        settle()
    assert points(world) == 9


@pytest.mark.parametrize(
    "asking",
    [
        {"segments": [{"code": "proud", "name": {"en": "Proud"}, "where": {"not": {"all": [EARNED]}}}]},
        {"journeys": [{
            "code": "j", "enter": {"event": "app.opened"},
            "steps": [{"branch": {"when": EARNED, "then": [{"wait": {"days": 1}}], "else": [{"exit": True}]}}],
        }]},
    ],
)  # fmt: skip
def test_what_segments_and_journeys_ask_of_a_derived_type_is_counted(asking: dict[str, Any]) -> None:
    assert paid_after_the_badge(**asking) == (0, 0)
    assert [told(event)[0] for event in derived()] == ["badge.earned"]
    (count,) = MemberTypeCount.objects.filter(event_type__code="badge.earned")
    assert count.occurrences == 1


def test_badges_earned_while_the_campaign_that_counts_them_is_paused_are_counted() -> None:
    counts = campaign("c", rule("r", fixed(5), when=EARNED))
    world = make_world(GIVES, {**counts, "state": "paused"}, badges=BADGES)
    world.member()
    world.outcome(None, type="app.opened")
    settle()
    world.reload(document(GIVES, counts, badges=BADGES))
    world.outcome()
    assert points(world) == 5


def test_listeners_cost_ordinary_events_no_statement() -> None:
    counts = []
    for code, heard in (("deaf", "wallet.topped_up"), ("listening", "member.enrolled")):
        world = make_world(everyday(), on_event("more", heard), program={"code": code})
        world.member()
        world.outcome()
        with CaptureQueriesContext(connection) as captured:
            world.outcome()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_message_delivered_twice_derives_once() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    world.member(enrolled_at=NOW.isoformat())
    sent = relay()
    for ids in (sent["campaigns.tasks.derive_events"], sent["campaigns.tasks.derive_events"]):
        tasks.derive_events(ids)
    assert len(derived()) == 1
    assert points(world) == 100


def test_the_same_message_told_again_derives_once() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    world.member(enrolled_at=NOW.isoformat())
    first = OutboxMessage.objects.get(topic="member.enrolled")
    OutboxMessage.objects.create(topic=first.topic, program=first.program, payload=first.payload)
    settle()
    assert len(derived()) == 1
    assert points(world) == 100


def test_the_number_of_queries_does_not_grow_with_the_messages() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    for number in range(5):
        world.member(f"m{number}", enrolled_at=NOW.isoformat())
    first, *ids = OutboxMessage.objects.filter(topic="member.enrolled").order_by("pk").values_list("pk", flat=True)
    tasks.derive_events([first])  # which reads the configuration
    counts = []
    for some in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as captured:
            tasks.derive_events(some)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert len(derived()) == 5


def test_an_erased_member_gets_no_event() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    world.member()
    Member.objects.update(status="erased")
    settle()
    assert derived() == []


# -- depth --------------------------------------------------------------------------------------


def chain() -> World:
    links = [
        on_event(f"c{number}", "badge.earned", {"badge": f"b{number + 1}"}, **data_is("badge", f"b{number}"))
        for number in range(4)
    ]
    first = campaign("first", rule("r", {"badge": "b0"}))
    return make_world(first, *links, badges=BADGES)


def test_effects_cause_events_to_a_depth_of_three() -> None:
    world = chain()
    world.member()
    world.outcome()
    settle()
    assert [(event.data["badge"], event.derived.depth) for event in derived()] == [("b0", 1), ("b1", 2), ("b2", 3)]
    assert set(MemberBadge.objects.values_list("badge__code", flat=True)) == {"b0", "b1", "b2", "b3"}
    (deep,) = DerivedEvent.objects.filter(event=None)
    assert (deep.depth, deep.cause_id, deep.undone) == (4, derived()[-1].pk, False)


# -- taking back --------------------------------------------------------------------------------


def test_a_reversal_takes_back_the_whole_chain_in_order_and_once() -> None:
    world = chain()
    world.member()
    world.outcome(key="a")
    settle()
    keys = [event.key for event in derived()]
    world.send(world.reversal("a"))
    settle()
    assert reversals() == [(f"reversed:{key}", "processed") for key in keys]
    assert not MemberBadge.objects.exists()
    OutboxMessage.objects.filter(topic="derived.undone").update(due_at=NOW)
    settle()
    assert len(reversals()) == 3


def test_what_was_taken_back_before_its_event_came_never_comes() -> None:
    world = make_world(campaign("first", rule("r", {"badge": "b0"})), on_event("more", "badge.earned"), badges=BADGES)
    world.member()
    world.outcome(key="a")
    world.send(world.reversal("a"))
    settle()
    assert derived() == []
    assert reversals() == []
    assert points(world) == 0


def test_what_is_earned_again_is_an_event_again() -> None:
    world = make_world(campaign("first", rule("r", {"badge": "b0"})), on_event("more", "badge.earned"), badges=BADGES)
    world.member()
    for key in ("a", "b"):
        world.outcome(key=key)
        settle()
        if key == "a":
            world.send(world.reversal("a"))
            settle()
            assert points(world) == 0
    assert len(derived()) == 2
    assert points(world) == 100


def test_a_bonus_for_a_milestone_goes_with_the_milestone() -> None:
    world = make_world(
        campaign("bills", goal_rule("r", {"count": True, "window": "campaign"}, step(2))),
        on_event("for-goal", "goal.reached"),
    )
    world.member()
    world.outcome(key="a"), world.outcome(key="b")
    settle()
    before = points(world)
    world.send(world.reversal("a"))
    settle()
    assert [key for key, _ in reversals()] == [f"reversed:{derived()[0].key}"]
    assert points(world) <= before - 100


def test_a_bonus_for_a_tier_goes_with_the_tier_whichever_event_supported_it() -> None:
    world = make_world(on_event("up", "tier.changed"), tiers=LADDER)
    world.member()
    world.outcome("90.00", key="a"), world.outcome("20.00", key="b")
    settle()
    assert points(world) == 100
    world.send(world.reversal("a"))
    settle()
    assert points(world) == 0
    assert [told(event)[2]["to"] for event in derived()] == ["gold"]
    assert len(reversals()) == 1


def test_a_bonus_for_a_tier_stays_while_the_tier_does() -> None:
    world = make_world(on_event("up", "tier.changed"), tiers=LADDER)
    world.member()
    world.outcome("100.00", key="a"), world.outcome("100.00", key="b")
    settle()
    world.send(world.reversal("a"))
    settle()
    assert points(world) == 100
    assert reversals() == []


def test_what_nobody_heard_is_no_burden_to_a_reversal() -> None:
    world = make_world(campaign("first", rule("r", {"badge": "b0"})), badges=BADGES)
    world.member()
    world.outcome(key="a")
    settle()
    world.send(world.reversal("a"))
    settle()
    assert not Event.objects.filter(source__startswith="/loyalty/").exists()


# -- nobody else's ------------------------------------------------------------------------------


def test_partners_may_neither_post_derived_types_nor_use_the_platforms_source() -> None:
    world = make_world(on_event("welcome", "member.enrolled"))
    world.member()
    foreign = [
        world.event(None, type="member.enrolled"),
        world.event(source=f"/loyalty/{world.program.code}"),
        world.event(None, type="event.reversed", source="/loyalty/x", data={"source": "/test", "id": "a"}),
    ]
    answers = take_in(program=world.program, events=foreign, at=NOW)
    pointers = [[error.pointer for error in answer.refusal.errors] for answer in answers if answer.refusal]
    assert pointers == [["/type"], ["/source"], ["/source"]]
