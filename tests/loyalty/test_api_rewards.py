"""The catalogue over the API: filters, facets, pages, and why not."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.services.intake import take_in
from core.models import Market
from members.models import Member
from rewards.models import Reward, Shelf, Voucher
from rewards.services.stock import stock_codes
from tests.campaigns.world import NOW, World, everyday
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app
from tests.rewards.catalogue import catalogue_world, reward

pytestmark = pytest.mark.django_db
CARD = [
    {"value": "10.00", "currency": "SGD", "points": 1000},
    {"value": "50.00", "currency": "SGD", "points": 4800},
    {"value": "100000.00", "currency": "IDR", "points": 900},
]
REWARDS = [
    reward("coffee", "Coffee", points=450, per_member={"times": 2, "per": "month"}),
    reward("tea", "Tea", points=600, brand="Senja", markets=["SG", "ID"]),
    reward("lounge", "Lounge", points=300, tiers=["gold"], category="travel", kind="experience"),
    reward("card", "Card", denominations=CARD, category="shopping", kind="gift_card", markets=["SG", "ID"]),
    reward("jakarta", "Bakmi", points=100, markets=["ID"]),
    reward("spa", "Spa", points=None, category="pet-care", stock="unlimited"),
]


@pytest.fixture
def world() -> World:
    return catalogue_world(*REWARDS, campaigns=[everyday()])


def partner(world: World) -> Caller:
    return make_caller(world.program, "rewards:read")


def listed(caller: Caller, query: str = "") -> dict[str, Any]:
    answer = caller.get(f"rewards?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = document(answer)
    return found


def codes(caller: Caller, query: str = "") -> list[str]:
    return sorted(item["code"] for item in listed(caller, query)["items"])


def rich(world: World, points: int = 500) -> Member:
    """A member with so many points."""
    member = world.member()
    (answer,) = take_in(program=world.program, events=[world.event(f"{points}.00")], at=NOW, trace=False)
    assert answer.body
    return member


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["card", "coffee", "jakarta", "lounge", "tea"]),
        ("market=SG", ["card", "coffee", "lounge", "tea"]),
        ("market=ID", ["card", "jakarta", "tea"]),
        ("category=food", ["coffee", "jakarta", "tea"]),
        ("category=travel,shopping", ["card", "lounge"]),
        ("brand=Senja", ["tea"]),
        ("kind=gift_card", ["card"]),
        ("market=SG&max_points=450", ["coffee", "lounge"]),
        ("market=ID&max_points=900", ["card", "jakarta", "tea"]),
        ("market=SG&max_points=900", ["coffee", "lounge", "tea"]),
        ("q=caffee", ["coffee"]),
        ("q=tea&market=ID", ["tea"]),
        ("category=nothing", []),
    ],
)
def test_filters_narrow_the_list(world: World, query: str, expected: list[str]) -> None:
    assert codes(partner(world), query) == expected


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("market=XX", "/market", "unknown"),
        ("kind=car", "/kind", "invalid"),
        ("max_points=-1", "/max_points", "invalid"),
        ("max_points=1e3", "/max_points", "invalid"),
        ("sort=price", "/sort", "invalid"),
        ("q=" + "a" * 201, "/q", "too-long"),
        ("q=%00", "/q", "invalid"),
    ],
)
def test_a_wrong_parameter_is_named(world: World, query: str, pointer: str, code: str) -> None:
    answer = partner(world).get(f"rewards?{query}")
    assert problem(answer) == (422, "validation")
    assert [(error["pointer"], error["code"]) for error in document(answer)["errors"]] == [(pointer, code)]


def test_every_brand_that_a_facet_offers_is_found_whatever_it_is_called() -> None:
    brands = ["Salt, Pepper & Co", "Salt", " Kopi ", "Ærø", "a+b=c#d"]
    world = catalogue_world(*(reward(f"r{n}", "Coffee", brand=brand) for n, brand in enumerate(brands)))
    caller = partner(world)
    offered = [choice["value"] for choice in listed(caller)["facets"]["brand"]]
    assert sorted(offered) == sorted(brands)
    for brand in offered:
        assert codes(caller, urlencode({"brand": brand})) == [f"r{brands.index(brand)}"]
    assert codes(caller, urlencode({"brand": brands[:2]}, doseq=True)) == ["r0", "r1"]
    many = urlencode({"brand": [str(n) for n in range(21)]}, doseq=True)
    assert problem(caller.get(f"rewards?{many}")) == (422, "validation")


def test_pages_follow_each_other_without_gap_or_double_in_every_order(world: World) -> None:
    caller = partner(world)
    for sort in ("suggested", "points", "-points", "newest", "relevance"):
        seen, cursor = [], ""
        while cursor is not None:
            body = listed(caller, f"limit=2&sort={sort}" + (f"&cursor={cursor}" if cursor else ""))
            seen += [item["code"] for item in body["items"]]
            cursor = body["next"]
        assert sorted(seen) == ["card", "coffee", "jakarta", "lounge", "tea"], sort
    assert [item["code"] for item in listed(caller, "sort=points&market=SG")["items"]] == [
        "lounge", "coffee", "tea", "card",
    ]  # fmt: skip


@pytest.mark.parametrize("sort", ["relevance", "suggested", "points", "-points", "newest"])
def test_pages_of_guessed_words_show_every_hit_once_in_every_order(sort: str) -> None:
    points = {"a": 100, "b": 350, "c": 350, "d": 350, "e": 600, "f": 700}
    world = catalogue_world(*(reward(f"cup-{code}", f"Coffee {code}", points=n) for code, n in points.items()))
    caller = partner(world)
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        body = listed(caller, f"q=cofee&limit=2&sort={sort}" + (f"&cursor={cursor}" if cursor else ""))
        assert body["facets"]["total"] == len(points)
        seen += [(item["points"], item["code"]) for item in body["items"]]
        cursor, pages = body["next"], pages + 1
    assert (pages, sorted(code for _, code in seen)) == (3, [f"cup-{code}" for code in points])
    costs = [cost for cost, _ in seen]
    if sort in {"points", "-points"}:
        assert costs == sorted(costs, reverse=sort == "-points")


def test_a_cursor_of_another_question_is_unknown(world: World) -> None:
    caller = partner(world)
    cursor = listed(caller, "limit=2")["next"]
    assert problem(caller.get(f"rewards?limit=2&market=SG&cursor={cursor}")) == (400, "malformed")
    cursor = listed(caller, "limit=1&category=travel&category=food")["next"]
    assert problem(caller.get(f"rewards?limit=1&category=food&cursor={cursor}")) == (400, "malformed")
    assert listed(caller, f"limit=1&category=travel&category=food&cursor={cursor}")["items"]


def test_each_item_says_what_it_is(world: World) -> None:
    (item,) = listed(partner(world), "q=coffee&market=SG")["items"]
    assert item == {
        "code": "coffee", "kind": "voucher", "category": "food", "category_name": "Food & drinks", "brand": "Kopi Co",
        "name": "Coffee", "text": None, "terms": None, "image": None, "markets": ["SG"], "points": 450,
        "denominations": [], "tiers": [], "outlets": [], "per_member": {"times": 2, "per": "month"}, "valid_days": None,
        "left": None, "available": True, "why_not": [], "member_message": None,
    }  # fmt: skip


def test_a_member_is_told_why_not(world: World) -> None:
    rich(world, 500)
    items = {item["code"]: item for item in listed(partner(world), "member=ann")["items"]}
    assert {code: [why["code"] for why in item["why_not"]] for code, item in items.items()} == {
        "coffee": [], "tea": ["insufficient-points"], "lounge": ["tier-required"], "card": ["insufficient-points"],
    }  # fmt: skip
    assert items["tea"]["why_not"] == [
        {"code": "insufficient-points", "detail": "You need 100 more points.", "missing_points": 100}
    ]
    assert items["lounge"]["member_message"] == "This reward is for Gold members."


def test_each_denomination_says_how_many_are_left_and_why_it_cannot_be_had(world: World) -> None:
    Reward.objects.filter(code="card").update(stock="codes")
    card = Reward.objects.get(code="card")
    stock_codes(reward=card, codes=["F1", "F2"], value=(5000, "SGD"))
    stock_codes(reward=card, codes=["T1"], value=(1000, "SGD"))
    rich(world, 1200)
    caller, gone = partner(world), {"code": "out-of-stock", "detail": "All pieces are gone at the moment."}
    short = {"code": "insufficient-points", "detail": "You need 3,600 more points.", "missing_points": 3600}
    away = {"code": "not-available", "detail": "This reward is not available in your market.", "because": "market"}
    app = make_app(Member.objects.get(external_id="ann"))

    def said() -> Any:
        items = [document(caller.get("rewards/card?member=ann")), document(app.get("me/rewards/card"))]
        items += [one for one in listed(caller, "member=ann")["items"] if one["code"] == "card"]
        items += [one for one in document(app.get("me/rewards"))["items"] if one["code"] == "card"]
        first, *others = items
        assert others == [first] * 3
        return first

    item = said()
    assert item["denominations"] == [
        {**CARD[0], "left": 1, "available": True, "why_not": []},
        {**CARD[1], "left": 2, "available": False, "why_not": [short]},
        {**CARD[2], "left": 0, "available": False, "why_not": [away, gone]},
    ]
    assert (item["points"], item["left"], item["available"]) == (1000, 3, True)
    Voucher.objects.filter(value_minor=1000).delete()
    item = said()
    assert [one["why_not"] for one in item["denominations"]] == [[gone], [short], [away, gone]]
    assert (item["points"], item["left"], item["why_not"]) == (4800, 2, [short])
    Voucher.objects.all().delete()
    item = said()
    assert (item["points"], item["left"], item["available"], item["why_not"]) == (1000, 0, False, [gone])


def test_queries_do_not_grow_with_values_of_lists(world: World) -> None:
    rich(world, 1200)
    caller, counts = partner(world), []
    Reward.objects.filter(code__in=["coffee", "tea", "card"]).update(stock="codes")
    for some in (["card"], ["card", "coffee", "tea"]):
        Reward.objects.filter(code__in=some).update(points=None, denominations=CARD)
        listed(caller, "member=ann")
        with CaptureQueriesContext(connection) as captured:
            listed(caller, "member=ann")
        counts.append(sum("rewards_voucher" in query["sql"] for query in captured))
    assert counts == [2, 2]  # pieces of lists of one price and of limits, and all values


def test_affordable_for_leaves_what_the_points_suffice_for_in_the_members_market(world: World) -> None:
    rich(world, 500)
    body = listed(partner(world), "affordable_for=ann")
    assert sorted(item["code"] for item in body["items"]) == ["coffee", "lounge"]
    assert (body["facets"]["total"], body["facets"]["affordable"]) == (2, 2)


def test_one_reward_is_judged_like_the_list_judges_it(world: World) -> None:
    rich(world, 500)
    caller = partner(world)
    for item in listed(caller, "member=ann")["items"]:
        assert document(caller.get(f"rewards/{item['code']}?member=ann")) == item
    given = document(caller.get("rewards/spa?member=ann"))
    assert [why["because"] for why in given["why_not"]] == ["given-only"]
    assert given["category_name"] == "Pet care"
    away = document(caller.get("rewards/jakarta?member=ann"))
    assert [why.get("because") for why in away["why_not"]] == ["market"]


def test_a_partner_says_for_whom_it_must_be_affordable(world: World) -> None:
    rich(world, 500)
    caller = partner(world)
    refused = caller.get("rewards?affordable=1")
    assert problem(refused) == (422, "validation")
    assert document(refused)["errors"][0]["pointer"] == "/affordable_for"
    assert listed(caller, "affordable=1&member=ann")["items"] == listed(caller, "affordable_for=ann")["items"]


@pytest.mark.parametrize("query", ["member=ann&market=ID", "affordable_for=ann&market=ID"])
def test_a_member_can_have_nothing_of_another_market(world: World, query: str) -> None:
    rich(world, 1000)
    caller = partner(world)
    items = listed(caller, query)["items"]
    assert {item["code"] for item in items} == {"card", "jakarta", "tea"}
    for item in items:
        assert [why.get("because") for why in item["why_not"]] == ["market"]
        assert document(caller.get(f"rewards/{item['code']}?{query}")) == item


def test_cashback_is_on_the_shelves_where_it_is_paid_in_the_currency_spent(world: World) -> None:
    cash = {"kind": "cashback", "cost": {"SGD": "5.00"}, "points": 500, "stock": "unlimited"}
    Reward.objects.filter(code="tea").update(**cash)
    shelves = Shelf.objects.filter(reward__code="tea")
    assert dict(shelves.values_list("market", "points")) == {"SG": 500, "ID": None}
    assert shelves.get(first=True).market == "SG"
    assert codes(partner(world), "market=ID") == ["card", "jakarta"]
    Reward.objects.filter(code="tea").update(stock="codes")
    assert dict(shelves.values_list("market", "points")) == {"SG": 500, "ID": 500}


def test_another_programs_rewards_and_members_do_not_exist(world: World) -> None:
    other = catalogue_world(reward("secret", "Secret"), program={"code": "other"})
    other.member("bob")
    caller = partner(world)
    assert problem(caller.get("rewards/secret")) == (404, "not-found")
    assert problem(caller.get("rewards?member=bob")) == (404, "not-found")
    assert problem(caller.get("rewards?affordable_for=bob")) == (404, "not-found")
    assert "secret" not in codes(caller)


def test_the_members_app_sees_the_same(world: World) -> None:
    app = make_app(rich(world, 500))
    mine = document(app.get("me/rewards"))
    assert mine["items"] == listed(partner(world), "member=ann")["items"]
    assert sorted(item["code"] for item in document(app.get("me/rewards?affordable=1"))["items"]) == [
        "coffee", "lounge",
    ]  # fmt: skip
    assert document(app.get("me/rewards/tea"))["why_not"][0]["missing_points"] == 100
    assert problem(app.get("me/rewards/nothing")) == (404, "not-found")


def test_an_app_reads_the_partners_catalogue_for_its_member(world: World) -> None:
    member, stranger = rich(world), world.member("ben")
    app = make_app(member)
    answer = app.get("rewards")
    assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (200, '"user";q=100;w=1')
    assert document(answer) == document(app.get("me/rewards"))
    own = document(app.get(f"rewards?affordable_for={member.external_id}"))
    assert own["items"] == document(app.get("me/rewards?affordable=1"))["items"]
    assert [one["available"] for one in document(app.get("rewards?market=ID"))["items"]] == [False, False, False]
    assert document(app.get("rewards/tea"))["why_not"][0]["missing_points"] == 100
    for query in (f"rewards?affordable_for={stranger.external_id}", f"rewards/tea?member=uuid:{stranger.uuid}"):
        assert problem(app.get(query)) == (404, "not-found")


def test_the_catalogue_is_for_partners_with_the_scope_and_for_who_is_signed_in(world: World) -> None:
    app, caller = make_app(rich(world)), make_caller(world.program, "members:read")
    assert app.get("rewards", Accept_Language="id").headers["Content-Language"] == "id"
    assert problem(app.call("POST", "rewards", {})) == (405, "method-not-allowed")
    assert problem(caller.get("rewards")) == (403, "insufficient-scope")
    app.token = "ended"
    assert problem(app.get("rewards")) == (401, "unauthenticated")
    app.token = caller.token = None
    assert problem(app.get("rewards")) == problem(caller.get("rewards/tea")) == (401, "unauthenticated")


def test_what_has_no_name_in_a_language_is_called_as_in_another() -> None:
    world = catalogue_world(reward("tea", {"vi": "Trà"}, text={"vi": "Một ly"}))
    caller = make_caller(world.program)
    for language in ("vi", "th", "en", "ar"):
        item = document(caller.get("rewards/tea", Accept_Language=language))
        assert (item["name"], item["text"], item["terms"]) == ("Trà", "Một ly", None)


def test_frozen_members_see_all_and_can_have_nothing(world: World) -> None:
    member = rich(world, 500)
    Member.objects.filter(pk=member.pk).update(status=Member.Status.FROZEN)
    for item in listed(partner(world), "member=ann")["items"]:
        assert item["why_not"][0]["code"] == "frozen"


def test_paused_rewards_are_shown_and_cannot_be_had(world: World) -> None:
    Reward.objects.filter(code="coffee").update(paused=True)
    (item,) = listed(partner(world), "q=coffee")["items"]
    assert (item["available"], item["why_not"][0]["because"]) == (False, "paused")


def test_retired_rewards_leave_the_shelves_and_can_still_be_read(world: World) -> None:
    Reward.objects.filter(code="coffee").update(retired=True)
    assert codes(partner(world), "q=coffee") == []
    assert not Shelf.objects.filter(reward__code="coffee").exists()
    assert document(partner(world).get("rewards/coffee"))["why_not"][0]["because"] == "retired"


def test_a_currency_that_changes_changes_the_price_on_the_shelf(world: World) -> None:
    assert Shelf.objects.get(reward__code="card", market="SG").points == 1000
    market = world.program.markets.get(code="SG")
    market.currency = "IDR"
    market.save()
    assert Shelf.objects.get(reward__code="card", market="SG").points == 900


def test_facets_count_what_each_choice_would_find(world: World) -> None:
    caller = partner(world)
    for query in (
        "",
        "category=food",
        "kind=voucher&max_points=500",
        "market=ID",
        "q=tea",
        "category=food&brand=Senja",
    ):
        facets = listed(caller, query)["facets"]
        assert facets["total"] == len(codes(caller, query)), query
        for name in ("category", "brand", "kind", "market"):
            others = "&".join(part for part in query.split("&") if not part.startswith(f"{name}="))
            for choice in facets[name]:
                assert choice["count"] == len(codes(caller, f"{others}&{name}={choice['value']}")), (query, choice)
        others = "&".join(part for part in query.split("&") if not part.startswith("max_points="))
        limits = [choice["up_to"] for choice in facets["points"]]
        assert len(limits) == len(set(limits)) > 0
        for choice in facets["points"]:
            most = f"&max_points={choice['up_to']}" if choice["up_to"] else ""
            assert choice["count"] == len(codes(caller, f"{others}{most}")), (query, choice)


def test_markets_are_called_as_the_program_calls_them(world: World) -> None:
    Market.objects.filter(program=world.program, code="ID").update(name_en="Indonesia", name_ar="إندونيسيا")
    caller = partner(world)
    for language, name in (("en", "Indonesia"), ("ar", "إندونيسيا")):
        facets = document(caller.get("rewards", Accept_Language=language))["facets"]
        assert ("ID", name) in [(choice["value"], choice["name"]) for choice in facets["market"]]


def test_queries_do_not_grow_with_rewards(world: World) -> None:
    rich(world)
    caller = partner(world)
    counts = Counter[int]()
    for query in ("q=coffee", ""):
        caller.get(f"rewards?member=ann&{query}")
        with CaptureQueriesContext(connection) as captured:
            listed(caller, f"member=ann&{query}")
        counts[len(captured)] += 1
    assert max(counts) <= 14, counts
