import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from core.models import Market, Program
from ledger.models import Book
from ledger.services.accounts import AccountSpec, open_accounts
from ledger.services.wallets import Spend
from ledger.services.wallets import spend as spend_points
from loyalty.display import formats
from loyalty.operations.erase import erase
from members.models import Member, MemberFacts, Notice, Tier
from rewards.models import Redemption, Reward
from rewards.services.redemptions import cancel_redemption, redeem_reward
from tests.campaigns.board_cases import board, entry
from tests.campaigns.goal_cases import EVENT_TYPES
from tests.campaigns.offer_cases import ask, offered
from tests.campaigns.world import PER_DOLLAR, World, campaign, everyday, fixed, rule
from tests.loyalty.api import document as body_of
from tests.loyalty.api import make_caller
from tests.loyalty.portal import PAGES, Visitor, hooked, portal_world, visit
from tests.rewards.catalogue import catalogue_world, reward

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
    with timezone.override(ZoneInfo("Asia/Singapore")):
        end = formats.day(timezone.localdate(now(hours=2)) + timedelta(days=364), short=True)
    assert re.search(r"SGD.4,800\.00 of spending or 58 more visits or purchases by .+ and you are Gold\.", ann.text())
    assert told.startswith("Silver")
    assert f"by {' '.join(end.split())} " in ann.text()


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


def actions(page: str) -> list[str]:
    """Where the buttons of the balance lead."""
    (hero,) = re.findall(r'<div class="actions">(.*?)</div>', page, re.DOTALL)
    return re.findall(r'href="/p/demo/([^"]*)"', hero)


def test_the_balance_leads_to_what_can_be_done_with_it(world: World, ann: Visitor) -> None:
    assert actions(ann.get()) == ["earn/", "card/"]
    spend(world)
    assert actions(ann.get()) == ["card/", "rewards/"]


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
    other = visit(world, world.member("zoe", name="Zephyrine Secret"), "zoe@example.com")
    spend(world, 3, subject="zoe")
    assert hooked(other.get(), "balance") == ["300 points"]
    assert "Zephyrine" not in ann.get(address)  # long enough to stand in no random token
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
    assert re.search(r"Welcome to Demo .*\d\d:\d\d New", ann.text("notices/"))
    assert ann.post("notices/") == 302
    assert "New for you" not in ann.text()
    assert re.search(r"Welcome to Demo (?!.*\d\d:\d\d New)", ann.text("notices/"))


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


def counted(*reaches: int) -> World:
    """A world with a challenge for so many payments each, named by it."""
    goal = {"count": True, "window": "campaign"}
    return portal_world(everyday(), *(campaign(f"goal-{to}", goal_rule("r", goal, to, to * 10)) for to in reaches))


def test_home_shows_three_challenges_and_leads_to_all_of_them_on_the_earn_page() -> None:
    world = counted(4, 5, 6, 1)
    ann = visit(world, world.member("ann"))
    spend(world, 3)
    home, text = ann.get(), ann.text("earn/")
    assert 'href="/p/demo/earn/#challenges"' in home
    assert "All challenges" in home
    assert "goal-1" not in home
    assert 'id="challenges"' in ann.get("earn/")
    told = [
        "3/4 goal-4 1 more time +40", "3/5 goal-5 2 more times +50", "3/6 goal-6 3 more times +60",
        "1/1 goal-1 All done. Well done! Done",
    ]  # fmt: skip
    assert "Challenges " + " ".join(told) in text


def test_home_leads_nowhere_else_when_it_shows_all_challenges() -> None:
    world = counted(4, 5, 6)
    assert "All challenges" not in visit(world, world.member("ann")).text()


