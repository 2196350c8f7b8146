import csv
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns.models import Event
from core.models import Program
from loyalty.display import formats
from loyalty.operations.nightly import settle_books
from tests.campaigns.world import World, campaign, everyday, fixed, rule
from tests.loyalty.api import document as body_of
from tests.loyalty.api import make_caller
from tests.loyalty.portal import Visitor, hooked, portal_world, visit

pytestmark = pytest.mark.django_db
WEEKDAYS = {"weekdays": [1, 2, 3, 4, 5]}


def ago(**more: float) -> str:
    return (timezone.now() - timedelta(**more)).isoformat()


def send(world: World, *events: dict[str, Any]) -> None:
    for answer in world.send(*events, at=timezone.now()):
        assert answer.refusal is None, answer.refusal


def rows(visitor: Visitor, **query: Any) -> list[str]:
    return hooked(visitor.get("activity/", **query), "activity-row")


@pytest.fixture
def world() -> World:
    return portal_world(everyday())


@pytest.fixture
def ann(world: World) -> Visitor:
    return visit(world, world.member("ann"))


def test_each_event_is_a_line_with_its_place_and_what_it_brought(world: World, ann: Visitor) -> None:
    send(world, world.event("120.50", time=ago(hours=2), data={"outlet": "SG-ORCHARD"}))
    (row,) = rows(ann)
    assert row.startswith("Payment, Orchard")
    assert "+120" in row
    assert "everyday: 120 points (1 point for each SGD 1.00) +120" in row
    assert "These points expire on" in row
    assert "Counts toward Gold" in row


def test_the_lines_add_up_to_the_wallet_of_the_api(world: World, ann: Visitor) -> None:
    send(world, *(world.event(f"{10 * n}.00", time=ago(hours=n)) for n in range(1, 8)))
    send(world, world.reversal("e000003", time=ago(minutes=5)))
    wallet = body_of(make_caller(world.program).get("members/ann/wallet"))["points"]
    page = ann.get("activity/")
    found = re.findall(r'<b class="\w*"[^>]*><bdi class="num">([^<]+)<', page)
    shown = [int(number.replace("−", "-").replace("+", "")) for number in found]
    assert sum(shown) == wallet["available"] == 250


def test_of_what_came_only_what_waits_is_said_to_wait() -> None:
    later = campaign("later", rule("r", fixed(860, pending_days=3)))
    world = portal_world(everyday(), later, campaign("last", rule("r", fixed(72, pending_days=7))))
    ann = visit(world, world.member("ann"))
    send(world, world.event("215.00", time=ago(minutes=2)))
    soon, last = (day_in(days) for days in (3, 7))
    (row,) = rows(ann)
    assert f"860 of these from {soon}" in row
    assert f"72 of these from {last}" in row
    assert '<b class="good" data-test="points-earned"><bdi class="num">+1,147<' in ann.get("activity/")
    assert f"On the way 932 860 on {soon}" in ann.text("activity/")


def test_what_waits_as_a_whole_is_said_in_one_word() -> None:
    world = portal_world(campaign("later", rule("r", fixed(860, pending_days=3))))
    ann = visit(world, world.member("ann"))
    send(world, world.event("215.00", time=ago(minutes=2)))
    assert f"Usable from {day_in(3)}" in rows(ann)[0]
    assert f"On the way 860 {day_in(3)} Expiring" in ann.text("activity/")


def day_in(days: int) -> str:
    """A day to come, with the spaces of ``rows``."""
    day = (timezone.now() + timedelta(days=days)).astimezone(ZoneInfo("Asia/Singapore")).date()
    return " ".join(formats.day(day).split())


def test_lines_stand_as_they_happened_whenever_they_were_recorded(world: World, ann: Visitor) -> None:
    for days in (3, 1, 40, 2):
        send(world, world.event(f"{days}.00", time=ago(days=days)))
    figures = [re.search(r"\+(\d+)", row) for row in rows(ann)]
    assert [found[1] for found in figures if found] == ["1", "2", "3", "40"]
    home = re.findall(r'<bdi class="num">\+(\d+)</bdi>', ann.get().partition('id="latest"')[2])
    assert home[:4] == ["1", "2", "3", "40"]


