import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Program
from ledger.models import Book
from ledger.services.accounts import AccountSpec, open_accounts
from ledger.services.wallets import Spend
from ledger.services.wallets import spend as spend_points
from loyalty.operations.erase import erase
from members.models import Member, Notice, Tier
from tests.campaigns.world import PER_DOLLAR, World, campaign, everyday, fixed, rule
from tests.loyalty.api import document as body_of
from tests.loyalty.api import make_caller
from tests.loyalty.portal import PAGES, Visitor, hooked, portal_world, visit

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def now(**ago: float) -> datetime:
    return timezone.now() - timedelta(**ago)


def spend(world: World, number: int = 1, *, amount: str = "100.00", **more: Any) -> None:
    """Payments of the member ann, the latest an hour ago."""
    events = [world.event(amount, time=now(hours=1 + hour).isoformat(), **more) for hour in range(number)]
    world.send(*events, at=timezone.now())


@pytest.fixture
def world() -> World:
    return portal_world(everyday())


@pytest.fixture
def ann(world: World) -> Visitor:
    return visit(world, world.member("ann"))


def test_home_shows_what_the_api_says(world: World, ann: Visitor) -> None:
    spend(world, 3, amount="150.75")
    partner = make_caller(world.program)
    wallet = body_of(partner.get("members/ann/wallet"))["points"]
    page = ann.get()
    assert hooked(page, "balance") == ["450 points"]
    assert wallet["available"] == 450
    assert f"SGD {wallet['worth']['amount']}" in ann.text()


def test_the_worth_is_told_in_the_currency_of_the_member_s_market(world: World) -> None:
    budi = visit(world, world.member("budi", market="ID"), "budi@example.com")
    spend(world, 1, amount="1000000.00", currency="IDR", subject="budi")
    assert hooked(budi.get(), "balance") == ["83 points"]
    assert "IDR 10,000" in budi.text()  # 0.83 SGD at 0.000083


def test_pending_points_and_the_next_expiry_stand_beside_the_balance() -> None:
    slow = {"points": {"fixed": 70, "pending_days": 5}}
    world = portal_world(everyday(), campaign("later", rule("slow", slow)))
    ann = visit(world, world.member("ann"))
    spend(world)
    text = ann.text()
    assert "100 expire on" in text
    assert "70 more arrive on" in text


def test_a_debt_is_told_in_plain_words(world: World, ann: Visitor) -> None:
    (answer,) = world.send(world.event("100.00", key="first", time=now(hours=5).isoformat()), at=timezone.now())
    assert answer.body
    _spend_all(world, ann.member)
    world.send(world.reversal("first", time=now(hours=1).isoformat()), at=timezone.now())
    assert "The next 100 you earn pay back what was taken back" in ann.text()


def _spend_all(world: World, member: Member) -> None:
    """Take all points away, as a redemption would."""
    book = Book.objects.get(program=world.program, unit="points")
    shop = open_accounts(book=book, specs=[AccountSpec("redeemed:shop", "redeemed")])["redeemed:shop"]
    spend_points(book=book, spends=[Spend(member.uuid, 100, shop, "all", timezone.now())], at=timezone.now())


def test_the_tier_says_what_is_missing_with_a_number_and_a_day(world: World, ann: Visitor) -> None:
    spend(world, 2)
    (told,) = hooked(ann.get(), "tier")
    last = (timezone.now() - timedelta(hours=2)).date()
    assert re.search(r"SGD.4,800\.00 of spending or 58 more visits or purchases by .+ and you are Gold\.", ann.text())
    assert told.startswith("Silver")
    assert str(last.year + 1) in ann.text()


def test_a_tier_on_grace_is_the_first_thing_to_do(world: World, ann: Visitor) -> None:
    gold = Tier.objects.get(program=world.program, code="gold")
    until = (timezone.now() + timedelta(days=9)).date()
    Member.objects.filter(pk=ann.member.pk).update(tier=gold, grace_until=until)
    text = ann.text()
    assert "Keep Gold" in text
    assert "and you stay Gold" in text


