"""The back office opens every list, and lets nobody rewrite what happened."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Event
from core.models import Market, User
from ledger.models import Journal
from members.models import Member
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world(everyday())
    world.member(name="Ann Tan", phone="+6591234567")
    world.outcome("120.50", key="a")
    world.send(world.reversal("a", "20.50"))
    return world


@pytest.fixture
def office() -> Client:
    return office_client()


def test_every_list_and_first_row_opens(world: World, office: Client) -> None:
    answers = {}
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answers[model._meta.label] = [office.get(reverse(f"{name}_changelist")).status_code]
        row = model._default_manager.first()
        if row is not None:
            answers[model._meta.label].append(office.get(reverse(f"{name}_change", args=[row.pk])).status_code)
    assert {label: codes for label, codes in answers.items() if set(codes) != {200}} == {}


def test_records_can_be_read_and_not_written(world: World, office: Client) -> None:
    models: list[type[Model]] = [Event, Journal, Member]
    for model in models:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.first()
        assert row is not None
        assert office.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert office.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert office.get(reverse(f"{name}_add")).status_code == 403


def test_a_member_is_found_by_any_of_its_names(world: World, office: Client) -> None:
    for term in ("ann", "+6591234567", "ann tan"):
        page = office.get(reverse("admin:members_member_changelist"), {"q": term})
        assert page.context["cl"].result_count == 1, term


def test_who_corrected_a_text_stands_in_its_history(world: World, office: Client) -> None:
    market = Market.objects.get(code="SG")
    address = reverse("admin:core_market_change", args=[market.pk])
    texts = {f"name_{code}": "" for code in ("id", "ms", "vi", "th", "ar")} | {"name_en": "The Lion City"}
    office.post(address, texts)
    entry = apps.get_model("core", "MarketEvent")._default_manager.filter(pgh_obj=market).order_by("pgh_id").last()
    assert entry is not None
    assert entry.name_en == "The Lion City"
    assert entry.pgh_context.metadata["user"] == User.objects.get(username="boss").pk
    assert entry.pgh_context.metadata["why"] == f"edited at {address}"


def test_what_a_campaign_does_is_not_edited_here(world: World, office: Client) -> None:
    campaign = Campaign.objects.get(code="everyday")
    Campaign.objects.update(state="draft")  # its texts can be written
    parts = {f"{part}-{count}_FORMS": "0" for part in ("steps", "versions") for count in ("TOTAL", "INITIAL")}
    sent = {"name_en": "New", "state": "ended", "holdout_percent": "50", "code": "other", **parts}
    office.post(reverse("admin:campaigns_campaign_change", args=[campaign.pk]), sent)
    kept = {field.name: getattr(campaign, field.name) for field in Campaign._meta.fields} | {"state": "draft"}
    campaign.refresh_from_db()
    texts = {"name": "New", "name_en": "New"}
    assert {name: getattr(campaign, name) for name in kept} == kept | texts


def test_strangers_see_nothing(world: World, client: Client) -> None:
    assert client.get(reverse("admin:members_member_changelist")).status_code == 302
