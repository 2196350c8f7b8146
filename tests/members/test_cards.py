"""The member card: a QR code of half a minute that says who stands there, once, in one program."""

from datetime import timedelta

import pytest

from core.refusals import NotFound
from core.services.tokens import Outdated, Replayed
from loyalty.operations.erase import erase
from members.models import Member, MemberCard
from members.services.cards import read_card, show_card
from tests.campaigns.world import NOW, World, everyday, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(everyday())


def test_a_card_names_its_member_once(world: World) -> None:
    ann, bob = world.member("ann"), world.member("bob")
    card, seconds = show_card(member=ann, at=NOW)
    assert seconds == 30
    assert show_card(member=bob, at=NOW).text != card == show_card(member=ann, at=NOW).text
    assert str(ann.uuid).replace("-", "") not in card.lower()
    assert read_card(program=world.program, token=card, at=NOW) == ann
    with pytest.raises(Replayed):
        read_card(program=world.program, token=card, at=NOW)
    later = NOW + timedelta(seconds=30)
    assert read_card(program=world.program, token=show_card(member=ann, at=later).text, at=later) == ann


def test_a_card_that_is_late_forged_or_of_another_program_names_nobody(world: World) -> None:
    ann = world.member("ann")
    card = show_card(member=ann, at=NOW).text
    with pytest.raises(Outdated):
        read_card(program=world.program, token=card, at=NOW + timedelta(minutes=1))
    other = make_world(everyday(), program={"code": "other"})
    for program, token in ((other.program, card), (world.program, "M." + "A" * 56), (world.program, str(ann.uuid))):
        with pytest.raises(NotFound):
            read_card(program=program, token=token, at=NOW)
    assert read_card(program=world.program, token=card, at=NOW) == ann


def test_a_frozen_member_is_known_and_an_erased_one_is_not(world: World) -> None:
    ann = world.member("ann")
    Member.objects.update(status=Member.Status.FROZEN)
    assert read_card(program=world.program, token=show_card(member=ann, at=NOW).text, at=NOW) == ann
    erase(program=world.program, reference="ann", at=NOW)
    assert not MemberCard.objects.exists()
    later = NOW + timedelta(seconds=30)
    with pytest.raises(NotFound):
        read_card(program=world.program, token=show_card(member=ann, at=later).text, at=later)


def test_another_name_on_the_card_ends_what_the_old_phone_shows(world: World) -> None:
    ann = world.member("ann")
    card = show_card(member=ann, at=NOW).text
    MemberCard.objects.all().delete()
    show_card(member=ann, at=NOW)
    with pytest.raises(NotFound):
        read_card(program=world.program, token=card, at=NOW)
