"""Another address or number is proven with a fresh sign-in, lets points rest, and is what the membership carries."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.models import User
from loyalty.identity.people import proven
from members.models import Member, MemberIdentity
from rewards.models import RedemptionPolicy
from rewards.selectors.policies import demands_of
from tests.campaigns.world import World
from tests.loyalty.app import App
from tests.loyalty.people import last_code, sign_in
from tests.rewards.redeeming import redeem, rich, shop

pytestmark = pytest.mark.django_db
EMAIL, OTHER, PHONE, NUMBER = "ann@example.com", "new@example.com", "+6591234567", "+6598765432"
PASSWORD = "a long sentence"


@pytest.fixture(autouse=True)
def sms(quick_passwords: None, settings: Settings, tmp_path: Path) -> Path:
    settings.SMS_SENDER, settings.SMS_FOLDER = "loyalty.identity.sms.FileSender", tmp_path
    cache.clear()
    return tmp_path


@pytest.fixture
def world() -> World:
    world = shop()
    RedemptionPolicy.objects.update_or_create(program=world.program, defaults={"cooling_hours": 24})
    return world


@pytest.fixture
def app(world: World) -> App:
    """Ann's: she signed in by a code to her address, and has no password."""
    rich(world, email=EMAIL)
    token = call(App(User(), None), "auth/code/request", {"email": EMAIL})["meta"]["session_token"]
    app = App(User(), token)
    app.token = call(app, "auth/code/confirm", {"code": last_code()})["meta"]["session_token"]
    app.user = User.objects.get()
    return app


def call(app: App, path: str, body: object) -> Any:
    headers = {"X-Session-Token": app.token} if app.token else {}
    return app.browser.post(f"/_allauth/app/v1/{path}", body, "application/json", headers=headers).json()


def prove_email(app: App, email: str) -> None:
    assert call(app, "account/email", {"email": email})["status"] == 200
    assert call(app, "auth/email/verify", {"key": last_code()})["status"] == 200


def prove_phone(app: App, phone: str, sms: Path) -> None:
    assert call(app, "account/phone", {"phone": phone})["status"] == 202
    assert call(app, "auth/phone/verify", {"code": sms_code(sms)})["status"] == 200


def sms_code(sms: Path) -> str:
    texts = [path.read_text() for path in sorted(sms.iterdir(), key=lambda path: path.stat().st_mtime_ns)]
    found = re.search(r"\b\d{6}\b", texts[-1])
    assert found
    return found[0]


def rests(external_id: str = "ann") -> bool:
    return demands_of(Member.objects.get(external_id=external_id), at=timezone.now()).cooling_until is not None


def contact(external_id: str = "ann") -> tuple[str, str]:
    identity = MemberIdentity.objects.get(member__external_id=external_id)
    return identity.email, identity.phone


def age(session: SessionBase) -> None:
    """Let the sign-in be long ago."""
    session[METHODS] = [{**record, "at": time.time() - 301} for record in session[METHODS]]
    session.save()


def aged(app: App) -> App:
    age(SessionStore(app.token))
    return app


def test_the_address_that_somebody_signs_in_with_first_is_no_change(app: App) -> None:
    assert (contact(), rests()) == ((EMAIL, PHONE), False)


def test_another_address_lets_points_rest_and_is_carried(app: App) -> None:
    prove_email(app, OTHER)
    assert (contact(), rests(), proven(app.user)[0]) == ((OTHER, PHONE), True, [OTHER])
    ann = Member.objects.get()
    assert demands_of(ann, at=timezone.now() + timedelta(hours=24)).cooling_until is None


def test_another_address_is_changed_on_the_page_as_in_the_app(world: World, client: Client) -> None:
    rich(world, email=EMAIL)
    sign_in(client, EMAIL)
    client.post("/account/email/", {"email": OTHER, "action_add": ""})
    assert (contact(), rests()) == ((EMAIL, PHONE), False)
    client.post("/account/confirm-email/", {"code": last_code(), "action": "verify"})
    assert (contact(), rests()) == ((OTHER, PHONE), True)


