"""With what people sign in: browsers and apps that are new let points rest, the first ones do not."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from core.models import User
from loyalty.identity.devices import COOKIE, HEADER
from loyalty.identity.people import claim_memberships
from loyalty.identity.staff import make_staff
from loyalty.operations.erase import erase
from loyalty.operations.my_data import my_data
from members.models import Member, MemberSignal, Referral
from members.services.changes import patch_member
from rewards.models import RedemptionPolicy
from rewards.selectors.policies import demands_of
from tests.campaigns.referring import friend, pay, referral_world, state
from tests.campaigns.world import World
from tests.loyalty.people import SECRET, enter_code, last_code, sign_in, totp
from tests.rewards.redeeming import rich, shop

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "ann@example.com", "a long sentence"
APP = "/_allauth/app/v1/auth/"


@pytest.fixture(autouse=True)
def nobody_counted(quick_passwords: None) -> None:
    cache.clear()


@pytest.fixture
def world() -> World:
    world = shop()
    RedemptionPolicy.objects.update_or_create(program=world.program, defaults={"cooling_hours": 24})
    rich(world, email=EMAIL)
    return world


def rests(member: str = "ann") -> bool:
    return demands_of(Member.objects.get(external_id=member), at=timezone.now()).cooling_until is not None


def kinds(member: str = "ann") -> list[str]:
    return list(MemberSignal.objects.filter(member__external_id=member).order_by("pk").values_list("kind", flat=True))


def call(path: str, body: dict[str, str], token: str = "", device: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    headers |= {HEADER: device} if device else {}
    return Client().post(APP + path, body, content_type="application/json", headers=headers)


def app_signs_in(device: str = "") -> None:
    token = call("code/request", {"email": EMAIL}).json()["meta"]["session_token"]
    answer = call("code/confirm", {"code": last_code()}, token, device)
    assert (answer.status_code, COOKIE in answer.cookies) == (200, False)
    cache.clear()


def test_a_browser_gets_its_name_when_somebody_signs_in_and_keeps_it(world: World, client: Client) -> None:
    assert COOKIE not in client.get("/p/demo/sign-in/").cookies
    cookie = sign_in(client, EMAIL).cookies[COOKIE]
    assert (len(cookie.value), cookie["max-age"]) == (43, 400 * 86400)
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    client.logout()
    client.cookies[COOKIE] = cookie.value
    assert sign_in(client, EMAIL).cookies[COOKIE].value == cookie.value
    (signal,) = MemberSignal.objects.all()
    assert signal.kind == "browser"
    assert cookie.value.encode() not in bytes(signal.digest)


def test_the_name_travels_by_https_alone_where_there_is_https(world: World, client: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(client, EMAIL).cookies[COOKIE]["secure"]


@pytest.mark.parametrize("name", ["", "x", "a" * 44, "ä" * 43, "a" * 42 + " "])
def test_a_name_that_is_none_of_ours_is_another_one(world: World, client: Client, name: str) -> None:
    client.cookies[COOKIE] = name
    given = sign_in(client, EMAIL).cookies[COOKIE].value
    assert (len(given), given == name) == (43, False)


def test_points_rest_after_another_browser_and_not_after_the_first(world: World, client: Client) -> None:
    sign_in(client, EMAIL)
    assert not rests()
    sign_in(Client(), EMAIL)
    assert rests()
    page = client.get("/p/demo/rewards/coffee/").content.decode()
    assert "For your safety, points can be spent again from" in page
    ann = Member.objects.get(external_id="ann")
    assert demands_of(ann, at=timezone.now() + timedelta(hours=24)).cooling_until is None


def test_a_browser_is_new_to_a_member_whose_device_a_partner_named(world: World, client: Client) -> None:
    patch_member(
        program=world.program,
        reference="ann",
        changes={"signals": {"device": "d"}},
        at=timezone.now() - timedelta(days=9),
    )
    assert not rests()
    sign_in(client, EMAIL)
    assert rests()


def test_a_password_and_its_second_factor_note_the_browser_once_both_are_shown(world: World, client: Client) -> None:
    boss = make_staff(username="boss", email=EMAIL, password=PASSWORD, totp_secret=SECRET)
    EmailAddress.objects.filter(user=boss).update(verified=True)
    claim_memberships(boss)
    answer = client.post("/p/demo/sign-in/password/", {"address": EMAIL, "password": PASSWORD})
    assert (COOKIE in answer.cookies, kinds()) == (False, [])
    answer = client.post("/account/2fa/authenticate/", {"code": totp()})
    assert (COOKIE in answer.cookies, kinds()) == (True, ["browser"])


def test_a_password_that_is_reset_signs_in_with_a_browser_too(world: World, client: Client) -> None:
    sign_in(Client(), EMAIL)
    client.post("/account/password/reset/", {"email": EMAIL})
    client.post("/account/password/reset/confirm/", {"code": last_code()})
    answer = client.post("/account/password/reset/complete/", {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    assert COOKIE in answer.cookies
    assert (kinds(), rests()) == (["browser", "browser"], True)


def test_an_app_names_its_device_as_partner_systems_do(world: World) -> None:
    patch_member(program=world.program, reference="ann", changes={"signals": {"device": "d-8f2c"}}, at=timezone.now())
    app_signs_in("d-8f2c")
    assert (kinds(), rests()) == (["device"], False)
    app_signs_in("another")
    assert (kinds(), rests()) == (["device", "device"], True)


@pytest.mark.parametrize("device", ["", "x" * 401, "d\x7f", "dé"])
def test_an_app_that_names_none_is_a_new_device_each_time(world: World, device: str) -> None:
    app_signs_in(device)
    assert not rests()
    app_signs_in(device)
    assert (kinds(), rests()) == (["device", "device"], True)


def test_who_claims_a_membership_without_showing_a_device_lets_its_points_rest(world: World) -> None:
    patch_member(program=world.program, reference="ann", changes={"signals": {"device": "hers"}}, at=timezone.now())
    mallory = User.objects.create_user("mallory", email="mallory@example.com")
    EmailAddress.objects.create(user=mallory, email="mallory@example.com", verified=True, primary=True)
    hers = EmailAddress.objects.create(user=mallory, email=EMAIL, verified=True)
    email_confirmed.send(EmailAddress, request=RequestFactory().post("/"), email_address=hers)
    assert Member.objects.get(external_id="ann").user == mallory
    assert rests()


def test_a_device_is_noted_of_every_membership_and_of_those_that_come_later(world: World, client: Client) -> None:
    rich(world, 10, "amy", email=EMAIL)
    sign_in(client, EMAIL)
    assert (kinds(), kinds("amy")) == (["browser"], ["browser"])
    rich(world, 10, "abe", email=EMAIL)
    client.get("/p/demo/choose/")
    assert kinds("abe") == ["browser"]
    sign_in(Client(), EMAIL)
    assert [rests(name) for name in ("ann", "amy", "abe")] == [True] * 3


def test_who_joins_while_signed_in_has_been_seen_with_this_browser(client: Client) -> None:
    shop()
    sign_in(client, EMAIL)
    form = {"name": "Ann Tan", "market": "SG", "language": "en", "birth_date": "1990-02-03"}
    client.post("/p/demo/join/", form)
    member = Member.objects.get()
    assert kinds(member.external_id) == ["browser"]


def test_who_joins_by_a_code_has_been_seen_with_this_browser(client: Client) -> None:
    shop()
    client.post("/p/demo/join/", {"name": "Ann", "address": EMAIL, "market": "SG", "language": "en"})
    enter_code(client, last_code())
    assert kinds(Member.objects.get().external_id) == ["browser"]


def test_members_who_share_a_browser_do_not_let_each_other_s_points_rest(world: World, client: Client) -> None:
    rich(world, 100, "bob", email="bob@example.com")
    for address in (EMAIL, "bob@example.com", EMAIL):
        sign_in(client, address)
        name = client.cookies[COOKIE].value
        client.logout()
        client.cookies[COOKIE] = name
    assert (kinds(), kinds("bob")) == (["browser"], ["browser"])
    assert [rests(name) for name in ("ann", "bob")] == [False, False]


def test_guards_of_referrals_do_not_look_at_browsers(client: Client) -> None:
    world = referral_world()
    patch_member(program=world.program, reference="ann", changes={"email": EMAIL}, at=timezone.now())
    for name in ("ben", "cid", "dan"):
        friend(world, name, email=f"{name}@example.com")
    for address in (EMAIL, *(f"{name}@example.com" for name in ("ben", "cid", "dan"))):
        sign_in(client, address)
        name = client.cookies[COOKIE].value
        client.logout()
        client.cookies[COOKIE] = name
    assert MemberSignal.objects.values("digest").distinct().count() == 1
    pay(world)
    assert state(world) == ("rewarded", "")
    assert not Referral.objects.exclude(verdict="clear").exists()


def test_what_was_noted_can_be_taken_along_and_is_erased(world: World, client: Client) -> None:
    sign_in(client, EMAIL)
    ann = Member.objects.select_related("program", "market").get(external_id="ann")
    taken: Any = my_data(member=ann, at=timezone.now())
    assert [one["kind"] for one in taken["signals"]] == ["browser"]
    erase(program=world.program, reference="ann", at=timezone.now())
    assert not MemberSignal.objects.exists()
