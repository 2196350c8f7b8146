"""The marketplace and a reward's page: they work without scripts, in addresses to share, and say why not."""

import html
import re
from typing import Any

import pytest
from django.utils import timezone

from core.models import Program
from dealers.models import Outlet
from members.models import Member
from rewards.models import Reward
from tests.campaigns.world import everyday
from tests.loyalty.portal import Visitor, visit
from tests.rewards.catalogue import catalogue_world, reward

pytestmark = pytest.mark.django_db
MOST_QUERIES = 13
TEA = {"points": 600, "brand": "Senja", "kind": "gift_card", "category": "shopping"}
REWARDS = [
    reward(
        "coffee", "Coffee", points=450, text={"en": "A cup of your choice"}, per_member={"times": 2, "per": "month"}
    ),
    reward("tea", "Tea", **TEA),
    reward("lounge", "Lounge", points=300, tiers=["gold"], category="travel", kind="experience"),
    reward("gone", "Cinema", points=100, stock="codes"),
    reward("jakarta", "Bakmi", points=100, markets=["ID"]),
    reward("gift", "Spa", points=None),
]
ALL = ["coffee", "gone", "lounge", "tea"]


def make(*more: dict[str, Any], points: int = 500) -> Visitor:
    world = catalogue_world(*REWARDS, *more, campaigns=[everyday()])
    ann = visit(world, world.member("ann"))
    now = timezone.now()
    world.send(world.event(f"{points}.00", time=now.isoformat()), at=now)
    return ann


def shown(page: str) -> list[str]:
    """The codes of the tiles, in alphabetical order."""
    return sorted(re.findall(r'<h3><a href="/p/[\w-]+/rewards/([\w-]+)/"', page))


def in_order(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/p/[\w-]+/rewards/([\w-]+)/"', page)


def why(visitor: Visitor, code: str) -> str:
    page = visitor.get(f"rewards/{code}/")
    section = re.search(r'data-test="why-not".*?</section>', page, re.DOTALL)
    assert section
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", section[0]).split()))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ALL),
        ({"q": "cofee"}, ["coffee"]),
        ({"q": "CUP choice"}, ["coffee"]),
        ({"category": "travel"}, ["lounge"]),
        ({"category": ["travel", "shopping"]}, ["lounge", "tea"]),
        ({"brand": "Senja"}, ["tea"]),
        ({"kind": "gift_card"}, ["tea"]),
        ({"affordable": "1"}, ["coffee", "gone", "lounge"]),
        ({"affordable": "1", "category": "travel"}, ["lounge"]),
        ({"q": "bakmi"}, []),
        ({"q": "spa"}, []),
        ({"most": "x", "sort": "nonsense", "after": "zzz", "kind": "\0"}, ALL),
        ({"sort": "points", "after": "7"}, ALL),
        ({"sort": "newest", "after": "0_7_7_7"}, ALL),
    ],
)
def test_what_is_asked_for_stands_in_the_address(asked: dict[str, Any], expected: list[str]) -> None:
    assert shown(make().get("rewards/", **asked)) == expected


def test_without_scripts_it_is_a_form_that_asks_by_address_and_remembers_what_was_asked() -> None:
    page = make().get("rewards/", q="coffee", category="food", sort="points")
    form = re.search(r"<form.*?</form>", page[page.index('<form class="columns-start"') :], re.DOTALL)
    assert form
    assert 'method="post"' not in form[0]
    assert 'type="submit"' in form[0]
    assert re.search(r'name="q"[^>]*value="coffee"', form[0])
    assert re.search(r'value="food" checked', form[0])
    assert re.search(r'value="points" selected', form[0])


def test_each_link_of_a_category_narrows_and_the_same_link_widens_again() -> None:
    ann = make()
    narrow = re.search(r'href="(\?[^"]*category=travel)"', ann.get("rewards/"))
    assert narrow
    address = f"/p/{ann.world.program.code}/rewards/"
    narrowed = ann.client.get(address + html.unescape(narrow[1])).content.decode()
    assert shown(narrowed) == ["lounge"]
    (widen,) = re.findall(r'href="(\?[^"]*)" aria-current="true"', narrowed)
    assert shown(ann.client.get(address + html.unescape(widen)).content.decode()) == ALL


@pytest.mark.parametrize("begin", ["?sort=points", "?q="])
def test_more_than_a_page_goes_on_by_a_link_without_gap_or_double(begin: str) -> None:
    ann = make(*(reward(f"more-{number:02}", f"More {number}") for number in range(40)))
    address = f"/p/{ann.world.program.code}/rewards/"
    seen, following = [], begin
    while following:
        page = ann.client.get(address + following).content.decode()
        seen += shown(page)
        more = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        following = html.unescape(more[1]) if more else ""
    assert sorted(seen) == sorted([*ALL, *(f"more-{number:02}" for number in range(40))])


def test_a_picture_that_is_no_file_takes_nothing_down() -> None:
    ann = make()
    Reward.objects.filter(code="coffee").update(picture="/brand/coffee.svg")
    Reward.objects.filter(code="tea").update(picture="../tea.svg")
    assert shown(ann.get("rewards/")) == ALL
    assert "/brand/coffee.svg" not in ann.get("rewards/coffee/")


def test_nothing_found_says_what_to_do() -> None:
    ann = make()
    assert "qqqxyz Nothing here fits. Try another word, or fewer filters." in ann.text("rewards/", q="qqqxyz")
    assert "Clear all filters" not in ann.text("rewards/", q="qqqxyz")