def test_another_number_lets_points_rest_and_is_where_a_top_up_goes(app: App, world: World, sms: Path) -> None:
    prove_phone(app, PHONE, sms)
    MemberIdentity.objects.update(contact_changed_at=None)
    prove_phone(app, NUMBER, sms)
    assert (contact(), rests()) == ((EMAIL, NUMBER), True)
    MemberIdentity.objects.update(contact_changed_at=None)
    assert redeem(world, Member.objects.get(), "top-up").number == NUMBER


def test_a_number_beside_an_address_lets_points_rest(app: App, sms: Path) -> None:
    prove_phone(app, NUMBER, sms)
    assert (contact(), rests()) == ((EMAIL, NUMBER), True)


def test_a_number_that_is_proven_once_more_is_no_change(app: App, sms: Path) -> None:
    prove_phone(app, NUMBER, sms)
    MemberIdentity.objects.update(contact_changed_at=None)
    app.user.refresh_from_db()
    get_adapter().set_phone_verified(app.user, NUMBER)
    assert not rests()


def test_all_memberships_rest_and_those_of_a_family_keep_what_is_their_own(world: World, sms: Path) -> None:
    for name, phone in {"ann": PHONE, "amy": "", "abe": "+6590000001"}.items():
        rich(world, 10, name, email=EMAIL, phone=phone)
    client = Client()
    sign_in(client, EMAIL)
    client.post("/account/phone/change/", {"phone": NUMBER})
    client.post("/account/phone/verify/", {"code": sms_code(sms)})
    assert {name: contact(name)[1] for name in ("ann", "amy", "abe")} == {
        "ann": PHONE,
        "amy": NUMBER,
        "abe": "+6590000001",
    }
    assert [rests(name) for name in ("ann", "amy", "abe")] == [True] * 3


def test_a_membership_that_waited_for_the_address_has_not_changed(app: App, world: World) -> None:
    rich(world, 10, "bob", email=OTHER, phone="")
    prove_email(app, OTHER)
    assert Member.objects.get(external_id="bob").user == app.user
    assert MemberIdentity.objects.get(member__external_id="bob").contact_changed_at is None


def test_who_has_codes_alone_shows_a_new_one_to_change_an_address_or_number(app: App) -> None:
    for path, body in {
        "account/email": {"email": OTHER},
        "account/phone": {"phone": NUMBER},
        "account/password/change": {"new_password": PASSWORD},
    }.items():
        answer = call(aged(app), path, body)
        assert (answer["status"], answer["meta"]["is_authenticated"]) == (401, True), path
    app.user.refresh_from_db()
    assert (contact(), app.user.has_usable_password()) == ((EMAIL, PHONE), False)


def test_who_has_codes_alone_is_led_to_a_new_one_from_the_pages(world: World, client: Client) -> None:
    rich(world, email=EMAIL)
    sign_in(client, EMAIL)
    age(client.session)
    for page, form in {
        "/account/email/": {"email": OTHER, "action_add": ""},
        "/account/phone/change/": {"phone": NUMBER},
    }.items():
        assert client.post(page, form)["Location"].startswith("/account/again/?next="), page


def test_a_first_password_that_is_typed_too_late_is_kept_nowhere(world: World, client: Client) -> None:
    sign_in(client, EMAIL)
    age(client.session)
    page, form = "/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(page, form)["Location"] == page
    assert client.get(page)["Location"].startswith("/account/again/?next=")
    assert PASSWORD not in str(dict(client.session))
    assert not User.objects.get().has_usable_password()


def test_who_signed_in_just_now_sets_a_first_password_and_is_asked_for_it_later(app: App) -> None:
    app.token = call(app, "account/password/change", {"new_password": PASSWORD})["meta"]["session_token"]
    answer = call(aged(app), "account/email", {"email": OTHER})
    assert [flow["id"] for flow in answer["data"]["flows"]][:1] == ["reauthenticate"]
    assert call(app, "auth/reauthenticate", {"password": PASSWORD})["status"] == 200
    prove_email(app, OTHER)