def test_an_identity_check_that_opens_an_offer_is_the_next_step() -> None:
    verified = {"fact": "member.kyc", "op": "eq", "value": "verified"}
    world = portal_world(everyday(), campaign("kyc-bonus", rule("now", fixed(500), when=verified)))
    ann = visit(world, world.member("ann"))
    assert "Verify your identity" in ann.text()
    assert "500 points" in ann.text()
    known = visit(
        world, world.member("eve", kyc={"state": "verified", "at": "2026-01-02T00:00:00Z"}), "eve@example.com"
    )
    assert "Verify your identity" not in known.text()


def test_a_first_time_bonus_is_proposed_until_it_was_had() -> None:
    first = {"fact": "event.ordinal", "op": "eq", "value": 1}
    welcome = rule("first", fixed(200), when=first)
    world = portal_world(everyday(), campaign("welcome-bonus", welcome))
    ann = visit(world, world.member("ann"))
    assert "For the first time" in ann.text()
    spend(world)
    assert "For the first time" not in ann.text()


def test_a_member_with_nothing_is_told_how_to_earn(ann: Visitor) -> None:
    assert "Your first points are waiting" in ann.text()
    assert hooked(ann.get(), "balance") == ["0 points"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_takes_few_queries_however_much_there_is(world: World, ann: Visitor, address: str) -> None:
    spend(world, 1)
    Notice.objects.create(member=ann.member, kind="welcome", key="welcome", at=now())
    few = ann.queries(address)
    spend(world, 29)
    for number in range(29):
        Notice.objects.create(member=ann.member, kind="welcome", key=f"n{number}", at=now())
    assert ann.queries(address) == few
    assert few <= MOST_QUERIES


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_sent_to_the_door(world: World, address: str) -> None:
    answer = Client().get(f"/p/demo/{address}")
    if address:
        assert (answer.status_code, answer.headers["Location"]) == (302, "/p/demo/sign-in/")
    else:
        assert hooked(answer.content.decode(), "balance") == []


@pytest.mark.parametrize("address", PAGES)
def test_nobody_sees_another_member_or_another_program(world: World, ann: Visitor, address: str) -> None:
    other = visit(world, world.member("zoe", name="Zoe Secret"), "zoe@example.com")
    spend(world, 3, subject="zoe")
    assert hooked(other.get(), "balance") == ["300 points"]
    assert "Zoe" not in ann.get(address)
    assert "300 points" not in ann.text(address)
    portal_world(everyday(), code="elsewhere")
    answer = ann.client.get(f"/p/elsewhere/{address}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/p/elsewhere/choose/")


def test_a_frozen_member_reads_that_points_are_safe(world: World, ann: Visitor) -> None:
    spend(world)
    Member.objects.filter(pk=ann.member.pk).update(status=Member.Status.FROZEN)
    assert "Your membership is on hold" in ann.text()
    assert hooked(ann.get(), "balance") == ["100 points"]


def test_an_erased_member_has_no_pages(world: World, ann: Visitor) -> None:
    erase(program=world.program, reference="ann", at=datetime.now(UTC))
    answer = ann.client.get("/p/demo/activity/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/p/demo/sign-in/")


def test_a_merchant_sees_sales_and_what_is_left_to_check(world: World) -> None:
    shop = world.member("shop", kind="merchant", merchant={"trading_name": "Kopi Co", "legal_name": "Kopi Pte"})
    text = visit(world, shop).text()
    assert "Kopi Co" in text
    assert "Papers handed in" in text
    assert "of sales" in text
    assert "of spending" not in text


def test_the_ladder_asks_merchants_for_sales(world: World) -> None:
    shop = world.member("shop", kind="merchant", merchant={"trading_name": "Kopi Co", "legal_name": "Kopi Pte"})
    text = visit(world, shop).text("tier/")
    assert "of sales or 60 sales" in text
    assert "of spending" not in text
    assert "visits or purchases" not in text


def test_what_is_missing_begins_with_a_capital_in_every_language(world: World, ann: Visitor) -> None:
    Program.objects.update(languages=["en", "id"])
    Member.objects.filter(pk=ann.member.pk).update(language="id")
    spend(world, 2)
    (told,) = hooked(ann.get(), "tier")
    assert re.search(r"^Silver Gold Belanja SGD", told)


def test_vehicles_stand_with_their_warranty(world: World) -> None:
    car = {"vin": "V1", "plate": "SBA 1", "model": "Sahrin Dune", "warranty_until": "2030-05-01"}
    text = visit(world, world.member("ann", vehicles=[car])).text()
    assert "Sahrin Dune" in text
    assert "warranty until 1 May 2030" in text


def test_notices_show_until_they_are_read(ann: Visitor) -> None:
    Notice.objects.create(member=ann.member, kind="welcome", key="welcome", at=now())
    assert "New for you" in ann.text()
    assert ann.post("notices/") == 302
    assert "New for you" not in ann.text()
    assert "Welcome to Demo" in ann.text("notices/")


def test_points_for_each_dollar_are_told_as_a_sentence(ann: Visitor) -> None:
    text = ann.text("earn/")
    assert "Payment: 1 point for each SGD 1.00" in text
    assert PER_DOLLAR["points"]["per_amount"]["points"] == 1


def test_held_out_members_never_see_the_campaign() -> None:
    held = campaign("secret-bonus", rule("all", fixed(900)), holdout=100)
    world = portal_world(everyday(), held)
    ann = visit(world, world.member("ann"))
    spend(world)
    for page in PAGES:
        assert "secret-bonus" not in ann.get(page)


def test_a_campaign_of_another_market_or_audience_is_not_shown() -> None:
    merchants = {"fact": "member.kind", "op": "eq", "value": "merchant"}
    world = portal_world(
        everyday(),
        campaign("for-indonesia", rule("all", fixed(1)), markets=["ID"]),
        campaign("for-merchants", rule("all", fixed(1)), audience=merchants),
        campaign("for-the-invited", rule("all", fixed(1)), audience={"segment": "vip"}),
        campaign("long-gone", rule("all", fixed(1)), ends="2026-02-01T00:00:00+08:00"),
    )
    text = visit(world, world.member("ann")).text("earn/")
    assert "everyday" in text
    for code in ("for-indonesia", "for-merchants", "for-the-invited", "long-gone"):
        assert code not in text


def test_what_was_received_as_often_as_it_is_given_is_not_offered_again() -> None:
    once = [{"per_member": {"times": 1, "per": "lifetime"}}]
    world = portal_world(everyday(), campaign("once-only", rule("all", fixed(1), limits=once)))
    ann = visit(world, world.member("ann"))
    assert "once-only" in ann.text("earn/")
    spend(world)
    assert "once-only" not in ann.text("earn/")


def goal_rule(code: str, goal: dict[str, Any], reach: Any, points: int) -> dict[str, Any]:
    """A rule with a goal of one milestone."""
    return {
        "code": code,
        "event": "payment.completed",
        "goal": goal,
        "milestones": [{"reach": reach, "then": [fixed(points)]}],
    }


def test_challenges_say_what_is_missing_and_what_it_brings() -> None:
    count = goal_rule("four", {"count": True, "window": "campaign"}, 4, 300)
    volume = goal_rule("sum", {"sum": "base", "window": "campaign"}, "1000.00", 70)
    places = goal_rule("places", {"distinct": "event.outlet", "window": "campaign"}, 2, 20)
    world = portal_world(
        everyday(), campaign("four-times", count), campaign("volume", volume), campaign("places", places)
    )
    ann = visit(world, world.member("ann"))
    spend(world, 3)
    text = ann.text()
    assert "3/4 four-times 1 more time +300" in text
    assert "30% volume SGD 700.00 more +70" in text
    assert "0/2 places Outlet: 2 more +20" in text


def test_a_challenge_that_is_done_says_so() -> None:
    count = goal_rule("two", {"count": True, "window": "campaign"}, 2, 300)
    world = portal_world(campaign("twice", count))
    ann = visit(world, world.member("ann"))
    spend(world, 2)
    assert "2/2 twice All done. Well done! Done" in ann.text()


def test_without_goals_there_are_no_challenges(ann: Visitor) -> None:
    assert "Your challenges" not in ann.text()


def test_home_with_challenges_and_news_takes_few_queries() -> None:
    count = goal_rule("four", {"count": True, "window": "campaign"}, 4, 300)
    world = portal_world(everyday(), campaign("four-times", count))
    ann = visit(world, world.member("ann", vehicles=[{"vin": "V1", "model": "Dune"}]))
    spend(world, 3)
    Notice.objects.create(member=ann.member, kind="welcome", key="welcome", at=now())
    assert ann.queries() <= MOST_QUERIES
