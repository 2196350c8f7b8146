"""What "why did I get this?" says of awards: what the event really gave, what was cut or refused, by its name."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from campaigns.models import CampaignVersion, Event, Outcome, Trace
from campaigns.selectors.explanations import explained_lines
from campaigns.selectors.names import program_names
from campaigns.selectors.traces import read_traces
from loyalty.display.explanations import Explainer, Tone
from loyalty.display.trace_words import Audience
from tests.campaigns.board_cases import board, entry
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.test_rewards import reward
from tests.campaigns.world import PER_DOLLAR, World, campaign, everyday, fixed, rule
from tests.loyalty.portal import hooked, portal_world, visit

pytestmark = pytest.mark.django_db

COFFEE = reward("coffee", name={"en": "Free coffee", "ar": "قهوة مجانية"})
ELSEWHERE = reward("tea", name={"en": "Jasmine tea"}, markets=["ID"])
COUNT = {"count": True, "window": "campaign"}
SUM = {"sum": "base", "window": "campaign"}
STREAK = goal_rule("streak", COUNT, step(1, fixed(300)), step(2, fixed(600), {"reward": "coffee"}))
GOLD = {"tier": {"to": "gold", "days": 90}}


def given(*rules: dict[str, Any], market: str = "SG", code: str = "bonus", **sections: Any) -> World:
    """A world with one campaign and its member; ``more`` is the campaign's."""
    more = sections.pop("more", {})
    world = portal_world(campaign(code, *rules, **more), **{"rewards": [COFFEE, ELSEWHERE], **sections})
    world.member("ann", market)
    return world


def pay(world: World, *amounts: str, **more: Any) -> list[Event]:
    """Payments, one an hour; the events in their order."""
    for hours, amount in zip(range(len(amounts), 0, -1), amounts, strict=True):
        at = timezone.now() - timedelta(hours=hours)
        (answer,) = world.send(world.event(amount, time=at.isoformat(), **more), at=timezone.now())
        assert answer.refusal is None, answer.refusal
    return list(Event.objects.select_related("outcome", "member__market").order_by("pk"))


def why(world: World, event: Event, audience: Audience = Audience.MEMBER) -> list[tuple[str, str]]:
    """Sentence and figure of each line."""
    told = Explainer(world.program, event.member, program_names(world.program), audience)
    lines = told.explain(event, explained_lines([event.pk])[event.pk])
    return [(plain(one.text), plain(one.figure)) for one in lines]


def page(world: World) -> list[str]:
    """The lines of the member's activity, newest first."""
    ann = world.program.members.get(external_id="ann")
    return [plain(row) for row in hooked(visit(world, ann).get("activity/"), "activity-row")]


