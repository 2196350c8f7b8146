"""The member's app: who acts, what it may read and change, and where it ends."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.models import User, UserPace
from core.services.callers import forget_paces, pace_user
from loyalty.api.v1.acting import REQUESTS_PER_SECOND
from loyalty.operations.erase import erase
from members.models import Member, MemberIdentity
from tests.campaigns.world import NOW, World, everyday, make_world
from tests.loyalty.api import document, make_caller, problem, too_fast
from tests.loyalty.app import App, make_app

pytestmark = pytest.mark.django_db
READS = ("me", "me/wallet", "me/ledger", "me/tier", "me/badges", "me/vouchers", "me/goals", "me/consents", "me/export")


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests ask faster than people."""
    monkeypatch.setattr("loyalty.api.v1.acting.REQUESTS_PER_SECOND", 10_000)


@pytest.fixture
def world() -> World:
    return make_world(everyday(), program={"languages": ["en", "id", "ar"]})


@pytest.fixture
def ann(world: World) -> Member:
    member = world.member(name="Ann Tan", phone="+6591234567", language="id", consents={"marketing": True})
    world.outcome("120.50")
    return member


@pytest.fixture
def app(ann: Member) -> App:
    return make_app(ann)


def test_a_member_reads_herself_and_what_she_has_as_a_partner_would(world: World, ann: Member, app: App) -> None:
    partner = make_caller(world.program)
    assert document(app.get("me")) == document(partner.get("members/ann"))
    assert app.get("me").headers["ETag"] == partner.get("members/ann").headers["ETag"]
    for part in ("ledger", "tier", "badges", "vouchers", "ledger?limit=1"):
        assert document(app.get(f"me/{part}")) == document(partner.get(f"members/ann/{part}", Accept_Language="id"))
    assert document(app.get("me/wallet"))["points"]["available"] == 120
    assert document(app.get("me/consents")) == {"marketing": True, "profiling": False}


def test_an_app_hands_over_all_that_is_kept_and_nothing_of_others(world: World, ann: Member, app: App) -> None:
    world.member("bob")
    world.outcome("7.00", subject="bob")
    kept = document(app.get("me/export"))
    portal = Client()
    portal.force_login(app.user)
    of_portal = portal.get("/p/demo/profile/my-data.json").json()
    assert {**kept, "at": ""} == {**of_portal, "at": ""}
    assert [entry["amount"] for entry in kept["ledger"]] == [120]
    assert kept["member"] == document(app.get("me"))


@pytest.mark.parametrize("path", ["goals", "leaderboards", "memberships"])
def test_short_lists_are_paged_as_long_ones(world: World, app: App, path: str) -> None:
    for wrong in ("limit=0", "limit=201", "cursor=zzz"):
        assert problem(app.get(f"me/{path}?{wrong}")) == (400, "malformed"), wrong
    assert document(app.get(f"me/{path}?limit=1"))["next"] is None


def test_a_page_of_a_short_list_begins_where_the_last_one_ended(app: App) -> None:
    other = make_world(everyday(), program={"code": "other"}).member("otto")
    Member.objects.filter(pk=other.pk).update(user=app.user)
    first = document(app.get("me/memberships?limit=1"))
    second = document(app.get(f"me/memberships?limit=1&cursor={first['next']}"))
    assert [one["external_id"] for one in (*first["items"], *second["items"])] == ["ann", "otto"]
    assert second["next"] is None


def test_pages_of_the_own_ledger_are_followed_by_cursor(world: World, app: App) -> None:
    world.outcome("10.00")
    first = document(app.get("me/ledger?limit=1"))
    second = document(app.get(f"me/ledger?limit=1&cursor={first['next']}"))
    assert [entry["amount"] for entry in (*first["items"], *second["items"])] == [10, 120]
    stranger = make_app(world.member("bob"))
    assert problem(stranger.get(f"me/ledger?cursor={first['next']}")) == (400, "malformed")


@pytest.mark.parametrize("path", [*READS, "me/memberships"])
def test_nobody_reads_anything_without_a_session(world: World, app: App, path: str) -> None:
    token, partner = app.token, make_caller(world.program)
    for wrong in (None, "0" * 32, "x\0y", "ü", partner.token):
        app.token = wrong
        assert problem(app.get(path)) == (401, "unauthenticated"), wrong
    assert problem(partner.get(path)) == (401, "unauthenticated")
    app.browser.cookies["sessionid"] = str(token)
    assert problem(app.get(path)) == (
        401,
        "unauthenticated",
    )  # a cookie opens nothing: no forged request can ride on it
    refused = app.get(path)
    assert refused.headers["WWW-Authenticate"].startswith("Session")


def test_a_members_token_opens_no_partner_address(app: App) -> None:
    for path in ("members/ann", "events", "members/ann/wallet"):
        assert problem(app.get(path)) == (401, "unauthenticated")
        assert problem(app.get(path, Authorization=f"Bearer {app.token}")) == (401, "unauthenticated")


