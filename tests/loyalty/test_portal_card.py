"""The member card on a phone: a code of half a minute, drawn anew by itself, with or without scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from loyalty.display.qr import qr_code
from members.models import Member, MemberCard
from members.services.cards import show_card
from tests.campaigns.world import everyday
from tests.loyalty.portal import Visitor, portal_world, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Visitor:
    world = portal_world(everyday())
    return visit(world, world.member("ann", name="Ann Tan"))


def drawn(member: Member, ago: int = 0) -> str:
    return qr_code(show_card(member=member, at=timezone.now() - timedelta(seconds=ago)).text)


def test_the_card_shows_the_token_of_this_moment_and_when_the_next_follows(ann: Visitor) -> None:
    page = ann.get("card/")
    assert any(drawn(ann.member, ago) in page for ago in (0, 15, 29))
    assert page.count('data-test="qr"') == 1
    assert "Ann Tan" in page
    assert '<noscript><meta http-equiv="refresh" content="' in page
    assert MemberCard.objects.get().token.hex not in page.lower()


def test_htmx_gets_the_card_alone_and_no_cache_keeps_it(ann: Visitor) -> None:
    answer: Any = ann.client.get("/p/demo/card/", headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert part.strip().startswith("<section")
    assert "<html" not in part
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_card_asks_little_and_every_page_leads_to_it(ann: Visitor) -> None:
    assert ann.queries("card/") <= 8
    assert 'href="/p/demo/card/"' in ann.get("activity/")
    assert ann.client.post("/p/demo/card/").status_code == 405


def test_the_home_screen_offers_the_card(ann: Visitor) -> None:
    (shortcut,) = ann.client.get("/p/demo/manifest.webmanifest").json()["shortcuts"]
    assert (shortcut["name"], shortcut["url"]) == ("My card", "/p/demo/card/")
