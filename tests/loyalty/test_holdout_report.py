"""The holdout report: the same figures in the office, the API and the command; set-based; for whom it is."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Campaign, Exposure
from campaigns.rules.holdout import DAYS
from campaigns.selectors.holdouts import holdouts
from core.models import Market, User
from dealers.models import Dealer, Outlet, StaffRole
from loyalty.api.v1.reports import READERS
from members.models import EventType, Member, MemberDay
from tests.campaigns.world import World, campaign, fixed, kept_world, make_world, rule
from tests.loyalty.api import document, make_caller, problem
from tests.loyalty.people import sign_in_staff

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 10)
AT = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGNS = [
    campaign("works", rule("r", fixed(1)), holdout="20"),
    campaign("nothing", rule("r", fixed(1)), holdout="20"),
    campaign("odd", rule("r", fixed(1)), holdout="20"),
    campaign("new", rule("r", fixed(1)), holdout="20"),
    campaign("open", rule("r", fixed(1))),
    campaign("draft", rule("r", fixed(1)), holdout="20", state="draft"),
    campaign("base", rule("r", fixed(1)), promise=True),
]
PEOPLE = 1000


def populate(world: World) -> None:
    """Members and their days by hand: a fifth held out, one purchase more for those that `works` was open to."""
    chance = random.Random(7)
    sg, payment = Market.objects.get(program=world.program, code="SG"), EventType.objects.get(
        program=world.program, code="payment.completed"
    )  # fmt: skip
    members = Member.objects.bulk_create(
        Member(program=world.program, external_id=f"m{n}", uuid=uuid4(), market=sg, enrolled_at=AT, kind="customer")
        for n in range(PEOPLE)
    )
    codes = dict(Campaign.objects.filter(program=world.program).values_list("code", "pk"))
    exposures, days = [], []
    for number, member in enumerate(members):
        sides = {"works": number % 5 == 0, "nothing": number // 5 % 5 == 1, "odd": number % 2 == 0}
        for code, out in sides.items():
            exposures.append(_exposure(codes[code], member, FIRST, held_out=out))
        exposures.append(_exposure(codes["new"], member, AT.date() - timedelta(DAYS - 1), held_out=sides["works"]))
        events = chance.randint(0, 6) + (0 if sides["works"] else 1)
        for day, count in ((FIRST - timedelta(1), 50), (FIRST, events), (FIRST + timedelta(DAYS), 70)):
            days.append(
                MemberDay(member=member, day=day, event_type=payment, outlet_id=0, occurrences=count, events=count,
                          amount_minor=count * 1000)
            )  # fmt: skip
    Exposure.objects.bulk_create(exposures)
    MemberDay.objects.bulk_create(days)


def _exposure(campaign_id: int, member: Member, day: date, *, held_out: bool) -> Exposure:
    return Exposure(campaign_id=campaign_id, member=member, held_out=held_out, hundredths=2000, day=day)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CAMPAIGNS) as one:
        populate(one)
        yield one


def found(world: World, at: datetime = AT) -> dict[str, Any]:
    return {one.campaign.code if one.campaign else "*": one for one in holdouts(program=world.program, at=at)}


def test_each_holdout_says_what_it_can(world: World) -> None:
    states = {code: one.comparison.state for code, one in found(world).items()}
    assert states == {
        "works": "ready", "nothing": "ready", "odd": "blocked", "new": "too-early", "open": "not-randomised",
    }  # fmt: skip


def test_a_planted_effect_is_found_and_nothing_where_there_is_nothing(world: World) -> None:
    rows = found(world)
    events, amount = rows["works"].comparison.effects
    assert events.difference.low < 1 < events.difference.high
    assert amount.difference.value == pytest.approx(events.difference.value * 1000)
    assert (events.verdict, amount.verdict) == ("works", "works")
    assert [one.verdict for one in rows["nothing"].comparison.effects] == ["no-evidence", "no-evidence"]


def test_only_a_members_own_days_are_measured(world: World) -> None:
    events = found(world)["works"].comparison.effects[0]
    assert events.exposed < 8  # neither the 50 of the day before nor the 70 of the day after


def test_a_window_ends_when_its_last_day_is_over_in_the_members_market(world: World) -> None:
    over = datetime(2026, 2, 7, tzinfo=UTC)  # 28 days after 10 January in the market: 7 February begins
    assert found(world, over - timedelta(hours=8, seconds=1))["works"].comparison.exposed.whole == 0
    assert found(world, over - timedelta(hours=8))["works"].comparison.exposed.whole == 800


def test_queries_do_not_grow_with_campaigns_or_members(world: World) -> None:
    with CaptureQueriesContext(connection) as many:
        holdouts(program=world.program, at=AT)
    one = make_world(campaign("c", rule("r", fixed(1)), holdout="5"), program={"code": "single"})
    with CaptureQueriesContext(connection) as few:
        holdouts(program=one.program, at=AT)
    assert len(many) == len(few) <= 3


def test_the_whole_programs_holdout_stands_first() -> None:
    world = make_world(campaign("c", rule("r", fixed(1))), program={"holdout": "50"})
    for number in range(6):
        world.member(f"m{number}")
    world.send(*[world.event(subject=f"m{number}") for number in range(6)])
    (program, _) = holdouts(program=world.program, at=AT)
    assert program.campaign is None
    assert program.comparison.exposed.members + program.comparison.held_out.members == 6
    assert program.comparison.state == "too-early"


# -- machines ------------------------------------------------------------------------------------


def test_machines_read_it_as_json(world: World) -> None:
    caller = make_caller(world.program, "reports:read")
    body = document(caller.get("reports/holdout?campaign=works"))
    (item,) = body["items"]
    assert (body["report"], body["program"], item["campaign"], item["state"]) == (
        "holdout", world.program.code, "works", "ready",
    )  # fmt: skip
    assert item["sample_ratio"] == {"expected_percent": 20.0, "observed_percent": 20.0, "p": 1.0, "ok": True}
    assert (item["exposed"], item["held_out"]) == ({"members": 800, "whole": 800}, {"members": 200, "whole": 200})
    events, amount = item["effects"]
    assert isinstance(events["effect"], float)
    assert amount["unit"] == "SGD"
    assert amount["low"].count(".") == 1
    blocked = document(caller.get("reports/holdout?campaign=odd"))["items"][0]
    assert (blocked["effects"], blocked["sample_ratio"]["ok"]) == ([], False)
    assert "something is wrong" in blocked["reason"]


def test_or_as_csv_by_accept_or_format(world: World) -> None:
    caller = make_caller(world.program, "reports:read")
    by_header = caller.get("reports/holdout", Accept="text/csv")
    by_format = caller.get("reports/holdout?format=csv")
    for answer in (by_header, by_format):
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        lines = answer.content.decode().lstrip("\ufeff").splitlines()
        assert lines[0].startswith("campaign,name,holdout,state,reason,exposed,held_out")
        assert len([line for line in lines if line.startswith("works,")]) == 2
    both = caller.get("reports/holdout", Accept="text/csv, application/json")
    assert both.headers["Content-Type"] == "application/json"


def test_it_compares_those_who_came_up_on_days_or_in_a_market(world: World) -> None:
    caller = make_caller(world.program)

    def members(asked: str) -> int:
        (item,) = document(caller.get(f"reports/holdout?campaign=works{asked}"))["items"]
        return int(item["exposed"]["members"] + item["held_out"]["members"])

    after = FIRST + timedelta(1)
    assert [members(asked) for asked in ("", f"&from={FIRST}&to={after}", f"&from={after}", f"&to={FIRST}")] == [
        PEOPLE, PEOPLE, 0, 0
    ]  # fmt: skip
    assert [members(f"&market={code}") for code in ("SG", "ID")] == [PEOPLE, 0]


def test_by_what_everybody_did_at_a_dealers_outlets(world: World) -> None:
    caller = make_caller(world.program)
    assert MemberDay.objects.filter(day=FIRST, outlet_id=0).update(outlet_id=place(world, "D-1", "O-1").pk) == PEOPLE
    place(world, "D-2", "O-2")

    def compared(dealer: str) -> tuple[int, float, float]:
        (item,) = document(caller.get(f"reports/holdout?campaign=works&dealer={dealer}"))["items"]
        return item["exposed"]["members"], item["effects"][0]["exposed_mean"], item["effects"][0]["held_out_mean"]

    (whole,) = document(caller.get("reports/holdout?campaign=works"))["items"]
    assert compared("D-1") == (800, whole["effects"][0]["exposed_mean"], whole["effects"][0]["held_out_mean"])
    assert compared("D-2") == (800, 0.0, 0.0)


def place(world: World, dealer: str, outlet: str) -> Outlet:
    market = Market.objects.get(program=world.program, code="SG")
    owner = Dealer.objects.create(program=world.program, code=dealer, name=dealer, market=market)
    return Outlet.objects.create(
        program=world.program, code=outlet, kind="shop", name=outlet, market=market, dealer=owner
    )


@pytest.mark.parametrize("name", READERS)
def test_every_report_takes_every_way_of_narrowing_and_nothing_else(world: World, name: str) -> None:
    caller = make_caller(world.program)
    place(world, "D-1", "O-1")
    for asked in ("from=2026-01-10", "to=2026-01-10", "market=SG", "dealer=D-1", "campaign=works"):
        assert caller.get(f"reports/{name}?{asked}").status_code == 200
    assert caller.get(f"reports/{name}?from=2026-01-10&to=2026-02-01&market=SG&dealer=D-1").status_code == 200
    for wrong in ("from=20260110", "to=2026-02-30", "until=2026-01-10", "from=", "format=xml"):
        assert problem(caller.get(f"reports/{name}?{wrong}")) == (400, "malformed")
    for unknown in ("market=XX", "dealer=none", "campaign=none", "market="):
        assert problem(caller.get(f"reports/{name}?{unknown}")) == (404, "not-found")
    assert problem(caller.get(f"reports/{name}?dealer=%00")) == (422, "validation")


def test_what_is_not_there_is_not_found(world: World) -> None:
    caller = make_caller(world.program, "reports:read")
    other = make_world(campaign("theirs", rule("r", fixed(1)), holdout="5"), program={"code": "other"})
    assert other.program.pk != world.program.pk
    for address in ("nonsense", "holdout?campaign=none", "holdout?campaign=theirs", "budgets?campaign=theirs"):
        assert problem(caller.get(f"reports/{address}")) == (404, "not-found")
    assert problem(caller.get("reports/holdout?format=xml")) == (400, "malformed")
    without = make_caller(world.program, "members:read")
    assert problem(without.get("reports/holdout")) == (403, "insufficient-scope")


def test_budgets_are_a_report_too() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(10)), budget={"points": 100}),
        budgets=[{"code": "root", "points": 1000}, {"code": "sg", "parent": "root", "market": "SG", "points": 10}],
    )
    caller = make_caller(world.program, "reports:read")
    rows = document(caller.get("reports/budgets"))["items"]
    assert [(row["kind"], row["code"], row["granted"], row["left"]) for row in rows] == [
        ("budget", "root", 1000, 890), ("budget", "sg", 10, 10), ("campaign", "c", 100, 100),
    ]  # fmt: skip
    of_market = document(caller.get("reports/budgets?market=SG"))["items"]
    assert [row["code"] for row in of_market] == ["sg"]


def test_budgets_say_what_was_used_in_a_period() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(10)), budget={"points": 100}),
        budgets=[{"code": "root", "points": 1000}],
    )
    world.member()
    for day in (10, 11, 11):
        world.outcome(time=f"2026-06-{day}T04:00:00Z")
    caller = make_caller(world.program, "reports:read")

    def used(asked: str) -> list[tuple[str, int, int]]:
        body = document(caller.get(f"reports/budgets?{asked}"))
        return [(row["code"], row["used"], row["used_in_period"]) for row in body["items"]]

    assert used("from=2026-06-11") == [("root", 0, 0), ("c", 30, 20)]
    assert used("from=2026-06-10&to=2026-06-11&campaign=c") == [("c", 30, 10)]
    assert used("to=2026-06-10") == [("root", 0, 0), ("c", 30, 0)]
    body = document(caller.get("reports/budgets?from=2026-06-11"))
    assert (body["from"], body["to"], "from" in document(caller.get("reports/budgets"))) == ("2026-06-11", None, False)
    lines = caller.get("reports/budgets?to=2026-06-11&format=csv").content.decode().splitlines()
    assert (lines[0].split(",")[-1], lines[-1].split(",")[-1]) == ("used_in_period", "10")


def test_the_command_says_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("holdout", "works", "--program", world.program.code, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["campaign"], shown["state"], shown["exposed"]["members"]) == ("works", "ready", 800)
    call_command("holdout", "open", "--program", world.program.code)
    assert "not randomised" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("holdout", "none")


# -- people --------------------------------------------------------------------------------------


def office(world: World, role: str, **place: Any) -> Client:
    user = User.objects.create_user(f"{role}-h", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role, **place)
    return sign_in_staff(Client(), user)


@pytest.mark.parametrize("role", ["marketer", "campaign_approver", "finance", "channel_manager", "leadership"])
def test_the_page_is_for_who_reads_figures_of_the_whole_program(world: World, role: str) -> None:
    page = office(world, role).get("/office/holdouts/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "It works" in text
    assert "Not randomised" in text
    assert "Figures withheld" in text
    assert '<circle class="point"' in text


@pytest.mark.parametrize(("role", "place"), [("support", False), ("regional_manager", True)])
def test_and_for_nobody_else(world: World, role: str, place: bool) -> None:  # a table
    where = {"region": world.program.regions.get(code="JKT")} if place else {}
    assert office(world, role, **where).get("/office/holdouts/").status_code in {302, 403, 404}


def test_the_page_shows_either_measure_and_gives_a_file(world: World) -> None:
    client = office(world, "marketer")
    assert "SGD" in client.get("/office/holdouts/?measure=amount").content.decode()
    assert client.get("/office/holdouts/?measure=love").status_code == 404
    assert client.get("/office/holdouts/?program=none").status_code == 404
    file = client.get("/office/holdouts/?format=csv")
    assert file.headers["Content-Disposition"] == f'attachment; filename="holdout-{world.program.code}.csv"'
    assert "works,works,20,ready" in file.content.decode()
