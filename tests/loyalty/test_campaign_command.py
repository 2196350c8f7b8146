"""``manage.py campaign``: steps by people with the right to, refusals in sentences, exit codes."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign, CampaignStep
from core.models import User
from dealers.models import StaffRole
from loyalty.operations.campaign_life import steps_for
from tests.campaigns.world import World, campaign, document, fixed, make_world, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    one = make_world(campaign("c", rule("r", fixed(10)), state="draft"))
    for name, role in (("mia", "marketer"), ("sam", "campaign_approver"), ("fay", "finance")):
        StaffRole.objects.create(user=User.objects.create_user(name), program=one.program, role=role)
    return one


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = StringIO()
    try:
        call_command("campaign", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    except CommandError as wrong:
        return wrong.returncode, str(wrong)
    return 0, out.getvalue()


def state() -> str:
    return Campaign.objects.values_list("state", flat=True).get(code="c", program__code="demo")


def test_a_campaign_is_taken_from_draft_to_its_end(world: World) -> None:
    assert run("check", "c") == (0, "demo/c can be published.\n")
    for action, by, said in [
        ("submit", "mia", "in review"), ("reject", "sam", "draft"), ("submit", "mia", "in review"),
        ("approve", "sam", "live"), ("pause", "sam", "paused"), ("resume", "mia", "live"), ("end", "mia", "ended"),
    ]:  # fmt: skip
        assert run(action, "c", "--program", "demo", "--by", by, "--reason", "because") == (0, f"demo/c is {said}.\n")
    assert CampaignStep.objects.filter(because="because", by__isnull=False).count() == 7


@pytest.mark.parametrize(
    ("before", "action", "by", "said"),
    [
        ("draft", "approve", "sam", "The campaign is Draft; this can only be done when it is: In review."),
        ("draft", "submit", "sam", "sam may not do this: it needs the permission campaigns.change"),
        ("in_review", "approve", "mia", "mia may not do this: it needs the permission campaigns.approve"),
        ("in_review", "reject", "mia", "mia may not do this: it needs the permission campaigns.approve"),
        ("live", "pause", "fay", "fay may not do this: it needs the permission campaigns.change / campaigns.approve"),
        ("paused", "resume", "fay", "fay may not do this"),
        ("live", "end", "fay", "fay may not do this"),
        ("ended", "resume", "mia", "The campaign is Ended; this can only be done when it is: Paused."),
    ],
)
def test_what_is_refused_changes_nothing_and_says_why(
    world: World, before: str, action: str, by: str, said: str
) -> None:
    Campaign.objects.filter(code="c").update(state=before)
    code, text = run(action, "c", "--by", by)
    assert (code, state(), CampaignStep.objects.count()) == (1, before, 0)
    assert said in text
    assert "Nothing was changed." in text


def test_nobody_approves_alone_superusers_neither(world: World) -> None:
    User.objects.create_superuser("boss")
    assert run("submit", "c", "--by", "boss")[0] == 0
    code, text = run("approve", "c", "--by", "boss")
    assert (code, state()) == (1, "in_review")
    assert "Somebody else than who submitted the campaign must approve it." in text


def test_a_role_for_one_place_launches_nothing_for_the_whole_program(world: World) -> None:
    region = world.program.regions.get()
    StaffRole.objects.filter(user__username="mia").update(region=region)
    assert run("submit", "c", "--by", "mia")[0] == 1


def test_a_role_in_another_program_does_not_count(world: World) -> None:
    other = make_world(campaign("c", rule("r", fixed(1)), state="draft"), program={"code": "other"})
    assert run("submit", "c", "--program", "other", "--by", "mia")[0] == 1
    code, text = run("submit", "c", "--by", "mia")
    assert (code, text) == (2, "Several programs have a campaign c; say --program: demo, other.")
    assert Campaign.objects.get(program=other.program).state == "draft"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("submit", "x", "--by", "mia"), "There is no campaign x."),
        (("check", "c", "--program", "nowhere"), "There is no campaign c in program nowhere."),
        (("submit", "c", "--by", "nobody"), "There is no user nobody."),
    ],
)
def test_what_is_unknown_is_said_so(world: World, arguments: tuple[str, ...], said: str) -> None:
    assert run(*arguments) == (2, said)


def test_the_check_says_everything_that_is_wrong() -> None:
    make_world(
        campaign("c", rule("r", fixed(10)), state="draft", budget={"points": 5}), program={"languages": ["en", "id"]}
    )
    code, text = run("check", "c")
    assert (code, [line.split(":")[:2] for line in text.splitlines()[:-1]]) == (
        1, [["error", " rules[0].then[0]"], ["error", " name"]],
    )  # fmt: skip
    assert text.endswith("demo/c cannot be published.\n")


def test_doubts_are_said_to_who_submits_and_who_approves(world: World) -> None:
    mine = campaign("c", rule("r", fixed(10)), state="draft", stack="bonus")
    world.reload(document(mine, campaign("d", rule("r", fixed(1)), stack="bonus")))
    doubt = "warning: stack: Only one campaign of the group bonus pays for an event; these run at the same time: d\n"
    assert run("submit", "c", "--by", "mia") == (0, f"{doubt}demo/c is in review.\n")
    assert run("approve", "c", "--by", "sam") == (0, f"{doubt}demo/c is live.\n")
    assert run("pause", "c", "--by", "sam") == (0, "demo/c is paused.\n")


def test_programs_get_json(world: World) -> None:
    def said(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--json")[1])

    facts = {"program": "demo", "campaign": "c", "version": 1}
    assert said("check", "c") == {**facts, "state": "draft", "ok": True, "findings": []}
    assert said("submit", "c", "--by", "mia") == {
        **facts, "state": "in_review", "ok": True, "action": "submit", "by": "mia", "reason": "", "warnings": [],
    }  # fmt: skip
    refused = said("pause", "c", "--by", "mia")
    assert (refused["ok"], refused["state"], refused["errors"][0]["path"]) == (False, "in_review", "/state")


def test_only_the_steps_that_may_be_taken_are_offered(world: World) -> None:
    one = Campaign.objects.get(code="c")
    mia, sam, fay = (User.objects.get(username=name) for name in ("mia", "sam", "fay"))
    assert [steps_for(user, one) for user in (mia, sam, fay)] == [["submit"], [], []]
    one.state = Campaign.State.IN_REVIEW
    assert [steps_for(user, one) for user in (mia, sam, fay)] == [[], ["approve", "reject"], []]
    one.state = Campaign.State.LIVE
    assert [steps_for(user, one) for user in (mia, sam, fay)] == [["pause", "end"], ["pause", "end"], []]
