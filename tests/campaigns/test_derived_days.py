"""Birthdays, anniversaries of vehicles and long silence: at the beginning of the member's local day, each once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import CalendarDay, Event
from campaigns.rules.derived import day_start, days_due, month_days
from campaigns.selectors.calendar import CALENDAR, LocalDay
from campaigns.services.calendar import derive_days
from core.models import Market
from members.models import Member
from tests.campaigns.derived import derived
from tests.campaigns.world import BASE, NOW, World, campaign, fixed, make_world, rule

pytestmark = pytest.mark.django_db
SINGAPORE, JAKARTA = ZoneInfo("Asia/Singapore"), ZoneInfo("Asia/Jakarta")


def listening(*types: str, **sections: Any) -> World:
    return make_world(*(campaign(t.replace(".", "-"), rule("r", fixed(10), event=t)) for t in types), **sections)


def days(world: World, moment: str) -> int:
    return derive_days(program=world.program, at=datetime.fromisoformat(moment))


def happened() -> Sequence[tuple[str, str]]:
    return [(event.member.external_id, event.time.isoformat()) for event in derived()]


# -- what day it is ----------------------------------------------------------------------------


def test_someone_born_on_the_29th_of_february_celebrates_on_the_28th_in_other_years() -> None:
    assert month_days(date(2027, 2, 28)) == [(2, 28), (2, 29)]
    assert month_days(date(2028, 2, 28)) == [(2, 28)]
    assert month_days(date(2028, 2, 29)) == [(2, 29)]
    assert month_days(date(2027, 3, 1)) == [(3, 1)]


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Singapore", "2026-06-15", "2026-06-14T16:00:00+00:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00+00:00"),  # its midnight is skipped
        ("Africa/Cairo", "2026-10-30", "2026-10-29T22:00:00+00:00"),  # the hour before it comes twice
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),  # it comes twice
    ],
)
def test_a_day_begins_once_where_the_clocks_change(zone: str, day: str, start: str) -> None:
    assert day_start(date.fromisoformat(day), ZoneInfo(zone)).isoformat() == start


def test_a_day_begins_on_that_day_everywhere() -> None:
    for zone in map(ZoneInfo, ("Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Santiago", "Asia/Kathmandu")):
        for number in range(366):
            day = date(2026, 1, 1) + timedelta(days=number)
            start = day_start(day, zone)
            assert start.astimezone(zone).date() == day
            assert (start - timedelta(seconds=1)).astimezone(zone).date() < day


def test_missed_days_are_made_up_for_a_month() -> None:
    today = date(2026, 6, 15)
    assert days_due(None, today) == [today]
    assert days_due(today, today) == []
    assert days_due(date(2026, 6, 12), today) == [date(2026, 6, 13), date(2026, 6, 14), today]
    assert (len(days_due(date(2025, 6, 12), today)), days_due(date(2025, 6, 12), today)[-1]) == (31, today)


# -- birthdays ----------------------------------------------------------------------------------


def test_a_birthday_begins_with_the_local_day() -> None:
    world = listening("member.birthday")
    ann = world.member("ann", birth_date="1990-06-15")
    world.member("budi", market="ID", birth_date="1990-06-15")
    world.member("cui", birth_date="1990-06-16")
    assert days(world, "2026-06-14T23:59:00+08:00") == 0
    assert days(world, "2026-06-15T00:00:00+08:00") == 1
    assert days(world, "2026-06-15T00:59:59+08:00") == 0
    assert days(world, "2026-06-15T01:00:00+08:00") == 1
    assert happened() == [("ann", "2026-06-14T16:00:00+00:00"), ("budi", "2026-06-14T17:00:00+00:00")]
    assert derived()[0].key == f"birthday:2026:{ann.uuid}"
    assert [event.outcome.answer["effects"][0]["amount"] for event in derived()] == [10, 10]


def test_birthdays_come_once_a_year_also_after_a_restart_half_way() -> None:
    world = listening("member.birthday")
    for number in range(3):
        world.member(f"m{number}", birth_date="1990-06-15")
    assert days(world, "2026-06-15T10:00:00+08:00") == 3
    CalendarDay.objects.filter(day="2026-06-15").delete()
    assert days(world, "2026-06-15T11:00:00+08:00") == 0
    assert days(world, "2027-06-15T11:00:00+08:00") == 3
    assert len(derived()) == 6


def test_birthdays_missed_in_a_standstill_are_made_up_for_in_their_time() -> None:
    world = listening("member.birthday")
    days(world, "2026-06-10T12:00:00+08:00")
    world.member("ann", birth_date="1990-06-12")
    world.member("late", birth_date="1990-06-12", enrolled_at="2026-06-12T00:00:01+08:00")
    assert days(world, "2026-06-15T12:00:00+08:00") == 1
    assert happened() == [("ann", "2026-06-11T16:00:00+00:00")]


def test_a_birthday_on_leap_day_is_an_event_every_year() -> None:
    world = listening("member.birthday")
    world.member("ann", birth_date="2000-02-29")
    for day in ("2027-02-27", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29", "2028-03-01"):
        days(world, f"{day}T12:00:00+08:00")
    assert [event.day.isoformat() for event in derived()] == ["2027-02-28", "2028-02-29"]


def test_the_day_of_birth_itself_and_erased_members_are_no_birthday() -> None:
    world = listening("member.birthday")
    world.member("newborn", birth_date="2026-06-15")
    world.member("gone", birth_date="1990-06-15")
    Member.objects.filter(external_id="gone").update(status="erased")
    assert days(world, "2026-06-15T12:00:00+08:00") == 0


def test_days_to_which_nobody_listens_pass_without_a_question() -> None:
    world = listening("member.enrolled")
    world.member("ann", birth_date="1990-06-15")
    days(world, "2026-06-14T12:00:00+08:00")
    with CaptureQueriesContext(connection) as captured:
        assert days(world, "2026-06-15T12:00:00+08:00") == 0
    assert not [query for query in captured if "birth_date" in query["sql"]]
    assert Event.objects.count() == 0


# -- vehicles -----------------------------------------------------------------------------------


def test_a_vehicle_has_an_anniversary_each_year_from_the_first() -> None:
    world = listening("vehicle.anniversary")
    cars = [{"vin": "VIN1", "bought_on": "2024-06-15"}, {"vin": "VIN2", "bought_on": "2026-06-15"}, {"vin": "VIN3"}]
    world.member("ann", vehicles=cars)
    assert days(world, "2026-06-15T12:00:00+08:00") == 1
    assert days(world, "2027-06-15T12:00:00+08:00") == 2
    assert [event.data for event in derived()] == [
        {"vin": "VIN1", "years": 2}, {"vin": "VIN1", "years": 3}, {"vin": "VIN2", "years": 1}
    ]  # fmt: skip


# -- silence ------------------------------------------------------------------------------------


def test_a_member_is_inactive_on_the_first_day_after_so_many_without_activity() -> None:
    world = listening("member.inactive")
    ann = world.member("ann")
    world.outcome(time="2026-06-15T12:00:00+08:00")
    world.member("never", enrolled_at="2026-06-16T12:00:00+08:00", at=NOW + timedelta(days=9))
    for number in range(100):
        days(world, (NOW + timedelta(days=number)).isoformat())
    found = [(event.member.external_id, event.day.isoformat(), event.data["days"]) for event in derived()]
    assert found == [
        ("ann", "2026-07-15", 30), ("never", "2026-07-16", 30), ("ann", "2026-08-14", 60), ("never", "2026-08-15", 60),
        ("ann", "2026-09-13", 90), ("never", "2026-09-14", 90),
    ]  # fmt: skip
    assert derived()[0].key == f"inactive:2026-07-15:{ann.uuid}"


def test_silence_is_no_activity_and_is_broken_only_by_what_counts() -> None:
    world = listening("member.inactive")
    world.member("ann")
    world.outcome(time=NOW.isoformat())
    later = NOW + timedelta(days=29)
    world.outcome(None, type="app.opened", time=later.isoformat(), at=later)
    assert days(world, (NOW + timedelta(days=30)).isoformat()) == 1
    back = NOW + timedelta(days=40)
    world.outcome(time=back.isoformat(), at=back)
    assert days(world, (NOW + timedelta(days=60)).isoformat()) == 0
    assert days(world, (NOW + timedelta(days=70)).isoformat()) == 1


@pytest.mark.parametrize("event_type", sorted(CALENDAR))
def test_the_number_of_queries_does_not_grow_with_the_members(event_type: str) -> None:
    world = listening(event_type)
    market = Market.objects.get(program=world.program, code="SG")
    counts = []
    for wanted in (1, 3):
        for number in range(wanted):
            name, bought = f"m{wanted}-{number}", [{"vin": f"V{wanted}{number}", "bought_on": "2024-06-15"}]
            world.member(name, birth_date="1990-06-15", vehicles=bought, enrolled_at="2026-05-16T00:00:00+08:00")
        days(world, "2026-06-14T12:00:00+08:00")  # which reads the configuration
        with CaptureQueriesContext(connection) as captured:
            assert days(world, "2026-06-15T12:00:00+08:00") == wanted
        counts.append(len(captured))
        CalendarDay.objects.all().delete()
    assert counts[0] == counts[1]
    assert len(list(CALENDAR[event_type](LocalDay(market.pk, SINGAPORE, date(2026, 6, 15))))) == 4


def test_markets_keep_their_own_time() -> None:
    assert {market["timezone"] for market in BASE["markets"]} == {SINGAPORE.key, JAKARTA.key}
    assert datetime(2026, 6, 15, tzinfo=UTC).astimezone(JAKARTA).hour == 7