def plain(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


# -- what the event gave -------------------------------------------------------------------------


def test_a_rule_with_one_effect_tells_the_points_that_came() -> None:
    world = given(rule("r", fixed(120)))
    (event,) = pay(world, "10.00")
    assert why(world, event) == [("bonus: 120 points", "+120")]
    assert why(world, event, Audience.SUPPORT) == [("bonus: 120 points", "+120")]
    assert why(world, event, Audience.AUDITOR) == [("bonus: 120 points were posted to the wallet", "+120")]
    assert "bonus: 120 points +120" in page(world)[0]


def test_an_amount_that_follows_from_another_is_told_with_how() -> None:
    double = campaign("double", rule("x", {"multiply": {"by": "2"}}))
    back = campaign("back", rule("b", {"cashback": {"percent": "1", "max": {"SGD": "5.00"}}}))
    world = portal_world(everyday(), double, back)
    world.member("ann")
    (event,) = pay(world, "120.50")
    assert why(world, event) == [
        ("back: SGD 1.20 cashback (1% cashback, at most SGD 5.00)", "+SGD 1.20"),
        ("double: 120 points (2 times the points)", "+120"),
        ("everyday: 120 points (1 point for each SGD 1.00)", "+120"),
    ]


def test_a_small_share_is_told_with_its_decimals() -> None:
    world = given(rule("fee", {"cashback": {"percent": "0.3"}}))
    (event,) = pay(world, "120.00")
    assert why(world, event) == [("bonus: SGD 0.36 cashback (0.3% cashback)", "+SGD 0.36")]


def test_what_pays_for_the_first_time_only_says_so() -> None:
    first = {"fact": "event.ordinal", "op": "eq", "value": 1}
    world = given(rule("first", fixed(200), when=first))
    _first, second = pay(world, "10.00", "10.00")
    assert why(world, second) == [("bonus: it pays for the first time only, and this was number 2", "")]


def test_the_currency_of_an_amount_stands_beside_it_and_needs_no_words() -> None:
    large = {"fact": "event.amount_base", "op": "gte", "value": "50.00"}
    world = given(rule("large", fixed(200), when=large))
    (event,) = pay(world, "31.50")
    assert why(world, event) == [("bonus: Amount: SGD 31.50. It takes at least SGD 50.00.", "")]


def test_a_milestone_tells_what_it_gave_and_nothing_of_the_others() -> None:
    world = given(STREAK)
    first, second = pay(world, "10.00", "10.00")
    for audience in (Audience.MEMBER, Audience.SUPPORT):
        assert why(world, first, audience) == [("bonus: 300 points", "+300")]
        assert why(world, second, audience) == [("bonus: 600 points and the reward “Free coffee”", "+600")]
    assert why(world, first, Audience.AUDITOR) == [("bonus: 300 points were posted to the wallet", "+300")]
    assert why(world, second, Audience.AUDITOR) == [
        ("bonus: 600 points were posted to the wallet and a voucher of the reward “Free coffee” was issued", "+600")
    ]
    newest, oldest = page(world)
    assert "bonus: 600 points and the reward “Free coffee” +600" in newest
    assert "bonus: 300 points +300" in oldest
    assert "600" not in oldest


def test_milestones_reached_at_once_are_told_together() -> None:
    world = given(goal_rule("sum", SUM, step("50", fixed(300)), step("100.00", PER_DOLLAR)))
    (event,) = pay(world, "120.00")
    assert why(world, event) == [("bonus: 300 points and 120 points (1 point for each SGD 1.00)", "+420")]


def test_laps_that_give_the_same_are_counted() -> None:
    world = given(goal_rule("lap", {**SUM, "repeat": True}, step("10.00", fixed(5))))
    (event,) = pay(world, "30.00")
    for audience in (Audience.MEMBER, Audience.SUPPORT):
        assert why(world, event, audience) == [("bonus: 5 points (3 times)", "+15")]


@pytest.mark.parametrize(
    ("effect", "told", "posted"),
    [
        ({"badge": "first-bill"}, "the badge “First bill”", "the badge “First bill” was given"),
        (GOLD, "the tier Gold", "the tier Gold was granted"),
        ({"reward": "coffee"}, "the reward “Free coffee”", "a voucher of the reward “Free coffee” was issued"),
        (entry(), "an entry in the contest “Spring race”", "an entry in the contest “Spring race” was made"),
    ],
)
def test_things_are_told_by_their_names(effect: dict[str, Any], told: str, posted: str) -> None:
    contest = board(name={"en": "Spring race"})
    world = given(rule("r", effect), code="race", more={"ends": "2099-01-01T00:00:00"}, leaderboards=[contest])
    (event,) = pay(world, "10.00")
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(f"race: {told}", "")]
    assert why(world, event, Audience.AUDITOR) == [(f"race: {posted}", "")]
    assert f"race: {told}" in page(world)[0]
    assert told in visit(world, event.member).text("earn/")  # where it is promised it has the same name


def test_a_reward_has_the_name_that_it_has_in_the_readers_language() -> None:
    world = given(rule("r", {"reward": "coffee"}))
    (event,) = pay(world, "10.00")
    with translation.override("ar"):
        ((text, _figure),) = why(world, event)
    assert "قهوة مجانية" in text


def test_no_line_of_the_activity_costs_a_query_for_its_names() -> None:
    world = given(STREAK, rule("tea", {"reward": "tea"}), rule("r", {"reward": "coffee"}, {"badge": "first-bill"}))
    ann = visit(world, world.program.members.get())
    pay(world, "10.00")
    one = ann.queries("activity/")
    pay(world, "10.00", "10.00", "10.00")
    assert ann.queries("activity/") == one
    with CaptureQueriesContext(connection) as caught:
        program_names(world.program)
    assert len(caught) == 0


# -- what was cut or refused ---------------------------------------------------------------------