def test_nothing_found_among_what_filters_leave_offers_the_same_words_without_them() -> None:
    page = make().get("rewards/", q="tea & coffee", category="travel")
    assert 'rewards/?q=tea%20%26%20coffee">Clear all filters</a>' in page


def test_a_sold_out_reward_says_so_once_and_does_not_promise_itself() -> None:
    page = make().text("rewards/gone/")
    assert page.count("All pieces are gone at the moment.") == 1
    assert "Not yet yours" not in page


def test_what_points_are_worth_stands_beside_them_and_is_not_what_one_gets() -> None:
    page = make().text("rewards/coffee/")
    assert "You pay 450 points ≈ " in page
    assert " Worth " not in page


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("coffee", "Yours to have"),
        ("tea", "You need 100 more points."),
        ("lounge", "This reward is for Gold members."),
        ("gone", "All pieces are gone at the moment."),
        ("jakarta", "This reward is not available in your market."),
        ("gift", "This reward is a gift: it comes with a tier or a campaign and cannot be bought."),
    ],
)
def test_a_reward_says_why_it_cannot_be_had(code: str, said: str) -> None:
    assert said in why(make(), code)


def test_every_reason_is_said_and_what_is_right_too() -> None:
    said = why(make(points=100), "lounge")
    assert "This reward is for Gold members." in said
    assert "You need 200 more points." in said
    assert "Available in Singapore" in said
    assert "Your points are enough" not in said


def test_what_is_paused_or_out_of_use_is_said_and_a_frozen_member_is_told() -> None:
    ann = make()
    Reward.objects.filter(code="coffee").update(paused=True)
    Reward.objects.filter(code="tea").update(retired=True)
    assert "This reward is paused for the moment. Please come back later." in why(ann, "coffee")
    assert "This reward is no longer offered." in why(ann, "tea")
    assert shown(ann.get("rewards/")) == ["coffee", "gone", "lounge"]
    Member.objects.filter(pk=ann.member.pk).update(status="frozen")
    assert "Your membership is frozen, so points cannot be spent now." in why(ann, "lounge")


def test_a_tile_says_the_price_and_what_is_missing() -> None:
    text = make().text("rewards/", q="tea")
    assert "600 points" in text
    assert "You need 100 more points." in text


def test_the_page_shows_price_rest_terms_and_the_way_back() -> None:
    text = make().text("rewards/coffee/")
    for said in ("A cup of your choice", "450 points", "50 points", "At most 2 a month.", "All rewards"):
        assert said in text


def test_the_page_names_the_outlets_that_take_it() -> None:
    ann = make()
    assert "Singapore" in where(ann)
    program = Program.objects.get(code="demo")
    market = program.markets.get(code="SG")
    places = [Outlet(program=program, code=f"S{n}", kind="shop", name=f"Shop {n:02}", market=market) for n in range(12)]
    Outlet.objects.bulk_create(places)
    Reward.objects.filter(code="coffee").update(outlets=["S0", "S1"])
    assert "Shop 00, Shop 01" in where(ann)
    Reward.objects.filter(code="coffee").update(outlets=[one.code for one in places])
    assert "Shop 08, Shop 09 and 2 more" in where(ann)
    assert "Shop 10" not in where(ann)
    Outlet.objects.update(retired=True)
    assert "No outlet takes it at present." in where(ann)


def where(visitor: Visitor) -> str:
    section = re.search(r'data-test="where".*?</section>', visitor.get("rewards/coffee/"), re.DOTALL)
    assert section
    return html.unescape(" ".join(re.sub(r"<[^>]+>", "", section[0]).split()))


def test_what_the_program_does_not_have_is_not_found() -> None:
    ann = make()
    catalogue_world(reward("theirs", "Theirs"), program={"code": "other"})
    for code in ("theirs", "nothing", "x" * 200, "%00"):
        ann.get(f"rewards/{code}/", status=404)
    assert shown(ann.get("rewards/", q="theirs")) == []


def test_queries_are_few_and_do_not_grow_with_rewards() -> None:
    ann = make()
    asked = ("rewards/", "rewards/?q=cofee", "rewards/?q=coffee&category=food", "rewards/lounge/")
    few = [ann.queries(page) for page in asked]
    catalogue_world(*REWARDS, *(reward(f"more-{n}", f"Coffee {n}") for n in range(20)),
                    campaigns=[everyday()])  # fmt: skip
    many = [ann.queries(page) for page in asked]
    assert max(many) <= MOST_QUERIES
    assert [more - one for more, one in zip(many, few, strict=True)] == [0] * len(asked), (few, many)


def test_what_fits_best_is_what_the_points_pay_for_then_what_is_nearest_and_last_what_is_sold_out() -> None:
    prices = {"far": 9000, "near": 501, "between": 2200, "first": 120, "second": 500, "third": 480}
    world = catalogue_world(
        *(reward(code, code, points=points) for code, points in prices.items()),
        reward("gone", "Cinema", points=100, stock="codes"),
        campaigns=[everyday()],
    )
    ann = visit(world, world.member("ann"))
    assert in_order(ann.get("rewards/")) == ["first", "third", "second", "near", "between", "far", "gone"]
    world.send(world.event("500.00", time=timezone.now().isoformat()), at=timezone.now())
    found = in_order(ann.get("rewards/"))
    assert sorted(found[:3]) == ["first", "second", "third"]
    assert found[3:] == ["near", "between", "far", "gone"]