def test_a_streak_tells_on_the_earn_page_how_far_it_is_and_what_is_missing_by_when() -> None:
    streak = {"streak": {"period": "year", "count": 2, "freezes": 1}, "window": "campaign"}
    world = portal_world(campaign("row", goal_rule("r", streak, 3, 300)))
    ann = visit(world, world.member("ann"))
    assert "0/3 row Year 1 of 3: 2 more times by 31 December · 1 break is free +300" in ann.text("earn/")
    spend(world, 1)
    assert "0/3 row Year 1 of 3: 1 more time by 31 December · 1 break is free +300" in ann.text("earn/")
    spend(world, 1)
    assert "1/3 row This year is done · 1 break is free +300" in ann.text("earn/")


def test_a_challenge_leads_to_how_it_pays_where_that_is_told() -> None:
    once = [{"per_member": {"times": 1, "per": "lifetime"}}]
    goal = {"count": True, "window": "campaign"}
    limited = {**goal_rule("r", goal, 1, 10), "limits": once}
    world = portal_world(campaign("open", goal_rule("r", goal, 3, 10)), campaign("closed", limited))
    ann = visit(world, world.member("ann"))
    spend(world, 1)
    page = ann.get("earn/")
    assert 'href="#open"' in page
    assert 'id="open"' in page
    assert "1/1 closed All done" in ann.text("earn/")
    assert "#closed" not in page


def test_a_level_says_which_vehicle_it_is_about() -> None:
    level = goal_rule("r", {"level": "event.data.km", "by": "event.data.vin", "window": "campaign"}, 9000, 10)
    world = portal_world(campaign("far", {**level, "event": "service.done"}), event_types=EVENT_TYPES)
    cars = [{"vin": "V1", "plate": "SBA 1", "model": "Dune"}, {"vin": "V2", "model": "Rimal"}]
    ann = visit(world, world.member("ann", vehicles=cars))
    assert "0% far 9,000 km to go +10" in ann.text("earn/")
    for vin, km in (("V1", 4500), ("V2", 900), ("V3", 90)):
        spend(world, type="service.done", data={"vin": vin, "km": km})
    text = ann.text("earn/")
    for told in ("50% far SBA 1 · 4,500 km to go", "10% far Rimal · 8,100 km to go", "1% far V3 · 8,910 km to go"):
        assert told in text


def test_what_ends_at_midnight_ends_on_the_day_before() -> None:
    world = portal_world(campaign("short", rule("all", fixed(1)), ends="2090-01-01T00:00:00+08:00"))
    assert "Until 31 December 2089" in visit(world, world.member("ann")).text("earn/")


def test_who_has_no_challenge_is_told_kindly(ann: Visitor) -> None:
    assert "Challenges No challenge waits for you at the moment. New ones appear here." in ann.text("earn/")


def test_pages_with_challenges_take_as_many_queries_for_three_as_for_one() -> None:
    counts = []
    for reaches in ((4,), (4, 5, 6)):
        world = counted(*reaches)
        ann = visit(world, world.member(f"ann-{len(reaches)}"), f"ann-{len(reaches)}@example.com")
        assert ann.get("earn/").count('data-test="challenge"') == len(reaches)
        counts.append((ann.queries(), ann.queries("earn/")))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= MOST_QUERIES


def test_home_with_challenges_and_news_takes_few_queries() -> None:
    count = goal_rule("four", {"count": True, "window": "campaign"}, 4, 300)
    world = portal_world(everyday(), campaign("four-times", count))
    ann = visit(world, world.member("ann", vehicles=[{"vin": "V1", "model": "Dune"}]))
    spend(world, 3)
    Notice.objects.create(member=ann.member, kind="welcome", key="welcome", at=now())
    assert ann.queries() <= MOST_QUERIES


def test_home_of_a_member_who_has_everything_takes_few_queries() -> None:
    ann = rich_member()
    text = ann.text()
    for told in (
        "Until", "Keep Gold", "expire on", "cashback", "In a row", "Bonus", "Place 1", "New for you", "My vehicle",
        "Coffee", "Given back: Coffee", "Taken back: Payment", "Your vouchers", "Offers for you", "Badges",
    ):  # fmt: skip
        assert told in text, told
    assert ann.queries() <= MOST_QUERIES - 1
    MemberFacts.objects.update(rolled_on=(now() - timedelta(days=1)).date())  # the first hour of a day
    assert ann.queries() <= MOST_QUERIES