def test_points_that_never_lapse_stand_below_those_that_do() -> None:
    points = {"name": {"en": "points"}, "expire": "never", "pending_days": 0, "liability_value": "0.01"}
    both = [fixed(120, expire={"days": 30}), fixed(300)]
    world = portal_world(campaign("both", rule("r", *both)), program={"points": points})
    ann = visit(world, world.member("ann"))
    send(world, world.event("120.00", time=ago(minutes=2)))
    assert re.search(r"Points by expiry date .* 120 never lapses 300 300", ann.text("activity/"))


def test_an_event_that_earned_nothing_says_why() -> None:
    large = {"fact": "event.amount", "op": "gte", "value": "50.00"}
    world = portal_world(campaign("large-payments", rule("large", fixed(5), when=large)))
    ann = visit(world, world.member("ann"))
    send(world, world.event("31.50", time=ago(hours=2)))
    (row,) = rows(ann)
    words = row
    assert "large-payments: Amount: SGD 31.50. It takes at least SGD 50.00." in words


def test_alternatives_on_one_fact_are_told_together() -> None:
    when = {"any": [{"fact": "event.data.category", "op": "eq", "value": one} for one in ("bill", "transfer")]}
    world = portal_world(campaign("bills", rule("bills", fixed(5), when=when)))
    ann = visit(world, world.member("ann"))
    send(world, world.event("31.50", time=ago(hours=2), data={"category": "shopping"}))
    assert "Category: Shopping. It takes Bill or Transfer." in rows(ann)[0]


def test_what_must_not_be_is_told_the_other_way_round() -> None:
    when = {"not": {"fact": "event.data.category", "op": "eq", "value": "bill"}}
    world = portal_world(campaign("no-bills", rule("r", fixed(5), when=when)))
    ann = visit(world, world.member("ann"))
    send(world, world.event("31.50", time=ago(hours=2), data={"category": "bill"}))
    assert "Category: Bill. It takes anything but Bill." in rows(ann)[0]


def test_a_campaign_outside_its_schedule_names_the_days_and_the_day_it_was() -> None:
    world = portal_world(everyday(), campaign("week", rule("r", fixed(5)), schedule=WEEKDAYS))
    ann = visit(world, world.member("ann"))
    sunday = datetime.fromisoformat("2026-06-14T10:15:00+08:00")
    send(world, world.event("10.00", time=sunday.isoformat()))
    wanted = "week: only Monday, Tuesday, Wednesday, Thursday and Friday, and this was Sunday, 10:15"
    assert wanted in rows(ann)[0].replace(", and Friday", " and Friday")


def test_a_limit_that_cut_an_award_is_told() -> None:
    capped = rule("r", fixed(120), limits=[{"per_member": {"points": 100, "per": "month"}}])
    world = portal_world(campaign("capped", capped))
    ann = visit(world, world.member("ann"))
    send(world, world.event("10.00", time=ago(minutes=2)), world.event("10.00", time=ago(minutes=1)))
    second, first = rows(ann)
    assert "capped: 100 points. A limit left 100 of 120 points. +100" in first
    assert "capped: all that it gives has been received already. Not given: 120 points" in second


def test_members_never_read_what_is_not_for_them() -> None:
    scored = {"fact": "member.churn_risk", "op": "eq", "value": "high"}
    world = portal_world(
        everyday(),
        campaign("held-out-one", rule("r", fixed(5)), holdout=100),
        campaign("for-the-risky", rule("r", fixed(5), when=scored)),
        campaign("for-the-invited", rule("r", fixed(5)), audience={"segment": "vip"}),
    )
    ann = visit(world, world.member("ann"))
    send(world, world.event("10.00", time=ago(minutes=2)))
    page = ann.get("activity/")
    for code in ("held-out-one", "for-the-risky", "for-the-invited"):
        assert code not in page


