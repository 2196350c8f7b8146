"""Offers in the portal: new ones are shown and then seen, taken by a button, followed to their end."""

from datetime import date, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns.models import Offer
from campaigns.rules.definitions import Kind
from loyalty.display import formats
from tests.campaigns.goal_cases import EVENT_TYPES, goal_rule, step
from tests.campaigns.offer_cases import ask, offered
from tests.campaigns.world import World, everyday, fixed, rule
from tests.loyalty.portal import Visitor, portal_world, visit

pytestmark = pytest.mark.django_db
KEYS = count()
MOST_QUERIES = 12
ZONE = ZoneInfo("Asia/Singapore")


def make(*campaigns: dict[str, Any]) -> Visitor:
    world = portal_world(everyday(), *campaigns, event_types=EVENT_TYPES)
    return visit(world, world.member("ann"))


def give(world: World, code: str = "bonus", **more: Any) -> Offer:
    (found,) = ask(world, {"campaign": code, "member": "ann", **more}, at=timezone.now())
    assert found.offer is not None, str(found.refusal)
    return found.offer


def shown_day(day: date) -> str:
    """A day, or that of a moment in the member's market, as it is read on a page."""
    with timezone.override(ZONE):
        return formats.day(day).replace("\N{NO-BREAK SPACE}", " ")


def pay(ann: Visitor) -> None:
    now = timezone.now()
    ann.world.send(ann.world.event(key=f"pay{next(KEYS)}", time=now.isoformat()), at=now)


@pytest.mark.parametrize("page", ["", "earn/"])
def test_a_new_offer_is_shown_once_as_new_and_is_seen_then(page: str) -> None:
    ann = make(offered("bonus", goal_rule("r", {"count": True, "window": "offer"}, step(3))))
    offer = give(ann.world)
    assert "New for you" in ann.words(page)
    offer.refresh_from_db()
    assert offer.state == "seen"
    seen_at = offer.seen_at
    words = ann.words(page)
    assert "New for you" not in words
    assert "It counts" in words
    assert any(word.startswith("3 more times by") for word in words)
    assert any(word.startswith("Until") for word in words)
    offer.refresh_from_db()
    assert offer.seen_at == seen_at


STREAK: dict[str, Any] = {"streak": {"period": "day", "count": 2, "freezes": 1}}
GOALS: dict[Kind, tuple[dict[str, Any], int | str, str]] = {
    Kind.COUNT: ({"count": True}, 3, "0/3 3 more times by {end}"),
    Kind.SUM: ({"sum": "base"}, "300.00", "0% SGD 300.00 more by {end}"),
    Kind.DISTINCT: ({"distinct": "event.outlet"}, 3, "0/3 Outlet: 3 more by {end}"),
    Kind.LEVEL: ({"level": "event.data.km", "by": "event.data.vin"}, 300, "0% 300 km to go by {end}"),
    Kind.STREAK: (
        {"streak": {"period": "day", "count": 2, "freezes": 1}},
        3,
        "0/3 Day 1 of 3: 2 more times by {today}",
    ),
}


@pytest.mark.parametrize("kind", Kind)
def test_the_card_of_an_offer_is_drawn_for_every_kind_of_goal(kind: Kind) -> None:
    goal, to, told = GOALS[kind]
    event = "service.done" if kind is Kind.LEVEL else "payment.completed"
    ann = make(offered("bonus", goal_rule("r", {**goal, "window": "offer"}, step(to), event=event)))
    days = {"end": shown_day(give(ann.world).until), "today": shown_day(timezone.now())}
    for page in ("", "earn/"):
        assert f"bonus {told.format(**days)}" in ann.text(page)


def test_the_card_of_a_streak_counts_the_running_period_and_then_says_that_it_is_done() -> None:
    ann = make(offered("bonus", goal_rule("r", {**STREAK, "window": "offer"}, step(3))))
    give(ann.world)
    pay(ann)
    assert f"0/3 Day 1 of 3: 1 more time by {shown_day(timezone.now())} · 1 break is free" in ann.text("earn/")
    pay(ann)
    assert "1/3 Today is done · 1 break is free" in ann.text("earn/")


