"""The portal's page of friends: what is passed on, how far friends are, and the door through which they come."""

from typing import Any

import pytest
import segno
from django.test import Client

from members.models import Member, Referral
from members.services.referrals import referral_code
from tests.campaigns.derived import settle
from tests.campaigns.referring import GUARD, JOINED, QUALIFIES, code_of, friend, pay, paying
from tests.campaigns.world import World
from tests.loyalty.people import enter_code, last_code
from tests.loyalty.portal import Visitor, portal_world, visit

pytestmark = pytest.mark.django_db
FORM = {"name": "Ben Lim", "address": "ben@example.com", "market": "SG", "language": "en"}


def inviting(**sections: Any) -> World:
    section = {"qualifies": dict(QUALIFIES), "guard": dict(GUARD)}
    return portal_world(paying(), **{"referral": section, **sections})


def visitor(world: World) -> Visitor:
    return visit(world, world.member("ann", kyc={"state": "verified", "at": JOINED}))


def test_the_page_offers_link_code_qr_and_whatsapp_and_tells_the_deal() -> None:
    ann = visitor(inviting())
    page, code = ann.get("friends/"), code_of(ann.world)
    link = f"http://testserver/p/demo/r/{code}"
    assert f'value="{link}"' in page
    assert (
        segno.make(link, error="m", micro=False).svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
        in page
    )
    assert f"https://wa.me/?text=Join+me+in+Demo%3A+http%3A%2F%2Ftestserver%2Fp%2Fdemo%2Fr%2F{code}" in page
    words = ann.text("friends/")
    assert "For each friend: 500 points" in words
    assert "within 30 days" in words
    assert "Payment of at least SGD 20.00" in words
    assert "Nobody has joined with your link yet" in words


def test_friends_are_told_by_their_initial_alone_and_in_plain_words() -> None:
    ann = visitor(inviting())
    friend(ann.world, "ben", name="Benedict Lim", verified=False)
    friend(ann.world, "cid", name="Cid Tan")
    friend(ann.world, "dee", name="Dee Wu", phone="+6591234567")
    pay(ann.world, "cid")
    Referral.objects.filter(friend__external_id="dee").update(verdict="held", reason="phone")
    words = ann.text("friends/")
    assert "Benedict" not in words
    assert "Lim" not in words
    assert "C. Thank you for bringing a friend" in words
    assert "Rewarded +500" in words
    assert "D. Our team looks at this invitation" in words
    assert "phone" not in words.lower()


def test_a_program_without_referrals_says_so() -> None:
    world = portal_world(paying())
    ann = visit(world, world.member("ann"))
    assert "Inviting friends is not part of this program" in ann.text("friends/")
    assert 'data-test="invite"' not in ann.get("earn/")


def test_the_page_takes_as_many_queries_with_three_friends_as_with_one() -> None:
    ann = visitor(inviting())
    counts = []
    for names in (("b1",), ("b2", "b3")):
        for name in names:
            friend(ann.world, name)
            pay(ann.world, name)
        counts.append(ann.queries("friends/"))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


@pytest.mark.parametrize("way", ["/p/demo/r/{code}", "/p/demo/join/?ref={code}"])
def test_whoever_comes_by_a_link_joins_as_a_friend(client: Client, way: str) -> None:
    world = inviting()
    code = referral_code(member=world.member("ann"))
    page = client.get(way.format(code=code.lower()), follow=True)
    assert b'data-test="invited"' in page.content
    client.post("/p/demo/join/", FORM)
    enter_code(client, last_code())
    settle()
    ben = Member.objects.get(identity__email="ben@example.com")
    assert Referral.objects.get(friend=ben).referrer.external_id == "ann"


def test_a_link_of_nobody_keeps_nobody_from_joining(client: Client) -> None:
    inviting()
    page = client.get("/p/demo/r/WHATEVER", follow=True)
    assert b'data-test="invited"' not in page.content
    client.post("/p/demo/join/", FORM)
    enter_code(client, last_code())
    assert Member.objects.filter(identity__email="ben@example.com").exists()
    assert not Referral.objects.exists()


def test_a_link_of_another_program_is_nobodys_here(client: Client) -> None:
    other = inviting(program={"code": "other"})
    code = referral_code(member=other.member("ann"))
    inviting()
    assert b'data-test="invited"' not in client.get(f"/p/demo/r/{code}", follow=True).content
