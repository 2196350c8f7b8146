"""Rewards that rules give: vouchers, who pays for them, and taking them back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Sum

from campaigns.models import GhostAward
from campaigns.services.configuration import current_configuration
from ledger.models import Account
from members.models import Member
from rewards.models import Reward, Voucher
from rewards.models.codes import decrypted, digest
from rewards.rules.codes import is_whole
from rewards.services.stock import stock_codes
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.taking import take
from tests.campaigns.world import NOW, World, campaign, fixed, make_world, rule

pytestmark = pytest.mark.django_db


def reward(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "kind": "voucher", "category": "food", "brand": "Kopi", "name": {"en": code},
        "markets": ["SG", "ID"], "stock": "generated", **more,
    }  # fmt: skip


COFFEE = reward("coffee", cost={"SGD": "4.50"}, valid_days=90, points=500)
GIVE = {"reward": "coffee"}


def giving(*rewards: dict[str, Any], then: Any = (GIVE,), **more: Any) -> World:
    rules = more.pop("rules", None) or [rule("r", *then, limits=more.pop("limits", []))]
    sections = {key: more.pop(key) for key in ("budgets", "tiers", "badges") if key in more}
    world = make_world(campaign("c", *rules, **more), rewards=list(rewards) or [COFFEE], **sections)
    world.member()
    return world


def kinds(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one.get("reason", "")) for one in body["effects"] + body["refused"]]


def balance(code: str, unit: str = "SGD") -> int:
    return Account.objects.filter(code=code, book__unit=unit).aggregate(sum=Sum("balance"))["sum"] or 0


def use(voucher: Voucher) -> None:
    voucher.state, voucher.used_at = Voucher.State.USED, NOW
    voucher.save(update_fields=["state", "used_at"])


def test_a_reward_is_a_voucher_with_a_code_of_its_own() -> None:
    world = giving()
    body = world.outcome(key="one")
    voucher = Voucher.objects.get()
    assert body["effects"] == [
        {"kind": "reward", "campaign": "c", "version": 1, "rule": "r", "reward": "coffee", "voucher": str(voucher.uuid)}
    ]
    code = decrypted(voucher.cipher)
    assert is_whole(code)
    assert (bytes(voucher.digest), voucher.state, voucher.expires_on) == (digest(code), "ready", date(2026, 9, 13))
    assert code.encode() not in bytes(voucher.cipher)
    assert voucher.member == Member.objects.get(external_id="ann")


def test_the_last_good_day_is_counted_in_the_members_market() -> None:
    world = giving()
    world.member("ina", "ID")
    late = datetime.fromisoformat("2026-06-15T16:30:00+00:00")  # the 16th in Singapore, still the 15th in Jakarta
    world.outcome(subject="ann", time=late.isoformat(), at=late)
    world.outcome(subject="ina", time=late.isoformat(), at=late)
    days = dict(Voucher.objects.values_list("member__external_id", "expires_on"))
    assert days == {"ann": date(2026, 6, 16) + timedelta(90), "ina": date(2026, 6, 15) + timedelta(90)}


def test_the_cost_of_a_reward_is_charged_to_the_payer_and_comes_back() -> None:
    world = giving(budgets=[{"code": "root", "money": {"SGD": "10.00"}}])
    world.outcome(key="one")
    assert (balance("budget:root"), balance("redeemed:coffee")) == (550, 450)
    body = take(world, "one")
    (effect,) = body["effects"]
    assert (effect["kind"], effect["amount"], effect["state"]) == ("reward", -1, "void")
    assert (balance("budget:root"), balance("redeemed:coffee")) == (1000, 0)
    assert Voucher.objects.get().state == "void"


def test_an_empty_budget_refuses_the_reward_and_nothing_else() -> None:
    world = giving(then=(GIVE, fixed(3, status=True)), budgets=[{"code": "root", "money": {"SGD": "5.00"}}])
    assert kinds(world.outcome()) == [("reward", ""), ("status_points", "")]
    assert kinds(world.outcome()) == [("status_points", ""), ("reward", "budget")]
    assert (Voucher.objects.count(), balance("budget:root")) == (1, 50)


def test_a_cost_is_in_the_members_money_else_in_the_base_currency() -> None:
    world = giving(reward("coffee", cost={"SGD": "4.50", "IDR": "50000.00"}), reward("tea", cost={"SGD": "2.00"}),
                   then=(GIVE, {"reward": "tea"}))  # fmt: skip
    world.member("ina", "ID")
    world.outcome(subject="ina")
    assert (balance("redeemed:coffee", "IDR"), balance("redeemed:coffee"), balance("redeemed:tea")) == (5000000, 0, 200)


def test_a_used_voucher_stays_is_reported_and_keeps_its_place_in_limits() -> None:
    world = giving(limits=[{"per_member": {"times": 1}}], budgets=[{"code": "root", "money": {"SGD": "99.00"}}])
    world.outcome(key="one")
    use(Voucher.objects.get())
    (effect,) = take(world, "one")["effects"]
    assert (effect["amount"], effect["state"]) == (0, "used")
    assert (Voucher.objects.get().state, balance("redeemed:coffee")) == ("used", 450)
    assert kinds(world.outcome()) == [("reward", "limit")]


def test_a_voucher_that_an_outlet_voided_is_gone_when_its_award_is_undone() -> None:
    world = giving(limits=[{"per_member": {"times": 1}}], budgets=[{"code": "root", "money": {"SGD": "10.00"}}])
    world.outcome(key="one")
    Voucher.objects.update(state="void", voided_at=NOW)
    (effect,) = take(world, "one")["effects"]
    assert (effect["amount"], effect["state"]) == (-1, "void")
    assert (balance("budget:root"), balance("redeemed:coffee")) == (1000, 0)
    assert kinds(world.outcome()) == [("reward", "")]


def test_a_voided_voucher_frees_its_place_in_limits() -> None:
    world = giving(limits=[{"per_member": {"times": 1}}])
    world.outcome(key="one")
    assert kinds(world.outcome()) == [("reward", "limit")]
    take(world, "one")
    assert kinds(world.outcome()) == [("reward", "")]


def test_a_partial_reversal_leaves_the_voucher_until_nothing_remains() -> None:
    world = giving()
    world.outcome(key="one")
    assert take(world, "one", "40.00")["effects"] == []
    assert Voucher.objects.get().state == "ready"
    assert [one["kind"] for one in take(world, "one")["effects"]] == ["reward"]
    assert Voucher.objects.get().state == "void"


def test_a_milestone_that_is_lost_takes_its_voucher() -> None:
    world = giving(rules=[goal_rule("g", {"count": True, "window": "campaign"}, step(2, GIVE))])
    world.outcome(key="one")
    assert kinds(world.outcome(key="two")) == [("reward", "")]
    body = take(world, "one")
    assert [(one["kind"], one["reach"], one["state"]) for one in body["effects"]] == [("reward", 2, "void")]
    assert kinds(world.outcome(key="three")) == [("reward", "")]
    assert sorted(Voucher.objects.values_list("state", flat=True)) == ["ready", "void"]


def test_the_same_event_again_gives_no_second_voucher() -> None:
    world = giving()
    first = world.outcome(key="one")
    (again,) = world.send(world.event(key="one"))
    assert again.duplicate
    assert again.body is not None
    assert again.body["effects"] == first["effects"]
    assert Voucher.objects.count() == 1


def test_a_held_out_member_gets_no_voucher_but_a_ghost() -> None:
    world = giving(holdout=100, budgets=[{"code": "root", "money": {"SGD": "10.00"}}])
    assert kinds(world.outcome(key="one")) == []
    assert list(GhostAward.objects.values_list("kind", "unit", "amount")) == [("reward", "coffee", 1)]
    assert (Voucher.objects.count(), balance("budget:root")) == (0, 1000)
    take(world, "one")
    assert not GhostAward.objects.exists()


@pytest.mark.parametrize("given", [
    reward("coffee", markets=["ID"]), reward("coffee", stock={"supplier": "s", "sku": "x"}),
    reward("coffee", stock="codes"),
], ids=["other market", "supplier", "no codes"])  # fmt: skip
def test_a_reward_that_cannot_be_had_is_refused(given: dict[str, Any]) -> None:
    world = giving(given, then=(GIVE, fixed(1)))
    assert kinds(world.outcome()) == [("points", ""), ("reward", "not-available")]
    assert not Voucher.objects.exists()


def test_a_reward_that_gets_denominations_later_is_given_no_more() -> None:
    world = giving(then=(GIVE, fixed(1)))
    assert kinds(world.outcome()) == [("reward", ""), ("points", "")]
    Reward.objects.update(points=None, denominations=[{"value": "10.00", "currency": "SGD", "points": 1000}])
    assert kinds(world.outcome()) == [("points", ""), ("reward", "not-available")]
    assert Voucher.objects.count() == 1


def test_tiers_and_limits_of_buying_do_not_gate_what_a_rule_gives() -> None:
    tiers = {"review": {"window": "rolling_12_months"}, "downgrade": {"style": "never"}, "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 99}},
    ]}  # fmt: skip
    world = giving(reward("coffee", tiers=["gold"], per_member={"times": 1}), tiers=tiers)
    assert kinds(world.outcome()) == kinds(world.outcome()) == [("reward", "")]


def stocked(codes: int, **more: Any) -> World:
    world = giving(reward("coffee", stock="codes", cost={"SGD": "1.00"}), **more)
    stock_codes(reward=Reward.objects.get(), codes=[f"PARTNER-{number}" for number in range(codes)])
    return world


def test_codes_are_given_in_their_order_until_there_are_none() -> None:
    world = stocked(2)
    answers = world.send(*[world.event() for _ in range(3)])
    assert [kinds(one.body) for one in answers if one.body] == [
        [("reward", "")], [("reward", "")], [("reward", "not-available")]
    ]  # fmt: skip
    issued = Voucher.objects.order_by("issued_at", "event_id")
    assert [(decrypted(one.cipher), one.state) for one in issued] == [("PARTNER-0", "ready"), ("PARTNER-1", "ready")]
    assert balance("redeemed:coffee") == 200


def test_a_code_that_was_voided_is_never_given_again() -> None:
    world = stocked(1)
    world.outcome(key="one")
    take(world, "one")
    assert kinds(world.outcome()) == [("reward", "not-available")]


def test_reversals_between_do_not_change_who_gets_the_last_code() -> None:
    world = stocked(2)
    world.member("bob")
    bob = {"subject": "bob"}
    events = [
        world.event(key="a1"), world.event(key="b1", **bob), world.reversal("a1", key="x"),
        world.event(key="a2"), world.event(key="b2", **bob),
    ]  # fmt: skip
    times = [(NOW - timedelta(hours=1) + timedelta(minutes=number)).isoformat() for number in range(5)]
    answers = world.send(*[event | {"time": time} for event, time in zip(events, times, strict=True)])
    assert [kinds(one.body) for one in answers if one.body] == [
        [("reward", "")], [("reward", "")], [("reward", "")], *[[("reward", "not-available")]] * 2
    ]  # fmt: skip


def test_deleting_a_card_deletes_its_history() -> None:
    """Taken out of the catalogue, a reward is not given any more; vouchers that members have stay good."""
    world = giving()
    world.outcome(key="one")
    Reward.objects.update(retired=True)
    world.program.refresh_from_db()
    current_configuration(world.program.pk)
    assert kinds(world.outcome()) == [("reward", "not-available")]
    assert Voucher.objects.get().state == "ready"
    with pytest.raises(Exception, match="protected"):
        Reward.objects.all().delete()
    assert Voucher.objects.count() == 1
