"""The life of a campaign: who may do what when, two persons, the check, money; and nothing happens on a refusal."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignStep, CampaignVersion
from campaigns.rules.life import FROM
from campaigns.selectors.versions import state_at
from campaigns.services import life
from campaigns.services.budgets import fill_budgets
from campaigns.services.checks import check_campaign
from core.models import User
from core.refusals import Invalid
from ledger.models import Account
from rewards.models import Reward
from rewards.selectors.given import given_rewards
from tests.campaigns.world import NOW, World, campaign, document, fixed, make_world, rule

pytestmark = pytest.mark.django_db
STATES = [str(state) for state in Campaign.State]
SERVICES: Mapping[str, Callable[..., life.Taken]] = {
    "submit": life.submit_campaign,
    "approve": life.approve_campaign,
    "reject": life.reject_campaign,
    "pause": life.pause_campaign,
    "resume": life.resume_campaign,
    "end": life.end_campaign,
}
BECOMES = {
    "submit": "in_review",
    "approve": "live",
    "reject": "draft",
    "pause": "paused",
    "resume": "live",
    "end": "ended",
}
BUDGETS = [{"code": "central", "points": 1000}]


def draft(**more: Any) -> dict[str, Any]:
    return campaign("c", rule("r", fixed(10)), **{"state": "draft", "budget": {"points": 100}, **more})


def people() -> tuple[User, User]:
    return User.objects.create_user("mia"), User.objects.create_user("sam")


def stored() -> Campaign:
    return Campaign.objects.select_related("program").get(code="c")


def balance(account: str = "campaign:c") -> int:
    return Account.objects.get(code=account, book__unit="points").balance


def do(action: str, by: User, at: datetime = NOW, **more: Any) -> CampaignStep:
    return SERVICES[action](campaign=stored(), by=by, at=at, **more).step


def put(state: str) -> World:
    world = make_world(draft(state="live" if state in {"paused", "ended"} else "draft"), budgets=BUDGETS)
    Campaign.objects.filter(code="c").update(state=state)
    return world


def whole_world() -> list[Any]:
    rows = CampaignStep.objects.order_by("pk").values_list("pk", "to_state")
    versions = CampaignVersion.objects.order_by("pk").values_list("pk", "festival_days")
    return [
        stored().state,
        list(rows),
        list(versions),
        list(Account.objects.order_by("pk").values_list("code", "balance")),
    ]


@pytest.mark.parametrize("action", SERVICES)
@pytest.mark.parametrize("state", STATES)
def test_a_step_follows_where_it_may_and_else_changes_nothing(action: str, state: str) -> None:
    put(state)
    _mia, sam = people()
    before = whole_world()
    if state in FROM[action]:
        step = do(action, sam, because="so be it")
        assert (stored().state, step.from_state, step.to_state) == (BECOMES[action], state, BECOMES[action])
        assert (step.by, step.because, step.at, step.version) == (sam, "so be it", NOW, CampaignVersion.objects.get())
    else:
        with pytest.raises(Invalid, match="can only be done when"):
            do(action, sam)
        assert whole_world() == before


def test_the_way_of_a_campaign_from_draft_to_its_end_moves_its_budget() -> None:
    world = make_world(draft(), budgets=BUDGETS)
    world.member()
    mia, sam = people()
    do("submit", mia)
    assert (world.outcome()["effects"], balance(), balance("budget:central")) == ([], 0, 1000)
    do("approve", sam)
    assert (len(world.outcome()["effects"]), balance(), balance("budget:central")) == (1, 90, 900)
    do("pause", mia)
    assert (world.outcome()["effects"], balance()) == ([], 90)
    do("resume", mia)
    assert (len(world.outcome()["effects"]), balance()) == (1, 80)
    do("end", sam)
    assert (world.outcome()["effects"], balance(), balance("budget:central")) == ([], 0, 980)
    steps = CampaignStep.objects.order_by("pk").values_list("action", "by__username")
    assert list(steps) == [
        ("submit", "mia"), ("approve", "sam"), ("pause", "mia"), ("resume", "mia"), ("end", "sam"),
    ]  # fmt: skip


def test_nobody_approves_what_they_submitted() -> None:
    make_world(draft(), budgets=BUDGETS)
    mia, sam = people()
    do("submit", mia)
    before = whole_world()
    with pytest.raises(Invalid, match="Somebody else"):
        do("approve", mia)
    assert whole_world() == before
    do("reject", sam, because="too dear")
    do("submit", sam)
    do("approve", mia)  # the first time it was Mia who submitted
    assert stored().state == "live"


def test_a_fund_that_cannot_fill_the_budget_keeps_the_campaign_from_going_live() -> None:
    make_world(draft(budget={"points": 1001}), budgets=BUDGETS)
    mia, sam = people()
    do("submit", mia)
    before = whole_world()
    with pytest.raises(Invalid, match="fund cannot pay"):
        do("approve", sam)
    assert whole_world() == before


def test_a_campaign_that_begins_later_is_scheduled_and_shown_live_from_then_on() -> None:
    world = make_world(draft(starts="2026-07-01T00:00:00", ends="2026-08-01T00:00:00"), budgets=BUDGETS)
    world.member()
    mia, sam = people()
    do("submit", mia)
    do("approve", sam)
    assert stored().state == "scheduled"
    moments = {
        "2026-06-30T15:59:59Z": "scheduled", "2026-06-30T16:00:00Z": "live",  # midnight in Singapore
        "2026-07-31T16:59:59Z": "live", "2026-07-31T17:00:00Z": "ended",  # midnight in Jakarta
    }  # fmt: skip
    assert [state_at(stored(), datetime.fromisoformat(at)).value for at in moments] == list(moments.values())
    begun = datetime(2026, 7, 1, tzinfo=UTC)
    assert len(world.outcome(at=begun, time=begun.isoformat())["effects"]) == 1


def test_a_paused_campaign_goes_on_as_what_its_dates_say() -> None:
    make_world(draft(state="scheduled", starts="2026-07-01T00:00:00"), budgets=BUDGETS)
    mia, _sam = people()
    do("pause", mia)
    do("resume", mia)
    assert stored().state == "scheduled"
    do("pause", mia)
    do("resume", mia, at=datetime(2026, 7, 2, tzinfo=UTC))
    assert stored().state == "live"


def test_what_is_left_goes_back_some_days_after_the_end_since_events_come_late() -> None:
    world = make_world(draft(state="live", ends="2026-06-10T00:00:00"), budgets=BUDGETS)
    CampaignVersion.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    over = datetime(2026, 6, 9, 17, tzinfo=UTC)  # the tenth in Jakarta
    fill_budgets(program=world.program, at=over + timedelta(days=7, seconds=-1))
    assert balance() == 100
    fill_budgets(program=world.program, at=over + timedelta(days=7))
    assert (balance(), balance("budget:central")) == (0, 1000)


def test_a_past_that_is_brought_in_now_keeps_its_budget_for_some_days() -> None:
    world = make_world(draft(state="live", ends="2026-02-01T00:00:00"), budgets=BUDGETS)
    world.member()
    assert balance() == 100
    fill_budgets(program=world.program, at=datetime.now(UTC))
    assert len(world.outcome(time="2026-01-15T00:00:00Z")["effects"]) == 1


# -- program files ----------------------------------------------------------------------------


def test_a_file_that_says_draft_does_not_take_back_what_people_launched() -> None:
    world = make_world(draft(), budgets=BUDGETS)
    mia, sam = people()
    do("submit", mia)
    do("approve", sam)
    world.reload(document(draft(), budgets=BUDGETS))
    assert (stored().state, CampaignVersion.objects.count()) == ("live", 1)
    world.reload(document(draft(priority=1), budgets=BUDGETS))
    assert (stored().state, CampaignVersion.objects.count()) == ("live", 2)


def test_a_file_that_changes_a_campaign_in_review_makes_it_a_draft_again() -> None:
    world = make_world(draft(), budgets=BUDGETS)
    mia, sam = people()
    do("submit", mia)
    world.reload(document(draft(), budgets=BUDGETS))
    assert stored().state == "in_review"
    world.reload(document(draft(priority=1), budgets=BUDGETS))
    assert stored().state == "draft"
    with pytest.raises(Invalid, match="can only be done when"):
        do("approve", sam)


def test_a_file_that_launches_a_campaign_is_kept_as_a_step() -> None:
    world = make_world(draft(), budgets=BUDGETS)
    world.reload(document(draft(state="live"), budgets=BUDGETS))
    step = CampaignStep.objects.get()
    assert (step.action, step.from_state, step.to_state, step.by, step.because) == (
        "load", "draft", "live", None, "test",
    )  # fmt: skip


# -- the check --------------------------------------------------------------------------------


def when(*leaves: tuple[str, str, Any]) -> dict[str, Any]:
    return {"all": [{"fact": fact, "op": op, "value": value} for fact, op, value in leaves]}


def ruled(*leaves: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    return {"rules": [rule("r", fixed(10), when=when(*leaves))], **more}


CUSTOMERS = {"fact": "member.kind", "op": "eq", "value": "customer"}
REWARD = {"code": "spa", "kind": "entitlement", "category": "motoring", "brand": "Spa", "name": {"en": "Spa"},
          "markets": ["SG"], "stock": "unlimited"}  # fmt: skip
SHORT = ("budget-too-small", "rules[0].then[0]")
FIRST, SECOND = (("unreachable", f"rules[0].when.all[{index}]") for index in (0, 1))
CATEGORY = "event.data.category"
REWARDS = [
    REWARD,
    REWARD | {"code": "dear", "markets": ["SG", "ID"], "cost": {"SGD": "4.50", "IDR": "9000.00"}},
    REWARD | {"code": "abroad", "markets": ["ID"], "cost": {"SGD": "2.00"}},  # has no cost in the market's own money
    REWARD | {"code": "free", "markets": ["SG", "ID"]},
]


def percent(*currencies: str, **more: Any) -> dict[str, Any]:
    """Cashback of a percentage, out of a budget with a little in these currencies."""
    money = dict.fromkeys(currencies, "0.01")
    return {"rules": [rule("r", {"cashback": {"percent": "5"}})], "budget": {"money": money}, **more}


def gift(code: str, markets: tuple[str, ...] | list[str] = ("SG", "ID"), **budget: Any) -> dict[str, Any]:
    """A reward, given out of a budget."""
    return {"rules": [rule("r", {"reward": code})], "markets": list(markets), "budget": budget}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        (ruled(("event.amount", "gt", "10"), ("event.amount", "lte", "10")), SECOND),
        (ruled(("event.amount", "gte", "10"), ("event.amount", "lte", "10")), None),
        (ruled(("event.amount", "between", ["5", "9"]), ("event.amount", "gt", "9")), SECOND),
        (ruled((CATEGORY, "eq", "bill"), (CATEGORY, "ne", "bill")), SECOND),
        (ruled((CATEGORY, "in", ["bill"]), (CATEGORY, "in", ["transfer"])), SECOND),
        (ruled((CATEGORY, "exists", False), (CATEGORY, "eq", "bill")), SECOND),
        (ruled(("member.kind", "eq", "merchant"), audience=CUSTOMERS), FIRST),
        (ruled(("member.market", "eq", "ID"), markets=["SG"]), FIRST),
        ({"regions": ["JKT"], "markets": ["SG"]}, ("unreachable", "regions")),
        ({"ends": "2026-06-15T00:00:00+08:00"}, ("over", "ends")),
        ({"ends": "2026-06-16T00:00:00+08:00"}, None),
        ({"budget": {"points": 9}}, ("budget-too-small", "rules[0].then[0]")),
        ({"budget": {"points": 10}}, None),
        ({"budget": {"money": {"SGD": "5.00"}}}, ("budget-too-small", "rules[0].then[0]")),
        ({"budget": {"points": 9}, "rules": [rule("r", {"cashback": {"percent": "5"}})], "markets": ["SG"]}, SHORT),
        (percent("SGD"), SHORT),
        (percent("SGD", markets=["SG"]), None),
        (percent("IDR", markets=["SG"]), SHORT),
        (percent("SGD", "IDR"), None),
        (gift("dear", points=100), SHORT),
        (gift("dear", money={"SGD": "4.49", "IDR": "9000.00"}), SHORT),
        (gift("dear", money={"SGD": "4.50"}), SHORT),
        (gift("dear", money={"SGD": "4.50", "IDR": "9000.00"}), None),
        (gift("dear", markets=["SG"], money={"SGD": "4.50"}), None),
        (gift("abroad", markets=["ID"], money={"SGD": "2.00"}), None),
        (gift("free", points=1), None),
        ({"text": {"en": "Hello"}}, ("untranslated", "text")),
        ({"name": {"id": "Halo"}}, ("untranslated", "name")),
        ({"name": {"en": "Hello"}}, ("untranslated", "name")),
        ({"name": {"en": "Hello"}, "languages": ["en"]}, None),
        ({"rules": [rule("r", {"reward": "spa"})]}, ("unknown-reward", "rules[0].then[0]")),
        ({"rules": [rule("r", {"reward": "spa"})], "markets": ["SG"]}, None),
    ],
)  # fmt: skip
def test_the_check_finds(more: dict[str, Any], expected: tuple[str, str] | None) -> None:
    body = draft(**{"name": {"en": "Hello", "id": "Halo"}, **more})
    make_world(body, budgets=BUDGETS, rewards=REWARDS, program={"languages": ["en", "id"]})
    mia, _sam = people()
    errors = [(one.code, one.path) for one in check_campaign(stored(), NOW) if one.error]
    assert errors == ([expected] if expected else [])
    if expected is None:
        do("submit", mia)
    else:
        before = whole_world()
        with pytest.raises(Invalid) as refused:
            do("submit", mia)
        assert [(e.code, e.pointer) for e in refused.value.errors] == [(expected[0], f"/{expected[1]}")]
        assert whole_world() == before


def test_cashback_that_is_bought_with_points_is_given_to_nobody() -> None:
    rules = [rule("r", {"reward": "spa"})]
    world = make_world(draft(rules=rules, markets=["SG"]), budgets=BUDGETS, rewards=[REWARD])
    Reward.objects.update(kind="cashback")
    (finding,) = check_campaign(stored(), NOW)
    assert (finding.code, finding.path, finding.error) == ("bought-reward", "rules[0].then[0]", True)
    assert not given_rewards(program_id=world.program.pk, codes=["spa"])["spa"].available


def test_what_has_denominations_is_given_to_nobody() -> None:
    world = make_world(draft(rules=[rule("r", {"reward": "spa"})], markets=["SG"]), budgets=BUDGETS, rewards=[REWARD])
    assert given_rewards(program_id=world.program.pk, codes=["spa"])["spa"].available
    Reward.objects.update(denominations=[{"value": "10.00", "currency": "SGD", "points": 1000}])
    (finding,) = check_campaign(stored(), NOW)
    assert (finding.code, finding.path, finding.error) == ("valued-reward", "rules[0].then[0]", True)
    assert not given_rewards(program_id=world.program.pk, codes=["spa"])["spa"].available


@pytest.mark.parametrize(
    ("other", "warned"),
    [
        ({}, True),
        ({"stack": "other"}, False),
        ({"markets": ["ID"]}, False),
        ({"ends": "2026-05-01T00:00:00+08:00"}, False),
        ({"state": "draft"}, False),
    ],
)
def test_campaigns_of_one_stack_group_at_the_same_time_are_a_warning(other: dict[str, Any], warned: bool) -> None:
    mine = draft(stack="bonus", markets=["SG"], starts="2026-06-01T00:00:00+08:00")
    make_world(mine, campaign("d", rule("r", fixed(1)), **{"stack": "bonus", **other}), budgets=BUDGETS)
    mia, sam = people()
    found = [(one.code, one.error) for one in check_campaign(stored(), NOW)]
    assert found == ([("stack", False)] if warned else [])
    taken = [
        life.submit_campaign(campaign=stored(), by=mia, at=NOW),
        life.approve_campaign(campaign=stored(), by=sam, at=NOW),
        life.pause_campaign(campaign=stored(), by=sam, at=NOW),
    ]
    assert [[one.code for one in each.doubts] for each in taken] == [["stack"] * warned, ["stack"] * warned, []]


def test_fixed_cashback_without_an_amount_in_a_markets_currency_is_a_warning() -> None:
    make_world(draft(budget={"money": {"SGD": "9"}}, rules=[rule("r", {"cashback": {"fixed": {"SGD": "5"}}})]),
               budgets=[{"code": "central", "money": {"SGD": "10"}}])  # fmt: skip
    (finding,) = check_campaign(stored(), NOW)
    assert (finding.code, finding.error, finding.message[-2:]) == ("no-amount", False, "ID")
