"""Reviewing referrals by command and in the office: only with the right to, with evidence, and kept."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core.models import User
from dealers.models import StaffRole
from members.models import Referral, ReferralReview
from members.services.changes import patch_member
from tests.campaigns.derived import settle
from tests.campaigns.referring import friend, pay, points, referral_world, state
from tests.campaigns.world import NOW, World
from tests.loyalty.people import sign_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A friend on the referrer's device, who has paid."""
    world = referral_world()
    patch_member(program=world.program, reference="ann", changes={"signals": {"device": "d"}}, at=NOW)
    friend(world, signals={"device": "d"})
    pay(world)
    for name, role in (("sam", "campaign_approver"), ("mia", "marketer")):
        user = User.objects.create_user(name, is_staff=True)
        StaffRole.objects.create(user=user, program=world.program, role=role)
    return world


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = StringIO()
    try:
        call_command("referral", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    except CommandError as wrong:
        return wrong.returncode, str(wrong)
    return 0, out.getvalue()


def office(name: str) -> Client:
    return sign_in_staff(Client(), User.objects.get(username=name))


def page(name: str = "change") -> str:
    return reverse(f"admin:members_referral_{name}", args=[Referral.objects.get().pk])


def test_the_command_lists_what_is_held_with_its_evidence(world: World) -> None:
    code, printed = run("list", "demo", "--json")
    (row,) = json.loads(printed)
    assert (code, row["friend"], row["referrer"], row["state"], row["reason"]) == (0, "ben", "ann", "held", "device")
    assert [seen["guard"] for seen in row["evidence"]] == ["device"]
    assert "held (device): ben brought by ann" in run("list", "demo")[1]
    assert run("list", "demo", "--state", "rewarded") == (0, "There are none.\n")


@pytest.mark.parametrize("named", ["id", "demo/ben"])
def test_the_command_approves_for_who_may(world: World, named: str) -> None:
    name = str(Referral.objects.get().uuid) if named == "id" else named
    code, printed = run("approve", name, "--by", "mia", "--reason", "a couple", "--json")
    assert (code, json.loads(printed)["ok"], ReferralReview.objects.count()) == (1, False, 0)
    code, printed = run("approve", name, "--by", "sam", "--reason", "a couple", "--json")
    settle()
    assert (code, json.loads(printed)["state"], state(world)[0], points(world)) == (0, "qualified", "rewarded", 500)
    assert run("approve", name, "--by", "sam", "--reason", "again")[0] == 1
    assert points(world) == 500


def test_the_command_says_what_it_does_not_know(world: World) -> None:
    for arguments in (
        ("list", "nothing"),
        ("approve", "demo/nobody", "--by", "sam", "--reason", "x"),
        ("reject", "demo/ben", "--by", "nobody", "--reason", "x"),
        ("reject", "no-id", "--by", "sam", "--reason", "x"),
    ):
        assert run(*arguments)[0] == 2, arguments
    assert state(world) == ("held", "device")


def test_the_list_says_the_verdict_and_why(world: World) -> None:
    shown = office("sam").get(reverse("admin:members_referral_changelist")).content.decode()
    (row,) = [line for line in shown.split("<tr") if "field-shown_reason" in line]
    assert "Held for review" in row
    assert "The same device" in row
    assert state(world) == ("held", "device")


def test_the_office_shows_the_evidence_and_takes_the_decision_of_who_may(world: World) -> None:
    shown = office("sam").get(page()).content.decode()
    assert "The same device" in shown
    assert 'value="approve"' in shown
    assert 'value="reject"' in shown
    answer = office("sam").post(page("review"), {"decision": "reject", "because": "one person"})
    assert (answer.status_code, state(world)) == (302, ("refused", "review"))
    review = ReferralReview.objects.get()
    assert (review.decision, review.by.username, review.because) == ("reject", "sam", "one person")
    assert "one person" in office("sam").get(page()).content.decode()


def test_who_may_decide_lands_at_what_waits_and_nobody_else(world: World) -> None:
    def waiting(name: str) -> Any:
        panels = office(name).get("/office/").context["panels"]
        return next((panel for panel in panels if panel["template"].endswith("/referrals.html")), None)

    assert 'data-test="held-referrals"' in office("sam").get("/office/").content.decode()
    assert [(one["row"].friend.external_id, str(one["why"])) for one in waiting("sam")["rows"]] == [
        ("ben", "The same device")
    ]
    assert (waiting("sam")["count"], waiting("mia")) == (1, None)
    office("sam").post(page("review"), {"decision": "reject", "because": "one person"})
    assert (waiting("sam")["rows"], waiting("sam")["count"]) == ([], 0)


def test_who_may_only_look_decides_nothing(world: World) -> None:
    shown = office("mia").get(page()).content.decode()
    assert "The same device" in shown
    assert 'value="approve"' not in shown
    assert office("mia").post(page("review"), {"decision": "approve", "because": "x"}).status_code == 404
    assert (state(world), ReferralReview.objects.count()) == (("held", "device"), 0)


def test_a_decision_without_a_reason_is_refused(world: World) -> None:
    for wrong in (" ", "x" * 501, "a\0b", "a\nb"):
        answer: Any = office("sam").post(page("review"), {"decision": "approve", "because": wrong}, follow=True)
        assert "Say why, in one line of at most 500 characters." in answer.content.decode()
    assert (state(world), points(world)) == (("held", "device"), 0)


def test_the_members_page_tells_of_friends(world: World) -> None:
    ann = Referral.objects.get().referrer
    shown = office("mia").get(f"/office/members/member/{ann.pk}/change/?tab=referrals").content.decode()
    assert "ben" in shown
    assert "Held for review" in shown