def test_a_reversal_names_what_it_takes_back(world: World, ann: Visitor) -> None:
    send(world, world.event("100.00", key="one", time=ago(days=2), data={"outlet": "SG-ORCHARD"}))
    send(world, world.reversal("one", time=ago(hours=2)))
    newest, _oldest = rows(ann)
    assert newest.startswith("Taken back: Payment, Orchard")
    assert "−100" in newest
    assert "This was undone" in newest


def test_points_that_lapsed_in_one_night_are_one_line(world: World) -> None:
    short = portal_world(everyday(), campaign("short", rule("r", fixed(7, expire={"days": 3}))), code="short")
    ann = visit(short, short.member("ann"), "short@example.com")
    send(short, short.event("10.00", time=ago(days=30)), short.event("10.00", time=ago(days=20)))
    settle_books(at=timezone.now())
    assert [row[:14] for row in rows(ann, show="expired")] == ["Points expired"]
    assert world.program.code == "demo"


def test_the_parts_hold_what_they_say(world: World, ann: Visitor) -> None:
    send(world, world.event("100.00", key="one", time=ago(days=2)), world.event("0.10", time=ago(days=1)))
    send(world, world.reversal("one", time=ago(hours=2)))
    assert len(rows(ann)) == 3
    assert len(rows(ann, show="earned")) == 1
    assert rows(ann, show="spent") == []
    assert "There is nothing here." in ann.text("activity/", show="expired")


def test_pages_follow_each_other_without_gap_or_repetition(world: World, ann: Visitor) -> None:
    send(world, *(world.event(f"{n}.00", time=ago(minutes=n)) for n in range(1, 51)))
    send(world, *(world.event("0.10", time=ago(minutes=100 + n)) for n in range(10)))
    found: list[str] = []
    page = ann.get("activity/")
    while True:
        found += re.findall(r'<li id="([\w-]+)" data-test', page)
        more = re.search(r"after=([\d-]+)", page)
        if more is None:
            break
        page = ann.get("activity/", after=more[1])
    assert len(found) == len(set(found)) == Event.objects.filter(member=ann.member).count() == 60


def test_htmx_gets_the_next_lines_alone(world: World, ann: Visitor) -> None:
    send(world, world.event("10.00", time=ago(minutes=2)))
    answer = ann.client.get("/p/demo/activity/", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert hooked(answer.content.decode(), "activity-row")


@pytest.mark.parametrize("after", ["x", "1", "1-", "-1-2", "9" * 30 + "-1", "１-２"])
def test_a_bookmark_that_is_none_begins_anew(world: World, ann: Visitor, after: str) -> None:
    send(world, world.event("10.00", time=ago(minutes=2)))
    assert len(rows(ann, after=after)) == 1


def test_the_statement_is_a_file_for_spreadsheets(world: World, ann: Visitor) -> None:
    send(world, world.event("10.00", time=ago(minutes=2), data={"outlet": "SG-ORCHARD"}))
    answer = ann.client.get("/p/demo/activity/statement.csv")
    head, line = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert head == ["Date", "What", "Unit", "Change", "Balance", "Expires"]
    assert line[1:5] == ["Payment, Orchard", "points", "10", "10"]


@pytest.mark.parametrize("begins", "=+-@\t\r")
def test_no_cell_of_the_statement_is_a_formula(world: World, ann: Visitor, begins: str) -> None:
    send(world, world.event("10.00", time=ago(minutes=2)))
    Program.objects.update(points_name=f"{begins}cmd")
    answer = ann.client.get("/p/demo/activity/statement.csv")
    _head, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert line[2] == f"'{begins}cmd"


def test_all_data_can_be_taken_away(world: World, ann: Visitor) -> None:
    send(world, world.event("10.00", key="mine", time=ago(minutes=2)))
    send(world, world.event("10.00", key="hers", time=ago(minutes=2), subject=world.member("zoe").external_id))
    data = json.loads(ann.client.get("/p/demo/profile/my-data.json").content)
    assert data["member"]["external_id"] == "ann"
    assert [entry["amount"] for entry in data["ledger"]] == [10]
    assert [one["event"]["id"] for one in data["events"]] == ["mine"]