def rich_member() -> Visitor:
    """Points that expire, money, goals, a streak, offers, a contest, news, vouchers, receipts, a grace."""
    streak = goal_rule("row", {"streak": {"period": "week", "count": 1, "freezes": 1}, "window": "campaign"}, 3, 300)
    goal = goal_rule("three", {"count": True, "window": "offer"}, 9, 30)
    world = catalogue_world(
        reward("coffee", "Coffee", points=20, valid_days=30),
        campaigns=[
            everyday(),
            campaign("money", rule("cash", {"cashback": {"percent": "1"}})),
            campaign("streak", streak, name={"en": "In a row"}),
            offered("bonus", goal, name={"en": "Bonus"}),
            offered("own", delivery="opt_in"),
            campaign("race", rule("enter", entry()), ends=now(days=-9).isoformat(timespec="seconds")),
            campaign("medal", rule("badge", {"badge": "first"})),
        ],
        leaderboards=[board()],
        badges=[{"code": "first", "name": {"en": "First"}}],
    )
    ann = visit(world, world.member("ann", vehicles=[{"vin": "V1", "model": "Dune"}]))
    for _ in range(3):
        ask(world, {"campaign": "bonus", "member": "ann"}, at=now())
    spend(world, 3)
    world.send(world.event("9.00", key="undone", time=now(hours=1).isoformat()), at=now())
    world.send(world.reversal("undone", time=now().isoformat()), at=now())
    for cancelled in (False, True):
        row = redeem_coffee(ann)
        if cancelled:
            cancel_redemption(redemption=row, at=now(), because="test")
    Notice.objects.create(member=ann.member, kind="welcome", key="welcome", at=now())
    gold = Tier.objects.get(program=world.program, code="gold")
    Member.objects.filter(pk=ann.member.pk).update(tier=gold, grace_until=now(days=-9).date())
    return ann


def redeem_coffee(ann: Visitor) -> Redemption:
    coffee = Reward.objects.get()
    return redeem_reward(program=ann.world.program, member=ann.member, reward=coffee, at=now(), channel="portal").row


def test_points_and_vouchers_are_right_at_once() -> None:
    ann = rich_member()
    world = ann.world
    (before,) = hooked(ann.get(), "balance")
    vouchers = ann.get().count('data-test="voucher"')
    row = redeem_reward(
        program=world.program, member=ann.member, reward=Reward.objects.get(), at=now(), channel="portal"
    ).row
    (after,) = hooked(ann.get(), "balance")
    assert _number(after) == _number(before) - 20
    assert ann.get().count('data-test="voucher"') == vouchers + 1
    cancel_redemption(redemption=row, at=now(), because="test")
    spend(world, 1)
    assert _number(hooked(ann.get(), "balance")[0]) == _number(before) + 100
    assert ann.get().count('data-test="voucher"') == vouchers


def _number(balance: str) -> int:
    return int(balance.partition(" ")[0].replace(",", ""))


def test_what_is_configured_anew_is_shown_at_once(world: World, ann: Visitor) -> None:
    spend(world, 1)
    assert "Silver member" in ann.text()
    Tier.objects.filter(code="silver").update(name="Bronze", name_en="Bronze")
    Market.objects.filter(code="SG").update(currency="IDR")
    text = ann.text()
    assert "Bronze member" in text
    assert "Worth IDR" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_who_is_signed_out_or_erased_elsewhere_is_so_at_once(ann: Visitor) -> None:
    ann.get()
    other = Client()
    other.cookies = ann.client.cookies
    Member.objects.filter(pk=ann.member.pk).update(status=Member.Status.FROZEN)
    assert "Your membership is on hold" in ann.text()
    Session.objects.all().delete()
    assert hooked(other.get("/p/demo/").content.decode(), "balance") == []
