"""Offers in the back office: a list that is searched and paged, a page that only shows, a tab of the member."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Offer
from tests.analysing import analyse
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.offer_cases import give, offered
from tests.campaigns.world import World, make_world
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db
OFFERS = reverse("admin:campaigns_offer_changelist")


@pytest.fixture
def world() -> World:
    world = make_world(
        offered("bonus", goal_rule("r", {"count": True, "window": "offer"}, step(3))), offered("held", holdout=100)
    )
    for name in ("ann", "bob"):
        world.member(name)
    return world


@pytest.fixture
def office() -> Client:
    return office_client()


def shown(office: Client, query: str = "") -> list[Any]:
    return [(row.campaign.code, row.member.external_id) for row in office.get(OFFERS + query).context["cl"].result_list]


def test_offers_are_listed_newest_first_and_found_by_their_member(world: World, office: Client) -> None:
    now = timezone.now()
    for code, name in (("bonus", "ann"), ("bonus", "bob"), ("held", "ann")):
        give(world, code, name, at=now)
    assert shown(office) == [("held", "ann"), ("bonus", "bob"), ("bonus", "ann")]
    assert shown(office, "?q=ann") == [("held", "ann"), ("bonus", "ann")]
    assert shown(office, "?state__exact=held_out") == [("held", "ann")]
    page = office.get(OFFERS).content.decode()
    assert "Held out" in page
    assert "Assigned" in page


def test_an_offer_can_be_read_and_not_changed(world: World, office: Client) -> None:
    offer = give(world, at=timezone.now())
    address = reverse("admin:campaigns_offer_change", args=[offer.pk])
    assert office.get(address).status_code == 200
    office.post(address, {"state": "completed"})
    offer.refresh_from_db()
    assert offer.state == "assigned"
    assert office.get(reverse("admin:campaigns_offer_add")).status_code == 403


def test_the_members_page_shows_offers_with_state_and_progress(world: World, office: Client) -> None:
    now = timezone.now()
    old = give(world, at=now - timedelta(days=30))
    fresh = give(world, at=now)
    give(world, "held", at=now)
    world.send(world.event(time=now.isoformat()), at=now)
    address = reverse("admin:members_member_change", args=[fresh.member_id]) + "?tab=offers"
    page = office.get(address).content.decode()
    assert "1 / 3" in page
    for words in ("Expired", "Assigned", "Held out"):
        assert words in page
    assert reverse("admin:campaigns_offer_change", args=[old.pk]) in page


def test_the_members_page_asks_as_much_for_one_offer_as_for_three(world: World, office: Client) -> None:
    counts = []
    for many in (1, 2):
        for _ in range(many):
            member_id = give(world, at=timezone.now()).member_id
        address = reverse("admin:members_member_change", args=[member_id]) + "?tab=offers"
        office.get(address)
        with CaptureQueriesContext(connection) as asked:
            office.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_list_of_many_offers_is_read_along_an_index(world: World, office: Client) -> None:
    offer = give(world, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO campaigns_offer (program_id, member_id, campaign_id, state, at, until, is_closed, client,
                                            reference)
               SELECT program_id, member_id, campaign_id, 'assigned', at, until, false, '', ''
                 FROM campaigns_offer, generate_series(1, 20000) WHERE id = %s""",
            [offer.pk],
        )
    analyse("campaigns_offer")
    newest = Offer.objects.order_by("-pk")[0].pk
    with CaptureQueriesContext(connection) as asked:
        office.get(f"{OFFERS}?older={newest}")
    (listed,) = [sql for sql in (q["sql"] for q in asked) if 'ORDER BY "campaigns_offer"."id" DESC' in sql]
    assert not [sql for sql in (q["sql"] for q in asked) if "COUNT(" in sql and "campaigns_offer" in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {listed}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on campaigns_offer" not in plan