def test_a_reward_that_is_not_available_is_told_beside_what_came() -> None:
    world = given(rule("r", fixed(200), {"reward": "tea"}))
    (event,) = pay(world, "10.00")
    text = "bonus: 200 points. Not given: the reward “Jasmine tea” (it is not available)"
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(text, "+200")]
    assert why(world, event, Audience.AUDITOR) == [
        (
            "bonus: 200 points were posted to the wallet. Not given: the reward “Jasmine tea” (it is not available)",
            "+200",
        )
    ]
    assert f"{text} +200" in page(world)[0]


def test_members_hear_that_all_a_rule_gives_is_not_available() -> None:
    world = given(rule("r", {"reward": "tea"}))
    (event,) = pay(world, "10.00")
    text = "bonus: what it gives is not available. Not given: the reward “Jasmine tea”"
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(text, "")]
    assert why(world, event, Audience.AUDITOR)[0][0].endswith("Not given: the reward “Jasmine tea”")
    assert text in page(world)[0]


def test_members_hear_nothing_of_messages_that_are_not_sent_yet() -> None:
    hello = {"message": "hello"}
    texts = {
        "code": "hello",
        "purpose": "service",
        "channels": ["inbox"],
        "subject": {"en": "Hi"},
        "body": {"en": "Hi"},
    }
    world = given(rule("quiet", hello), rule("r", fixed(5), hello), messages=[texts])
    (event,) = pay(world, "10.00")
    assert why(world, event) == [("bonus: 5 points", "+5")]
    assert why(world, event, Audience.SUPPORT) == [
        ("bonus: 5 points. Not given: a message (it is not available)", "+5"),
        ("bonus: what it gives is not available. Not given: a message", ""),
    ]


def test_a_limit_that_cut_points_is_told_to_everybody() -> None:
    world = given(rule("r", fixed(120), limits=[{"per_member": {"points": 100}}]))
    (event,) = pay(world, "10.00")
    cut = "A limit left 100 of 120 points."
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(f"bonus: 100 points. {cut}", "+100")]
    assert why(world, event, Audience.AUDITOR) == [(f"bonus: 100 points were posted to the wallet. {cut}", "+100")]
    assert f"bonus: 100 points. {cut} +100" in page(world)[0]


def test_a_limit_that_cut_money_is_told_in_money() -> None:
    back = {"cashback": {"fixed": {"SGD": "5.00"}}}
    world = given(rule("r", back, limits=[{"per_member": {"money": {"SGD": "3.00"}}}]))
    (event,) = pay(world, "10.00")
    assert why(world, event) == [("bonus: SGD 3.00 cashback. A limit left SGD 3.00 of SGD 5.00.", "+SGD 3.00")]


def test_a_budget_that_refused_one_effect_is_not_called_a_limit() -> None:
    world = given(rule("r", fixed(100), fixed(600)), budgets=[{"code": "root", "points": 200}])
    (event,) = pay(world, "10.00")
    text = "bonus: 100 points. Not given: 600 points (its budget is used up)"
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(text, "+100")]
    assert f"{text} +100" in page(world)[0]


def test_an_award_that_a_budget_refused_is_told_with_its_reason() -> None:
    world = given(rule("r", fixed(600)), budgets=[{"code": "root", "points": 200}])
    (event,) = pay(world, "10.00")
    text = "bonus: its budget is used up. Not given: 600 points"
    assert why(world, event) == why(world, event, Audience.SUPPORT) == [(text, "")]
    assert text in page(world)[0]


def test_refusals_of_different_reasons_are_told_one_by_one() -> None:
    world = given(rule("r", fixed(600), {"reward": "tea"}), budgets=[{"code": "root", "points": 200}])
    (event,) = pay(world, "10.00")
    points, thing = "600 points (its budget is used up)", "the reward “Jasmine tea” (it is not available)"
    assert why(world, event) == [(f"bonus: Not given: {points}. Not given: {thing}", "")]


# -- where nothing came --------------------------------------------------------------------------


def test_a_goal_that_grew_tells_its_next_step_alone() -> None:
    world = given(goal_rule("streak", COUNT, step(2, fixed(300)), step(4, fixed(600))))
    first, _second, third = pay(world, "10.00", "10.00", "10.00")
    grew = "bonus: counted toward the goal. The next step gives"
    for audience in (Audience.MEMBER, Audience.SUPPORT):
        assert why(world, first, audience) == [(f"{grew} 300 points", "")]
        assert why(world, third, audience) == [(f"{grew} 600 points", "")]
    assert why(world, third, Audience.AUDITOR)[0][0].endswith("so nothing was due. The next step gives 600 points")


