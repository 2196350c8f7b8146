import time

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHOSE
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS

from members.models import Member, Notice
from tests.campaigns.world import World, everyday
from tests.loyalty.portal import Visitor, portal_world, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return portal_world(everyday())


@pytest.fixture
def ann(world: World) -> Visitor:
    return visit(world, world.member("ann", name="Ann Tan", email="ann@example.com"))


def stored(visitor: Visitor) -> Member:
    return Member.objects.select_related("identity").get(pk=visitor.member.pk)


def recently(visitor: Visitor) -> None:
    """Let the visitor have proven just now who she is."""
    session = visitor.client.session
    session[METHODS] = [{"method": "password", "at": time.time(), "username": "ann@example.com"}]
    session[WHOSE] = session["_auth_user_id"]
    session.save()


def test_details_are_changed_by_the_member(ann: Visitor) -> None:
    assert ann.post("profile/", name="Ann Lim", birth_date="1990-05-17", language="vi") == 302
    member = stored(ann)
    assert (member.identity.name, str(member.identity.birth_date), member.language) == ("Ann Lim", "1990-05-17", "vi")


def test_a_birth_date_is_given_once(ann: Visitor) -> None:
    ann.post("profile/", birth_date="1990-05-17")
    assert ann.post("profile/", birth_date="1991-01-01") == 422
    assert str(stored(ann).identity.birth_date) == "1990-05-17"


def test_consents_are_given_and_withdrawn(ann: Visitor) -> None:
    ann.post("profile/", consents="1", marketing="on", profiling="on")
    assert stored(ann).consents == ["marketing", "profiling"]
    ann.post("profile/", consents="1", profiling="on")
    assert stored(ann).consents == ["profiling"]


def test_a_frozen_member_can_still_withdraw_a_consent(ann: Visitor) -> None:
    ann.post("profile/", consents="1", marketing="on")
    Member.objects.filter(pk=ann.member.pk).update(status=Member.Status.FROZEN)
    assert ann.post("profile/", name="Somebody Else") == 422
    assert ann.post("profile/", consents="1") == 302
    member = stored(ann)
    assert (member.identity.name, member.consents) == ("Ann Tan", [])


def test_nobody_changes_what_is_not_theirs_to_change(ann: Visitor) -> None:
    ann.post("profile/", name="Ann Lim", kyc="verified", status="active", external_id="zoe", market="ID")
    member = stored(ann)
    assert (member.kyc, member.external_id, member.market.code) == ("none", "ann", "SG")


def test_deleting_oneself_takes_a_fresh_proof_of_who_one_is(ann: Visitor) -> None:
    answer = ann.client.post("/p/demo/profile/leave/", {"number": "ann"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    assert stored(ann).status == Member.Status.ACTIVE


def test_deleting_oneself_takes_the_member_number(ann: Visitor) -> None:
    recently(ann)
    assert ann.post("profile/leave/", number="bob") == 422
    assert stored(ann).status == Member.Status.ACTIVE


def test_who_deletes_herself_is_gone_and_signed_out(ann: Visitor) -> None:
    recently(ann)
    assert ann.post("profile/leave/", number="ann") == 302
    assert Member.objects.get(pk=ann.member.pk).status == Member.Status.ERASED
    answer = ann.client.get("/p/demo/profile/")
    assert answer.headers["Location"].startswith("/p/demo/sign-in/")


def test_only_one_s_own_notices_are_marked_as_read(world: World, ann: Visitor) -> None:
    zoe = world.member("zoe")
    for member in (ann.member, zoe):
        Notice.objects.create(member=member, kind="welcome", key="welcome", at=member.enrolled_at)
    ann.post("notices/")
    assert list(Notice.objects.filter(read_at=None).values_list("member__external_id", flat=True)) == ["zoe"]
