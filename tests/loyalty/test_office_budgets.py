"""Budgets in the office: who sees which, what they say, and that figures can be taken along."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.services.budget_alerts import watch_budgets
from core.models import OutboxMessage, User
from core.services.outbox import consume
from dealers.models import Budget, Dealer, StaffNotice, StaffRole
from loyalty.operations.budget_notices import tell_budgets
from loyalty.operations.reports.tables import cell
from loyalty.operations.staff_mails import mail_staff
from tests.campaigns.world import World, campaign, fixed, make_world, rule
from tests.loyalty.people import mail_server, office_client, sign_in_staff

pytestmark = pytest.mark.django_db
REGIONS = [{"code": "JKT", "name": "Jakarta", "market": "ID"}, {"code": "BDG", "name": "Bandung", "market": "ID"}]
BUDGETS: list[dict[str, Any]] = [
    {"code": "root", "points": 10_000, "money": {"SGD": "1000.00"}},
    {"code": "jkt", "parent": "root", "region": "JKT", "points": 1000},
    {"code": "bdg", "parent": "root", "region": "BDG", "points": 1000},
]


def world_of(points: int = 30) -> World:
    world = make_world(
        campaign("c", rule("r", fixed(points)), budget={"points": 100}), budgets=BUDGETS, regions=REGIONS
    )  # fmt: skip
    world.member()
    return world


def staff(world: World, role: str, name: str = "", **place: Any) -> User:
    name = name or role
    user = User.objects.create_user(name, f"{name}@example.com", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role, **place)
    return user


def office(user: User) -> Client:
    return sign_in_staff(Client(), user)


def names(text: str) -> set[str]:
    return {code for code in ("root", "jkt", "bdg") if f"<bdi>{code}</bdi>" in text}


def region(world: World, code: str) -> Any:
    return world.program.regions.get(code=code)


# -- the landing page ----------------------------------------------------------------------------


def test_leaders_see_the_pace_of_the_budget_that_most_needs_a_look() -> None:
    world = world_of()
    page = office(staff(world, "leadership")).get("/office/")
    panel = next(one for one in page.context["panels"] if one["template"].endswith("/pace.html"))
    assert (panel["entry"].row.name, panel["entry"].row.pace.unit) == ("root", "points")
    assert 'class="graph"' in page.content.decode()


# -- the tree ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        ("finance", "", {"root", "jkt", "bdg"}),
        ("marketer", "", {"root", "jkt", "bdg"}),
        ("leadership", "", {"root", "jkt", "bdg"}),
        ("regional_manager", "JKT", {"jkt"}),
        ("finance", "BDG", {"bdg"}),
    ],
)
def test_everybody_sees_the_budgets_of_their_place(role: str, place: str, seen: set[str]) -> None:
    world = world_of()
    where = {"region": region(world, place)} if place else {}
    page = office(staff(world, role, **where)).get("/office/budgets/")
    assert page.status_code == 200
    assert names(page.content.decode()) == seen
    assert (">c<" in page.content.decode()) == (not place)


@pytest.mark.parametrize("role", ["support", "outlet_adviser"])
def test_others_do_not(role: str) -> None:
    world = world_of()
    place: dict[str, Any] = {"outlet": Dealer.objects.get().outlets.get()} if role == "outlet_adviser" else {}
    page = office(staff(world, role, **place)).get("/office/budgets/")
    assert page.status_code in {302, 403, 404}


def test_a_budget_of_another_place_or_program_does_not_exist() -> None:
    world = world_of()
    other = make_world(budgets=[{"code": "root", "points": 5}], program={"code": "other"})
    client = office(staff(world, "regional_manager", region=region(world, "JKT")))
    mine, theirs = (Budget.objects.get(program=world.program, code=code) for code in ("jkt", "bdg"))
    foreign = Budget.objects.get(program=other.program)
    addresses = {row.pk: f"/office/budgets/budget/{row.pk}/points/" for row in (mine, theirs, foreign)}
    assert client.get(addresses[mine.pk]).status_code == 200
    assert [client.get(addresses[row.pk]).status_code for row in (theirs, foreign)] == [404, 404]
    assert client.get("/office/budgets/?program=other").status_code == 404
    campaign_page = f"/office/budgets/campaign/{Campaign.objects.get(code='c').pk}/points/"
    assert client.get(campaign_page).status_code == 404


@pytest.mark.parametrize(
    "address", ["/office/budgets/market/1/points/", "/office/budgets/budget/999999/points/", "/office/budgets/x/1/y/"]
)
def test_what_is_no_budget_is_not_found(address: str) -> None:
    world_of()
    assert office_client().get(address).status_code == 404


def test_the_page_of_a_budget_draws_its_pace_and_lists_its_days() -> None:
    world = world_of()
    world.outcome()
    pk = Campaign.objects.get(code="c").pk
    text = office_client().get(f"/office/budgets/campaign/{pk}/points/").content.decode()
    assert 'data-test="pace"' in text
    assert '<path class="line" d="M' in text
    assert "30 points" in text
    change = office_client().get(f"/office/campaigns/campaign/{pk}/change/").content.decode()
    assert 'data-test="pace"' in change


def test_who_may_not_see_budgets_sees_none_on_a_campaigns_page() -> None:
    world = world_of()
    pk = Campaign.objects.get(code="c").pk
    text = office(staff(world, "support")).get(f"/office/campaigns/campaign/{pk}/change/").content.decode()
    assert 'data-test="pace"' not in text


def test_files_hold_the_figures_and_no_formulas() -> None:
    world = world_of()
    world.outcome()
    Campaign.objects.update(name="=1+1", name_en="=1+1")
    client = office_client()
    file = client.get("/office/budgets/?format=csv")
    assert file.headers["Content-Type"].startswith("text/csv")
    lines = file.content.decode().lstrip("\ufeff").splitlines()
    assert lines[0].startswith("kind,code,name,parent,unit,granted")
    assert [line for line in lines if line.startswith("campaign,c,'=1+1,root,points,100,0,30,70,30")]
    days = client.get(f"/office/budgets/campaign/{Campaign.objects.get(code='c').pk}/points/?format=csv")
    assert "2026-06-15,30,30," in days.content.decode()


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1", "'=1"), ("@a", "'@a"), ("+a", "'+a"), ("-a", "'-a"), ("\t=1", "'\t=1"), ("-1.50", "-1.50"), (-3, -3),
     ("a=1", "a=1"), ("", ""), (None, "")],
)  # fmt: skip
def test_cells(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_pages_ask_no_more_for_more_budgets() -> None:
    counts = []
    for number in (1, 3):
        budgets = [BUDGETS[0], *({"code": f"b{n}", "parent": "root", "points": 10} for n in range(number))]
        world = make_world(budgets=budgets, program={"code": f"p{number}"})
        client = office(staff(world, "finance", f"fin{number}"))
        client.get("/office/budgets/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/office/budgets/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# -- who is told ---------------------------------------------------------------------------------


def tell(world: World) -> None:
    watch_budgets(program=world.program, at=timezone.now())
    ids = list(OutboxMessage.objects.filter(topic="budget.low").values_list("pk", flat=True))
    for _ in range(2):  # a second delivery changes nothing
        consume(
            consumer="loyalty.operations.tasks.tell_budgets", message_ids=ids,
            act=lambda messages: tell_budgets(messages=messages, at=timezone.now()),
        )  # fmt: skip


def told() -> dict[str, list[int]]:
    rows = StaffNotice.objects.order_by("id").values_list("user__username", "values__level")
    found: dict[str, list[int]] = {}
    for name, level in rows:
        found.setdefault(name, []).append(level)
    return found


def test_finance_of_the_program_and_the_owner_are_told_of_a_campaigns_budget() -> None:
    world = world_of()
    for role in ("finance", "finance_approver", "marketer", "support", "leadership"):
        staff(world, role)
    staff(world, "finance", "local", region=region(world, "JKT"))
    Campaign.objects.get(code="c").steps.create(
        action="submit", from_state="draft", to_state="in_review", by=User.objects.get(username="marketer"),
        at=timezone.now(),
    )  # fmt: skip
    world.send(*[world.event() for _ in range(4)])
    tell(world)
    assert told() == {"finance": [80, 100], "finance_approver": [80, 100], "marketer": [80, 100]}


def test_finance_of_a_region_is_told_of_its_budget_alone() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(500)), fund="jkt"), budgets=BUDGETS, regions=REGIONS
    )  # fmt: skip
    world.member()
    staff(world, "finance")
    staff(world, "finance", "jkt", region=region(world, "JKT"))
    staff(world, "finance", "bdg", region=region(world, "BDG"))
    world.send(*[world.event() for _ in range(2)])
    tell(world)
    assert told() == {"finance": [80, 100], "jkt": [80, 100]}


def test_notices_stand_where_one_lands_until_they_are_read_and_are_ones_own() -> None:
    world = world_of()
    mine, theirs = (office(staff(world, "finance", name)) for name in ("ann", "bob"))
    world.send(*[world.event() for _ in range(4)])
    tell(world)
    page = mine.get("/office/").content.decode()
    assert 'data-test="staff-notices"' in page
    assert "Budget used up: c" in page
    assert 'data-test="refusals"' in page
    newest = StaffNotice.objects.order_by("-id").values_list("pk", flat=True)[0]
    assert mine.post("/office/notices/read/", {"program": "demo", "up_to": newest}).status_code == 302
    assert 'data-test="staff-notices"' not in mine.get("/office/").content.decode()
    assert 'data-test="staff-notices"' in theirs.get("/office/").content.decode()
    assert mine.post("/office/notices/read/", {"program": "demo", "up_to": "x"}).status_code == 404
    assert mine.post("/office/notices/read/", {"program": "none", "up_to": "1"}).status_code == 404


def test_what_budgets_refused_lately_is_counted_by_campaign() -> None:
    world = world_of()
    now = timezone.now()
    world.send(*[world.event(time=now.isoformat()) for _ in range(5)], at=now)
    page = office(staff(world, "finance")).get("/office/").content.decode()
    assert "Awards that budgets did not pay in 7 days: 2" in " ".join(page.split())
    assert "60 points were not given" in " ".join(page.split())


def test_of_one_budget_only_the_last_level_stands_there() -> None:
    world = world_of()
    client = office(staff(world, "finance"))
    world.send(*[world.event() for _ in range(4)])
    tell(world)
    page = client.get("/office/").content.decode()
    assert ("Budget used up: c" in page, "80% used: budget of c" in page) == (True, False)
    assert "1 new notice" in page
    newest = StaffNotice.objects.order_by("-id").values_list("pk", flat=True)[0]
    assert f'name="up_to" value="{newest}"' in page


def test_a_budget_that_refused_is_used_up_everywhere_whatever_is_left() -> None:
    world = make_world(
        campaign("a", rule("r", fixed(30)), budget={"points": 1000}),
        campaign("b", rule("r", fixed(30)), budget={"points": 100}),
        budgets=BUDGETS, regions=REGIONS,
    )  # fmt: skip
    world.member()
    client = office(staff(world, "finance"))
    world.send(*[world.event() for _ in range(4)])  # months ago
    tell(world)
    page = client.get("/office/budgets/").content.decode()
    assert page.index(">b<") < page.index(">a<")
    assert page.count('<span class="chip bad">The budget is used up</span>') == 1
    landed = " ".join(client.get("/office/").content.decode().split())
    assert "Awards that budgets did not pay in 7 days: 0" in landed
    assert "<h3>Budget used up: b</h3> </li>" in landed
    assert "Budgets paid every award." not in landed


def test_a_bar_where_one_lands_is_full_of_what_is_used_of_what_the_budget_kept() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(250)), fund="jkt"), budgets=BUDGETS, regions=REGIONS
    )  # fmt: skip
    world.member()
    world.outcome()
    page = office(staff(world, "finance")).get("/office/").content.decode()
    assert '<progress value="0.25" max="1" aria-label="25% used"></progress>' in page
    assert page.index("<bdi>jkt</bdi>") < page.index("<bdi>root</bdi>")
    assert page.count('aria-label="0% used"') == 3  # what root passed on is not used by it


def test_a_mail_goes_to_each_once_by_a_real_server(settings: Any) -> None:
    world = world_of()
    staff(world, "finance")
    world.send(*[world.event() for _ in range(3)])
    tell(world)
    ids = list(OutboxMessage.objects.filter(topic="staff.told").values_list("pk", flat=True))
    with mail_server() as box:
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": smtp, "OPTIONS": {"host": "127.0.0.1", "port": box.port}}}
        settings.PUBLIC_URL = "https://office.example.com"
        for _ in range(2):
            mail_staff(message_ids=ids, at=timezone.now())
    letters = [(letter["To"], letter["Subject"]) for letter in box.letters]
    assert letters == [("finance@example.com", "80% used: budget of c")]
    assert "https://office.example.com/office/budgets/?program=demo" in str(box.letters[0].get_payload(0))
    assert StaffNotice.objects.filter(mailed_at=None).count() == 0


# -- the command ---------------------------------------------------------------------------------


def test_the_command_says_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    world = world_of()
    world.outcome()
    call_command("budgets", "--program", "demo", "--json")
    shown = json.loads(capsys.readouterr().out)
    rows = {(row["code"], row["unit"]): row for row in shown["items"]}
    assert (rows["c", "points"]["used"], rows["c", "points"]["left"]) == (30, 70)
    assert (rows["root", "SGD"]["granted"], rows["root", "SGD"]["left"]) == ("1000.00", "1000.00")
    call_command("budgets", "--rebuild")
    assert "campaign c (points): 30 used, 70 left of 100; lasts" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("budgets", "--program", "none")