def test_a_period_that_outlasts_its_offer_counts_until_the_offer_ends() -> None:
    amount = {"currency": "SGD", "value": "250.00"}
    goal = {"streak": {"period": "year", "amount": amount}, "window": "offer"}
    ann = make(offered("bonus", goal_rule("r", goal, step(3))))
    until = give(ann.world, days=1).until.astimezone(ZONE).date()
    pay(ann)
    today = timezone.now().astimezone(ZONE).date()
    assert f"0/3 Year 1 of 3: SGD 150.00 more by {shown_day(min(until, date(today.year, 12, 31)))}" in ann.text("earn/")


def test_a_goal_that_ends_before_its_offer_says_so() -> None:
    ann = make(offered("bonus", goal_rule("r", {"count": True, "window": "day"}, step(3))))
    give(ann.world)
    assert f"3 more times by {shown_day(timezone.now())}" in ann.text("earn/")


def test_progress_and_what_is_done_are_shown_while_the_offer_lasts() -> None:
    ann = make(offered("bonus", goal_rule("r", {"count": True, "window": "offer"}, step(2))))
    offer = give(ann.world)
    pay(ann)
    assert any(word.startswith("1 more time by") for word in ann.words("earn/"))
    pay(ann)
    assert "Done" in ann.words("earn/")
    Offer.objects.update(at=offer.at - timedelta(days=8), until=offer.until - timedelta(days=8))
    assert "Done" not in ann.words("earn/")


def test_an_offer_that_needs_it_is_activated_by_a_button() -> None:
    ann = make(offered(offer={"require": "activated"}))
    offer = give(ann.world)
    assert "Activate" in ann.words("earn/")
    assert ann.post("earn/", offer=str(offer.pk)) == 302
    words = ann.words("earn/")
    assert "Activate" not in words
    assert "You are in. It counts from now on." in words
    offer.refresh_from_db()
    assert offer.state == "activated"


def test_a_member_takes_part_in_a_campaign_by_herself() -> None:
    ann = make(offered("own", rule("r", fixed(9)), delivery="opt_in"))
    words = ann.words("earn/")
    assert "Take part" in words
    assert "Then 7 days to use it" in words
    assert ann.post("earn/", offer="opt-in:own") == 302
    assert "Take part" not in ann.words("earn/")
    assert Offer.objects.get().state == "activated"


def test_what_is_another_members_or_held_out_is_neither_shown_nor_taken() -> None:
    ann = make(offered("bonus", holdout=100), offered("other"))
    hidden = give(ann.world)
    ann.world.member("bob")
    (bobs,) = ask(ann.world, {"campaign": "other", "member": "bob"}, at=timezone.now())
    for page in ("", "earn/"):
        assert 'data-test="offer"' not in ann.get(page)
    for key in (str(hidden.pk), str(bobs.offer and bobs.offer.pk), "opt-in:bonus", "nonsense", ""):
        ann.post("earn/", offer=key)
    assert list(Offer.objects.order_by("pk").values_list("state", flat=True)) == ["held_out", "assigned"]


def test_who_is_on_hold_is_shown_no_button() -> None:
    ann = make(offered(offer={"require": "activated"}))
    offer = give(ann.world)
    type(ann.member).objects.update(status="frozen")
    assert "Activate" not in ann.words("earn/")
    ann.post("earn/", offer=str(offer.pk))
    offer.refresh_from_db()
    assert offer.activated_at is None


def test_home_with_offers_takes_few_queries_however_many_there_are() -> None:
    goal = goal_rule("r", {"count": True, "window": "offer"}, step(3))
    ann = make(offered("bonus", goal), offered("own", delivery="opt_in"))
    counts = []
    for many in (1, 4):
        for _ in range(many):
            give(ann.world)
        ann.get()
        ann.get("earn/")
        counts.append((ann.queries(), ann.queries("earn/")))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= MOST_QUERIES