def test_a_closed_account_and_a_changed_password_end_the_session(app: App) -> None:
    app.user.set_password("another")
    app.user.save()
    assert problem(app.get("me")) == (401, "unauthenticated")
    other = make_app(Member.objects.get())
    User.objects.filter(pk=other.user.pk).update(is_active=False)
    assert problem(other.get("me")) == (401, "unauthenticated")


def test_who_has_several_memberships_says_which_one_a_call_is_about(world: World, ann: Member) -> None:
    other = make_world(everyday(), program={"code": "other"}).member("otto", name="Ann in other")
    app = make_app(ann, other)
    listed = document(app.get("me/memberships"))["items"]
    assert [(each["uuid"], each["program"]["code"]) for each in listed] == [
        (str(ann.uuid), "demo"),
        (str(other.uuid), "other"),
    ]
    for path in READS:
        assert problem(app.get(path)) == (400, "malformed")
    assert document(app.get("me", Loyalty_Member=str(other.uuid)))["external_id"] == "otto"
    assert document(app.get("me", Loyalty_Member=str(ann.uuid)))["external_id"] == "ann"


def test_a_strangers_membership_does_not_exist(world: World, app: App) -> None:
    bob = world.member("bob")
    make_app(bob)
    for named in (str(bob.uuid), str(uuid4()), "ann", ""):
        for path in READS:
            assert problem(app.get(path, Loyalty_Member=named)) == (404, "not-found")
        assert problem(app.patch("me", {"name": "X"}, Loyalty_Member=named)) == (404, "not-found")
    assert document(app.get("me/memberships"))["items"][0]["external_id"] == "ann"


def test_who_takes_part_in_nothing_finds_nothing() -> None:
    app = make_app()
    assert document(app.get("me/memberships")) == {"items": [], "next": None}
    assert problem(app.get("me")) == (404, "not-found")


def test_a_member_corrects_name_language_and_birth_date(app: App, ann: Member) -> None:
    changed = app.patch("me", {"name": "Anna", "language": "en", "birth_date": "1990-05-01"})
    assert changed.status_code == 200
    assert [document(changed)[key] for key in ("name", "language", "birth_date")] == ["Anna", "en", "1990-05-01"]
    assert document(app.get("me")) == document(changed)
    assert MemberIdentity.objects.get(member=ann).name_folded == "anna"


