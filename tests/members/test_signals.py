"""Devices, browsers and instruments: noted once a month, forgotten when they were not seen for long."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member, MemberSignal
from members.services.signals import BATCH, KEPT, SETTLED, digest_signal, forget_signals, remember_signals
from rewards.models import RedemptionPolicy
from rewards.selectors.policies import demands_of
from tests.campaigns.world import NOW, make_world

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - KEPT - timedelta(days=1)
DEVICE, INSTRUMENT, BROWSER = "device", "instrument", "browser"


@pytest.fixture
def member() -> Member:
    world = make_world()
    return world.member("ann")


def see(member: Member, kind: str, name: str, at: datetime) -> None:
    remember_signals(seen=[(member.pk, {kind: name})], at=at)


def left() -> set[str]:
    names = {digest_signal(kind, name): name for kind in (DEVICE, INSTRUMENT, BROWSER) for name in "abcd"}
    return {names[bytes(one.digest)] for one in MemberSignal.objects.all()}


def test_what_is_seen_often_is_noted_once_a_month(member: Member) -> None:
    noted = []
    for days in (0, 29, 30, 59, 60):
        see(member, DEVICE, "a", NOW + timedelta(days=days))
        row = MemberSignal.objects.get()
        assert row.first_seen_at == NOW
        noted.append((row.last_seen_on - NOW.date()).days)
    assert noted == [0, 0, 30, 30, 60]


def test_an_old_event_sets_no_day_back(member: Member) -> None:
    see(member, DEVICE, "a", NOW)
    see(member, DEVICE, "a", NOW - timedelta(days=300))
    assert MemberSignal.objects.get().last_seen_on == NOW.date()


def test_many_signals_are_remembered_with_one_statement(member: Member) -> None:
    with CaptureQueriesContext(connection) as captured:
        remember_signals(seen=[(member.pk, {DEVICE: "a", INSTRUMENT: "b"}), (member.pk, {DEVICE: "a"})], at=NOW)
        remember_signals(seen=[], at=NOW)
    assert (len(captured), left()) == (1, {"a", "b"})


def test_what_was_not_seen_for_long_is_forgotten_and_what_was_seen_since_stays(member: Member) -> None:
    see(member, INSTRUMENT, "a", LONG_AGO)
    see(member, INSTRUMENT, "b", LONG_AGO + timedelta(days=1))
    see(member, DEVICE, "c", LONG_AGO)
    see(member, BROWSER, "d", NOW - SETTLED - timedelta(days=1))
    assert forget_signals(at=NOW) == 2
    assert left() == {"b", "d"}
    assert forget_signals(at=NOW) == 0


def test_the_device_that_a_member_was_seen_with_last_stays_however_long_ago(member: Member) -> None:
    see(member, DEVICE, "a", LONG_AGO - timedelta(days=1))
    see(member, DEVICE, "b", LONG_AGO)
    forget_signals(at=NOW)
    assert left() == {"b"}
    forget_signals(at=NOW + 10 * KEPT)
    assert left() == {"b"}


def test_forgetting_ends_no_cooling(member: Member) -> None:
    RedemptionPolicy.objects.update_or_create(program=member.program, defaults={"cooling_hours": 720})
    see(member, DEVICE, "a", LONG_AGO)
    see(member, DEVICE, "b", NOW - timedelta(days=29))
    until = demands_of(member, at=NOW).cooling_until
    assert until is not None
    forget_signals(at=NOW)
    assert demands_of(member, at=NOW).cooling_until == until
    forget_signals(at=NOW + SETTLED)
    assert left() == {"b"}
    see(member, DEVICE, "c", NOW + KEPT)
    assert demands_of(member, at=NOW + KEPT).cooling_until is not None


def test_many_are_forgotten_in_batches(member: Member) -> None:
    rows = (
        MemberSignal(
            member=member, kind=INSTRUMENT, digest=bytes([number // 256, number % 256]), first_seen_at=LONG_AGO,
            last_seen_on=LONG_AGO.date(),
        )
        for number in range(BATCH + 1)
    )  # fmt: skip
    MemberSignal.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as captured:
        assert forget_signals(at=NOW) == BATCH + 1
    assert len(captured) == 2
