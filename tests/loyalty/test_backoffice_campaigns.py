"""Steps in the life of campaigns, taken in the back office."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignStep
from core.models import User
from dealers.models import StaffRole
from tests.campaigns.world import World, campaign, fixed, make_world, rule
from tests.loyalty.people import sign_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(campaign("c", rule("r", fixed(10)), state="draft"))


def office(world: World, role: str) -> Client:
    user = User.objects.create_user(f"{role}-1", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role)
    return sign_in_staff(Client(), user)


def page(name: str = "change") -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[stored().pk])


def stored() -> Campaign:
    return Campaign.objects.get(code="c")


def take(client: Client, action: str) -> int:
    return client.post(page("step"), {"action": action, "because": "it is time"}).status_code


def test_a_campaign_goes_live_by_two_people_who_press_buttons(world: World) -> None:
    maker, checker = office(world, "marketer"), office(world, "campaign_approver")
    assert b'value="submit"' in maker.get(page()).content
    assert b'value="submit"' not in checker.get(page()).content
    assert take(maker, "submit") == 302
    shown = checker.get(page()).content
    assert b'value="approve"' in shown
    assert b'value="reject"' in shown
    assert b"it is time" in shown
    assert take(checker, "approve") == 302
    assert stored().state == "live"
    steps = CampaignStep.objects.order_by("pk").values_list("action", "by__username", "because")
    assert list(steps) == [
        ("submit", "marketer-1", "it is time"), ("approve", "campaign_approver-1", "it is time"),
    ]  # fmt: skip


def test_a_step_that_is_refused_says_why_and_changes_nothing(world: World) -> None:
    maker = office(world, "marketer")
    Campaign.objects.update(name_en="", name="")
    answer = maker.post(page("step"), {"action": "submit"}, follow=True)
    assert b"The campaign does not pass its check." in answer.content
    assert b"The text is missing in: en" in answer.content
    assert (stored().state, CampaignStep.objects.count()) == ("draft", 0)


@pytest.mark.parametrize(
    ("role", "state", "action"),
    [
        ("marketer", "in_review", "approve"), ("campaign_approver", "draft", "submit"), ("finance", "live", "pause"),
        ("leadership", "live", "end"), ("marketer", "ended", "resume"), ("marketer", "draft", "nonsense"),
    ],
)  # fmt: skip
def test_steps_that_are_not_offered_cannot_be_taken(world: World, role: str, state: str, action: str) -> None:
    Campaign.objects.update(state=state)
    assert take(office(world, role), action) == 404
    assert (stored().state, CampaignStep.objects.count()) == (state, 0)


def test_staff_of_another_program_find_no_campaign_to_step_on(world: World) -> None:
    other = make_world(program={"code": "other"})
    assert take(office(other, "marketer"), "submit") == 404
    assert stored().state == "draft"


def test_steps_and_versions_are_shown_whatever_their_ids(world: World) -> None:
    for _number in range(3):
        other = make_world(campaign("c", rule("r", fixed(1)), state="draft"), program={"code": "other"})
        Campaign.objects.filter(program=other.program).delete()
    make_world(campaign("late", rule("r", fixed(1)), state="live"), program={"code": "other"})
    late = Campaign.objects.get(code="late")
    assert CampaignStep.objects.get(campaign=late).pk != late.pk
    shown = office(World(late.program), "support").get(reverse("admin:campaigns_campaign_change", args=[late.pk]))
    assert b'id="versions-group"' in shown.content
    assert b'id="steps-group"' in shown.content
