import re
import time

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHOSE
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from allauth.account.models import EmailAddress
from django.core import mail

from core.models import User
from members.models import ConsentChange, Member, Notice
from members.services.changes import patch_member
from tests.campaigns.world import NOW, World, everyday
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


def test_what_a_member_cannot_change_is_no_field(ann: Visitor) -> None:
    page = ann.get("profile/")
    assert ('name="name"' in page, 'name="birth_date"' in page) == (True, True)
    ann.post("profile/", birth_date="1990-05-17")
    Member.objects.filter(pk=ann.member.pk).update(kyc=Member.Kyc.VERIFIED)
    page = ann.get("profile/")
    assert ('name="name"' in page, 'name="birth_date"' in page) == (False, False)
    assert {"Name Ann Tan", "17 May 1990"} == {
        said for said in ("Name Ann Tan", "17 May 1990") if said in ann.text("profile/")
    }
    assert ann.post("profile/", language="vi") == 302
    assert stored(ann).identity.name == "Ann Tan"


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


def test_a_member_freezes_the_membership_at_once_and_opens_it_with_a_fresh_proof(ann: Visitor) -> None:
    assert ann.post("profile/freeze/") == 302
    assert (stored(ann).status, stored(ann).froze_self) == ("frozen", True)
    assert ann.post("profile/", name="Somebody Else") == 422
    assert "Open it again" in ann.text("profile/freeze/")
    assert ann.client.post("/p/demo/profile/freeze/", {"open": "1"}).headers["Location"].startswith("/account/")
    assert stored(ann).status == "frozen"
    recently(ann)
    assert ann.post("profile/freeze/", open="1") == 302
    assert (stored(ann).status, stored(ann).froze_self) == ("active", False)


def test_nobody_opens_a_membership_that_the_program_froze(world: World, ann: Visitor) -> None:
    ann.post("profile/freeze/")
    patch_member(program=world.program, reference="ann", changes={"status": "frozen"}, at=NOW)
    recently(ann)
    ann.post("profile/freeze/", open="1")
    assert (stored(ann).status, stored(ann).froze_self) == ("frozen", False)
    assert "Open it again" not in ann.text("profile/freeze/")


def test_every_consent_given_and_withdrawn_is_kept_shown_and_taken_along(ann: Visitor) -> None:
    ann.post("profile/", consents="1", marketing="on", profiling="on")
    ann.post("profile/", consents="1", profiling="on")
    ann.post("profile/", consents="1", profiling="on")
    kept = [("marketing", True), ("profiling", True), ("marketing", False)]
    assert list(ConsentChange.objects.order_by("id").values_list("purpose", "given")) == kept
    assert ann.text("profile/").count("News and offers: ") == 2
    taken = ann.client.get("/p/demo/profile/my-data.json").json()["consents"]
    assert [(one["purpose"], one["given"]) for one in taken] == kept


def test_nobody_changes_what_is_not_theirs_to_change(ann: Visitor) -> None:
    ann.post("profile/", name="Ann Lim", kyc="verified", status="active", external_id="zoe", market="ID")
    member = stored(ann)
    assert (member.kyc, member.external_id, member.market.code) == ("none", "ann", "SG")


def test_deleting_oneself_takes_a_fresh_proof_of_who_one_is(ann: Visitor) -> None:
    answer = ann.client.post("/p/demo/profile/leave/", {"number": "ann"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    assert stored(ann).status == Member.Status.ACTIVE


def test_who_has_no_password_shows_who_she_is_by_a_new_code(ann: Visitor) -> None:
    user = User.objects.get(username="ann@example.com")
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email="ann@example.com", verified=True, primary=True)
    ann.client.force_login(user)
    asked = ann.client.post("/p/demo/profile/leave/", {"number": "ann"}).headers["Location"]
    assert asked == "/account/again/?next=%2Fp%2Fdemo%2Fprofile%2Fleave%2F"
    assert "Send me a code" in ann.client.get(asked).content.decode()
    sent = ann.client.post(asked, {"next": "/p/demo/profile/leave/"}).headers["Location"]
    assert sent == "/p/demo/sign-in/code/?next=%2Fp%2Fdemo%2Fprofile%2Fleave%2F"
    assert "_auth_user_id" not in ann.client.session
    code = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))[0]
    back = ann.client.post(sent, {"code": code}).headers["Location"]
    assert back == "/p/demo/profile/leave/"
    assert ann.post("profile/leave/", number="ann") == 302
    assert stored(ann).status == Member.Status.ERASED


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