@pytest.mark.parametrize(
    "change",
    [
        {"kyc": {"state": "verified"}},
        {"market": "ID"},
        {"external_id": "bob"},
        {"status": "active"},
        {"tier": "gold"},
        {"attributes": {"hobby": "chess"}},
        {"email": "eve@example.com"},
        {"phone": "+6590000000"},
        {"vehicles": []},
        {"nonsense": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_the_program_knows_of_a_member_she_cannot_change(app: App, change: dict[str, object]) -> None:
    before = document(app.get("me"))
    refused = app.patch("me", {"name": "Eve", **change})
    assert problem(refused) == (422, "validation")
    assert [error["pointer"] for error in document(refused)["errors"]] == [f"/{next(iter(change))}"]
    assert document(app.get("me")) == before


def test_a_birth_date_is_given_once_and_a_verified_name_stays(app: App, ann: Member) -> None:
    app.patch("me", {"birth_date": "1990-05-01"})
    for again in ("1990-06-01", None):
        assert problem(app.patch("me", {"birth_date": again})) == (422, "validation")
    assert app.patch("me", {"birth_date": "1990-05-01", "name": "Anna"}).status_code == 200
    Member.objects.filter(pk=ann.pk).update(kyc="verified", kyc_at=NOW)
    assert problem(app.patch("me", {"name": "Eve"})) == (422, "validation")
    assert app.patch("me", {"name": "Anna", "language": "en"}).status_code == 200


def test_a_change_is_refused_when_it_is_meant_for_an_older_state(app: App) -> None:
    tag = app.get("me").headers["ETag"]
    assert app.patch("me", {"name": "Anna"}, If_Match=tag).status_code == 200
    assert problem(app.patch("me", {"name": "Annie"}, If_Match=tag)) == (412, "changed")
    assert problem(app.patch("me/consents", {"profiling": True}, If_Match=tag)) == (412, "changed")
    assert document(app.get("me"))["name"] == "Anna"


def test_consents_are_given_and_withdrawn_one_by_one(app: App) -> None:
    assert document(app.patch("me/consents", {"profiling": True})) == {"marketing": True, "profiling": True}
    assert document(app.patch("me/consents", {"marketing": False})) == {"marketing": False, "profiling": True}
    for wrong in ({"marketing": "yes"}, {"sale": True}, ["marketing"], 1):
        assert problem(app.patch("me/consents", wrong)) == (422, "validation")
    assert document(app.get("me"))["consents"] == {"marketing": False, "profiling": True}


@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        ({"marketing": "x"}, "/marketing", "invalid"),
        ({"zzz": True}, "/zzz", "unknown"),
        ([], "", "invalid"),
        ({"consents": {"marketing": True}}, "/consents", "unknown"),
    ],
)
def test_a_wrong_consent_is_pointed_to_in_what_was_sent(app: App, sent: object, pointer: str, code: str) -> None:
    errors = document(app.patch("me/consents", sent))["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("sent", "code", "detail"),
    [
        ({"foo": 1}, "unknown", "leave this out"),
        ({"a/b": 1}, "unknown", "leave this out"),
        ({"phone": "+6590000000"}, "invalid", "you cannot change this yourself"),
        ({"external_id": "bob"}, "invalid", "you cannot change this yourself"),
    ],
)
def test_what_nobody_can_change_is_told_from_what_only_others_can(
    app: App, sent: object, code: str, detail: str
) -> None:
    errors = document(app.patch("me", sent, Accept_Language="en"))["errors"]
    assert [(error["code"], error["detail"]) for error in errors] == [(code, detail)]


def test_a_frozen_member_reads_and_answers_for_consents_but_changes_nothing_else(app: App, ann: Member) -> None:
    Member.objects.filter(pk=ann.pk).update(status=Member.Status.FROZEN)
    for path in READS:
        assert app.get(path).status_code == 200
    refused = app.patch("me", {"name": "Eve"})
    assert problem(refused) == (409, "frozen")
    assert document(refused)["member_message"] == document(refused)["detail"]
    assert app.patch("me/consents", {"marketing": False}).status_code == 200
    assert document(app.get("me"))["name"] == "Ann Tan"


def test_an_erased_member_is_gone_and_so_is_the_account_that_only_she_used(world: World, app: App, ann: Member) -> None:
    erase(program=world.program, reference="ann", at=NOW)
    assert problem(app.get("me")) == (401, "unauthenticated")
    assert not User.objects.filter(pk=app.user.pk).exists()
    assert Member.objects.get(pk=ann.pk).user is None


def test_erasing_one_membership_leaves_the_account_to_the_other(world: World, ann: Member) -> None:
    other = make_world(everyday(), program={"code": "other"}).member("otto")
    app = make_app(ann, other)
    erase(program=world.program, reference="ann", at=NOW)
    assert document(app.get("me"))["external_id"] == "otto"
    assert problem(app.get("me", Loyalty_Member=str(ann.uuid))) == (404, "not-found")


def test_erasing_a_member_who_is_staff_leaves_the_account(world: World, app: App) -> None:
    User.objects.filter(pk=app.user.pk).update(is_staff=True)
    erase(program=world.program, reference="ann", at=NOW)
    assert User.objects.filter(pk=app.user.pk).exists()


def test_texts_come_in_the_accepted_language_or_in_the_members(app: App) -> None:
    assert app.get("me").headers["Content-Language"] == "id"
    assert app.get("me", Accept_Language="ar").headers["Content-Language"] == "ar"
    assert app.get("me", Accept_Language="th").headers["Content-Language"] == "id"
    assert app.get("me/memberships", Accept_Language="th").headers["Content-Language"] == "th"


def test_what_is_wrong_with_a_value_is_said_in_the_same_language(app: App) -> None:
    for accepted, said in (("ar", "الحد الأقصى لعدد الأحرف: 30."), ("en", "Send at most 30 characters.")):
        answer = app.patch("me", {"nickname": "x" * 31}, Accept_Language=accepted)
        assert (problem(answer), answer.headers["Content-Language"]) == ((422, "validation"), accepted)
        assert document(answer)["errors"] == [{"pointer": "/nickname", "code": "too-long", "detail": said}]


def test_every_answer_says_how_much_one_may_still_ask_and_too_much_is_refused(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.api.v1.acting.REQUESTS_PER_SECOND", 1)
    assert app.get("me").headers["RateLimit-Policy"] == '"user";q=1;w=1'
    refused = too_fast(lambda: app.get("me"))
    assert problem(refused) == (429, "rate-limited")
    assert refused.headers["Retry-After"] == "1"
    assert make_app().get("me/memberships").status_code == 200  # everybody has an allowance of their own


def test_an_allowance_is_used_up_request_by_request_and_forgotten_when_it_is_full() -> None:
    tries = [[pace_user(user, requests_per_second=2) for _ in range(3)] for user in range(10)]
    told = [[(pace.left, pace.exceeded) for pace in paces] for paces in tries]
    assert [(1, False), (0, False), (0, True)] in told  # a busy machine may take longer than half a second for three
    full_at = UserPace.objects.get(user_id=7).full_at
    forget_paces(at=full_at)
    assert UserPace.objects.filter(user_id=7).exists()
    forget_paces(at=full_at.replace(year=full_at.year + 1))
    assert not UserPace.objects.filter(user_id=7).exists()
    assert REQUESTS_PER_SECOND > 1


def test_reading_the_ledger_costs_as_many_queries_for_one_entry_as_for_three(
    world: World, app: App, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        app.get("me/ledger")
    for _ in range(2):
        world.outcome("10.00")
    with django_assert_max_num_queries(12):
        assert len(document(app.get("me/ledger"))["items"]) == 3
