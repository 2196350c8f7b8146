"""Vouchers over the API, in the portal and in the office: the member sees the code, staff only its end."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from loyalty.backoffice.voucher_words import voucher_rows
from members.models import Member, Tier
from rewards.models import Voucher
from rewards.models.codes import decrypted, encrypted
from rewards.rules.codes import grouped, in_fours
from rewards.selectors.vouchers import find_voucher
from rewards.services.benefits import settle_benefits
from rewards.services.tokens import voucher_token
from tests.campaigns.test_rewards import GIVE, reward, use
from tests.campaigns.world import NOW, World, campaign, make_world, rule
from tests.loyalty.api import document, make_caller, problem
from tests.loyalty.app import make_app
from tests.loyalty.portal import Visitor, portal_world, visit

pytestmark = pytest.mark.django_db
COFFEE = reward(
    "coffee", name={"en": "Coffee", "ar": "قهوة", "vi": "Cà phê"}, valid_days=30, terms={"en": "All outlets"}
)
GOLD = {"review": {"window": "rolling_12_months"}, "downgrade": {"style": "one_step"}, "ladder": [
    {"code": "gold", "name": {"en": "Gold"}, "requires": {},
     "benefits": [{"code": "spa", "name": {"en": "Car spa"}, "reward": "coffee", "per_year": 2},
                  {"code": "line", "name": {"en": "Own line"}}]},
]}  # fmt: skip


def give(world: World, number: int = 1, **ago: float) -> None:
    at = timezone.now() - timedelta(**ago)
    world.send(*[world.event(time=at.isoformat()) for _ in range(number)], at=timezone.now())


@pytest.fixture
def world() -> World:
    return portal_world(campaign("c", rule("r", GIVE)), rewards=[COFFEE])


@pytest.fixture
def ann(world: World) -> Visitor:
    return visit(world, world.member("ann"))


def codes() -> list[str]:
    return [decrypted(row.cipher) for row in Voucher.objects.order_by("id")]


def test_vouchers_are_listed_to_partners_and_to_their_member(world: World, ann: Visitor) -> None:
    give(world, 2)
    give(world, 1, days=40)
    use(Voucher.objects.order_by("id")[1])
    partner = make_caller(world.program)
    items = document(partner.get("members/ann/vouchers"))["items"]
    assert [one["state"] for one in items] == ["expired", "used", "ready"]
    assert [one["code"] for one in items] == codes()[::-1]
    row = Voucher.objects.order_by("id")[0]
    assert items[2] == {
        "id": str(row.uuid), "code": codes()[0], "reward": "coffee", "name": "Coffee",
        "state": "ready", "expires_on": str(row.expires_on), "used": None,
    }  # fmt: skip
    assert items[1]["used"] == {"at": "2026-06-15T04:00:00Z", "outlet": None}
    assert document(make_app(ann.member).get("me/vouchers"))["items"] == items
    first = document(partner.get("members/ann/vouchers?limit=1"))
    second = document(partner.get(f"members/ann/vouchers?limit=1&cursor={first['next']}"))
    assert [one["id"] for one in (*first["items"], *second["items"])] == [one["id"] for one in items[:2]]


def test_a_member_takes_the_vouchers_along_with_all_other_data(world: World, ann: Visitor) -> None:
    give(world, 2)
    use(Voucher.objects.order_by("id")[0])
    data = ann.client.get("/p/demo/profile/my-data.json").json()
    kept = [(one["name"], one["code"], one["state"]) for one in data["vouchers"]]
    used, ready = codes()
    assert kept == [("Coffee", ready, "ready"), ("Coffee", used, "used")]
    assert all(one["issued_at"] and one["expires_on"] for one in data["vouchers"])
    assert {(one["value"], one["left"], one["currency"]) for one in data["vouchers"]} == {(None, None, None)}


def test_however_much_a_member_has_all_of_it_is_taken_along(
    world: World, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.operations.my_data.PAGE", 2)
    give(world, 5)
    data = ann.client.get("/p/demo/profile/my-data.json").json()
    kept = [one["code"] for one in data["vouchers"]]
    assert (len(kept), set(kept)) == (5, set(codes()))
    assert (len(data["events"]), data["redemptions"], data["uses"]) == (5, [], [])
    assert list(data)[:3] == ["at", "program", "member"]


def test_another_programs_partner_sees_no_vouchers(world: World, ann: Visitor) -> None:
    give(world)
    other = make_world(campaign("c", rule("r", {"points": {"fixed": 1}})), program={"code": "other"})
    assert problem(make_caller(other.program).get("members/ann/vouchers")) == (404, "not-found")
    code = codes()[0]
    assert find_voucher(program=other.program, code=code) is None
    assert find_voucher(program=world.program, code=grouped(code).lower().replace("0", "o")) == Voucher.objects.get()


def test_vouchers_take_the_same_queries_for_one_and_three(world: World, ann: Visitor) -> None:
    partner = make_caller(world.program)
    partner.get("members/ann/vouchers")
    counted: list[Any] = []
    for more in (1, 2):
        give(world, more)
        with CaptureQueriesContext(connection) as captured:
            assert partner.get("members/ann/vouchers").status_code == 200
        counted.append((len(captured), ann.queries("vouchers/"), ann.queries()))
    assert counted[0] == counted[1]
    assert counted[0][2] <= 12


def test_the_portal_shows_many_vouchers_page_by_page_each_once(world: World, ann: Visitor) -> None:
    give(world, 65)
    assert set(Voucher.objects.values_list("state", flat=True)) == {"ready"}
    shown: list[str] = []
    for after, number in (("0", 30), ("30", 30), ("60", 5)):
        page = ann.get("vouchers/", after=after)
        found = re.findall(r"/vouchers/([0-9a-f-]{36})/", page)
        assert page.count('data-test="voucher"') == number
        assert ("Show more" in page) == (number == 30)
        shown += dict.fromkeys(found)
    assert sorted(shown) == sorted(str(uuid) for uuid in Voucher.objects.values_list("uuid", flat=True))
    for odd in ("-1", "x", "99999", "1" * 30, "\0"):
        assert ann.get("vouchers/", after=odd).count('data-test="voucher"') == 30


def test_the_portal_shows_vouchers_with_code_and_picture(world: World, ann: Visitor) -> None:
    assert "No voucher is waiting for you" in ann.text("vouchers/")
    give(world)
    assert ann.get("vouchers/").count('data-test="voucher"') == 1
    page = ann.get(f"vouchers/{Voucher.objects.get().uuid}/")
    assert page.count('data-test="qr"') == 1
    assert grouped(codes()[0]) in page
    assert 'class="qr"' in page
    assert "Coffee" in ann.text()
    use(Voucher.objects.get())
    page = ann.get("vouchers/", show="used")
    assert 'data-state="used"' in page
    assert grouped(codes()[0]) not in page
    assert 'data-test="voucher"' not in ann.get()


@pytest.mark.parametrize(
    ("code", "pieces"),
    [
        ("4870218338743234", ["4870", "2183", "3874", "3234"]),
        ("48702", ["4870", "2"]),
        ("SUMMER-10", ["SUMMER-10"]),
    ],
)
def test_a_partners_code_is_read_in_fours_if_it_is_a_number(code: str, pieces: list[str]) -> None:
    assert in_fours(code) == pieces


def test_a_pin_has_a_place_of_its_own_and_copying_the_code_brings_nothing_else(world: World, ann: Visitor) -> None:
    give(world)
    Voucher.objects.update(cipher=encrypted("4870218338743234"), pin_cipher=encrypted("1602"))
    page = ann.get(f"vouchers/{Voucher.objects.get().uuid}/")
    found = {
        name: re.sub(r"<[^>]+>", "", text) for name, text in re.findall(r'data-test="voucher-(\w+)">(.*)</p>', page)
    }
    assert found == {"code": "4870218338743234", "pin": "1602"}


def test_a_pin_stands_beside_its_code_for_apps_and_takes_no_place_in_what_is_scanned_or_masked(world: World) -> None:
    member = world.member("ann")
    give(world)
    Voucher.objects.update(cipher=encrypted("GIFT-77"), pin_cipher=encrypted("1602"))
    (one,) = document(make_caller(world.program).get("members/ann/vouchers"))["items"]
    assert (one["code"], one["pin"]) == ("GIFT-77", "1602")
    row = Voucher.objects.select_related("reward").get()
    row.reward.stock = "supplier"
    assert voucher_token(row, NOW).text == "GIFT-77"
    (shown,) = voucher_rows([row], NOW.date())
    assert shown["code"] == "••••77"
    visitor = visit(world, member)
    kept = visitor.client.get("/p/demo/profile/my-data.json").json()["vouchers"]
    assert [(one["code"], one["pin"]) for one in kept] == [("GIFT-77", "1602")]


def test_the_tier_says_what_is_left_of_its_benefits() -> None:
    world = portal_world(campaign("c", rule("r", {"points": {"fixed": 1}})), rewards=[COFFEE], tiers=GOLD)
    ann, now = visit(world, world.member("ann")), datetime.now(UTC)
    Member.objects.update(tier=Tier.objects.get(), tier_since=now)
    settle_benefits(program=world.program, member_ids=[ann.member.pk], at=now)
    use(Voucher.objects.order_by("id")[0])
    last = Voucher.objects.order_by("id")[1].expires_on
    assert last is not None
    benefits = document(make_caller(world.program).get("members/ann/tier"))["benefits"]
    assert benefits == [
        {"code": "spa", "name": "Car spa", "left": 1, "expires_on": last.isoformat()},
        {"code": "line", "name": "Own line", "left": None, "expires_on": None},
    ]
    assert "1 left" in ann.text("tier/")