def test_a_goal_whose_steps_are_all_done_promises_nothing() -> None:
    world = given(goal_rule("streak", COUNT, step(1, fixed(300))))
    *_, second = pay(world, "10.00", "10.00")
    assert why(world, second) == [("bonus: counted toward the goal", "")]


def test_a_rule_that_found_nothing_to_give_does_not_say_it_gave() -> None:
    world = given(rule("badge", {"badge": "first-bill"}), rule("base", PER_DOLLAR))
    first, second = pay(world, "0.10", "10.00")
    assert why(world, first) == [
        ("bonus: the badge “First bill”", ""),
        ("bonus: nothing this time. It gives 1 point for each SGD 1.00", "0"),
    ]
    assert why(world, second) == [
        ("bonus: 10 points (1 point for each SGD 1.00)", "+10"),
        ("bonus: nothing this time. It gives the badge “First bill”", "0"),
    ]


def test_a_milestone_that_found_nothing_to_give_tells_the_next_one() -> None:
    badge = {"badge": "first-bill"}
    world = given(goal_rule("steps", COUNT, step(1, badge), step(2, badge), step(3, fixed(5))))
    _first, second = pay(world, "10.00", "10.00")
    assert why(world, second) == [("bonus: nothing this time. The next step gives 5 points", "0")]


# -- what was corrected since --------------------------------------------------------------------


def corrected(event: Event, *effects: dict[str, Any], amount: int | None = None) -> None:
    """What a re-rating leaves of an outcome: another amount, and effects of the version that is right."""
    if amount is not None:
        event.outcome.answer["effects"][0]["amount"] = amount
    event.outcome.answer["effects"] += effects
    event.outcome.save(update_fields=["answer"])


def test_a_corrected_award_is_told_as_it_is_now_and_not_as_cut_by_a_limit() -> None:
    world = given(rule("r", fixed(120)))
    (event,) = pay(world, "10.00")
    corrected(event, amount=100)
    assert why(world, event) == [("bonus: 100 points", "+100")]


def test_an_award_that_a_correction_took_whole_is_not_told_as_given() -> None:
    world = given(rule("r", fixed(120)))
    (event,) = pay(world, "10.00")
    corrected(event, amount=0)
    assert why(world, event) == [("bonus: nothing this time. It gives 120 points", "0")]


def test_an_award_that_a_correction_gave_is_told_where_the_rule_had_not_fired() -> None:
    large = {"fact": "event.amount", "op": "gte", "value": "50.00"}
    world = given(rule("r", fixed(5), when=large))
    (event,) = pay(world, "10.00")
    late = {"kind": "points", "campaign": "bonus", "rule": "r", "version": 2, "amount": 7, "desired": 7}
    corrected(event, late)
    told = Explainer(world.program, event.member, program_names(world.program), Audience.MEMBER)
    (sentence,) = told.explain(event, explained_lines([event.pk])[event.pk])
    assert (sentence.tone, sentence.text, sentence.figure) == (Tone.GIVEN, "bonus: 7 points", "+7")


# -- rules without conditions --------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["condition", "not-in-audience", "goal-progress", ""])
def test_a_line_whose_rule_has_no_condition_is_explained(reason: str) -> None:
    """Whatever leaf a line names, a version without conditions has none to tell."""
    world = given(rule("r", fixed(5)))
    (event,) = pay(world, "10.00")
    version = CampaignVersion.objects.get()
    assert "when" not in version.definition["rules"][0]
    line = [0, version.pk, 0, reason, 0, "10.00", None, None]
    Outcome.objects.filter(pk=event.pk).update(fired=[] if reason else [line])
    Trace.objects.create(event=event, recorded_on=event.day, lines=[line] if reason else [])
    (explained,) = explained_lines([event.pk])[event.pk]
    (traced,) = read_traces([event.pk])[event.pk]
    assert (explained.failed, traced["failed"]) == (None, None)
    for audience in Audience:
        ((text, _figure),) = why(world, event, audience)
        assert text.startswith("bonus: 5 points")
