"""Steps in the life of campaigns, taken in the back office."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignStep
from core.models import User
from dealers.models import StaffRole
from tests.campaigns.world import World, campaign, document, fixed, make_world, rule
from tests.loyalty.people import office_client, sign_in_staff

pytestmark = pytest.mark.django_db
PARTS = {f"{part}-{count}_FORMS": "0" for part in ("steps", "versions") for count in ("TOTAL", "INITIAL")}


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


def test_a_campaigns_page_begins_with_what_it_is(world: World) -> None:
    shown = office(world, "marketer").get(page()).content.decode()
    head = shown.index('data-test="campaign"')
    assert ">c</h2>" in shown[head : head + 500]
    assert "Draft" in shown[head : head + 1500]
    assert head < shown.index('value="submit"')


@pytest.mark.parametrize("wrong", ["x" * 501, "a\0b"])
def test_a_step_whose_reason_cannot_be_kept_is_not_taken(world: World, wrong: str) -> None:
    maker = office(world, "marketer")
    answer = maker.post(page("step"), {"action": "submit", "because": wrong}, follow=True)
    assert "Say why, in one line of at most 500 characters." in answer.content.decode()
    assert (stored().state, CampaignStep.objects.exists()) == ("draft", False)
    assert maker.post(page("step"), {"action": "submit", "because": " "}).status_code == 302
    assert stored().state == "in_review"


def test_a_step_that_is_refused_says_why_and_changes_nothing(world: World) -> None:
    maker = office(world, "marketer")
    Campaign.objects.update(name_en="", name="")
    answer = maker.post(page("step"), {"action": "submit"}, follow=True)
    assert b"The campaign does not pass its check." in answer.content
    assert b"The text is missing in: en" in answer.content
    assert (stored().state, CampaignStep.objects.count()) == ("draft", 0)


def test_what_the_check_finds_is_read_before_it_is_published_and_not_after(world: World) -> None:
    mine = campaign("c", rule("r", fixed(10)), state="draft", stack="bonus", budget={"points": 5})
    world.reload(document(mine, campaign("d", rule("r", fixed(1)), stack="bonus")))
    checker = office(world, "campaign_approver")

    def shown() -> str:
        content = checker.get(page()).content.decode()
        found = content.split('data-test="findings"')[1:]
        return " ".join(found[0].split("</ul>")[0].split()) if found else ""

    for state in ("draft", "in_review"):
        Campaign.objects.filter(code="c").update(state=state)
        error, warning = shown().split("<li>")[1:]
        assert "To be put right before it can go live" in error
        assert "The budget is smaller than one award of this rule." in error
        assert "Worth another look" in warning
        assert "these run at the same time: d" in warning
    Campaign.objects.filter(code="c").update(state="live")
    assert not shown()


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


NEW_TEXTS = {"name_en": "Twice the points", "text_en": "All June", "terms_en": "Once a member"}


def texts() -> tuple[str, str, str]:
    row = stored()
    return row.name, row.text, row.terms


def test_the_texts_of_a_draft_are_corrected_by_who_makes_campaigns(world: World) -> None:
    maker = office(world, "marketer")
    assert b'data-test="fixed"' not in maker.get(page()).content
    assert maker.post(page(), PARTS | NEW_TEXTS).status_code == 302
    assert texts() == ("Twice the points", "All June", "Once a member")


@pytest.mark.parametrize("state", [state.value for state in Campaign.State if state != Campaign.State.DRAFT])
def test_texts_that_a_second_person_reads_or_has_read_are_changed_by_nobody_alone(world: World, state: str) -> None:
    Campaign.objects.update(state=state)
    before = texts()
    for client in (office(world, "marketer"), office(world, "administrator"), office_client()):
        shown = client.get(page()).content
        assert (b'data-test="fixed"' in shown, b"<textarea" in shown) == (True, False)
        assert client.post(page(), PARTS | NEW_TEXTS).status_code == 403
    assert (texts(), stored().state) == (before, state)
    assert b'data-test="fixed"' not in office(world, "support").get(page()).content


def test_a_marketer_of_one_region_changes_no_texts_of_the_whole_program(world: World) -> None:
    user, before = User.objects.create_user("regional", is_staff=True), texts()
    StaffRole.objects.create(
        user=user, program=world.program, role="marketer", region=world.program.regions.get(code="JKT")
    )
    client = sign_in_staff(Client(), user)
    assert client.get(page()).status_code == 200
    assert client.post(page(), PARTS | NEW_TEXTS).status_code == 403
    assert texts() == before


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


def test_lists_filters_and_the_landing_page_go_by_the_state_that_follows_from_dates() -> None:
    world = make_world(
        campaign("begun", rule("r", fixed(1)), state="scheduled"),
        campaign("ahead", rule("r", fixed(1)), state="live", starts="2100-01-01T00:00:00"),
        campaign("over", rule("r", fixed(1)), state="live", ends="2026-02-01T00:00:00"),
    )
    client = office(world, "marketer")
    address = reverse("admin:campaigns_campaign_changelist")
    for state, code in (("live", "begun"), ("scheduled", "ahead"), ("ended", "over")):
        shown = client.get(address, {"state": state}).context["cl"].result_list
        assert [row.code for row in shown] == [code]
    assert "1 campaign is live" in " ".join(client.get("/office/").content.decode().split())
    begun = client.get(reverse("admin:campaigns_campaign_change", args=[Campaign.objects.get(code="begun").pk]))
    assert begun.context["original"].shown == "live"
