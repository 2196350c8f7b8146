"""Campaigns on festival days: whole local days of the member's market, shifted by operators, fixed at launch."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import CampaignVersion, FestivalShift
from campaigns.rules.definitions import Schedule
from campaigns.rules.gates import is_in_schedule
from campaigns.services.festivals import shift_festival
from core.models import Market
from core.refusals import Invalid
from loyalty.operations.program_file.checking import check
from members.models import Member
from tests.campaigns.world import NOW, World, case, document, fixed, kept_world, make_world

pytestmark = pytest.mark.django_db
ZONES = {
    "SG": "Asia/Singapore",
    "AE": "Asia/Dubai",
    "ID": "Asia/Jakarta",
    "VN": "Asia/Ho_Chi_Minh",
    "US": "America/New_York",
}
MARKETS = [
    {"code": code, "name": code, "currency": "IDR" if code == "ID" else "SGD", "timezone": zone, "languages": ["en"]}
    for code, zone in ZONES.items()
]  # fmt: skip
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)


def festive(name: str, channel: str | None = None, **more: Any) -> dict[str, Any]:
    own = {key: more.pop(key) for key in ("days_before", "days_after") if key in more}
    return case(channel or name, fixed(1), schedule={"festival": {"name": name, **own}}, **more)


LONG = {"starts": "2026-01-01T00:00:00", "ends": "2033-01-01T00:00:00"}
CAMPAIGNS = [
    festive("ramadan", **LONG),
    festive("eid-al-fitr", days_before=3, days_after=2),
    festive("national-day"),
    festive("lunar-new-year", "weekend-new-year", starts="2026-01-01T00:00:00"),
    festive("tet", days_before=366, days_after=366),
]
CAMPAIGNS[3]["schedule"]["weekdays"] = [6, 7]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CAMPAIGNS, markets=MARKETS) as one:
        yield one


def reason(world: World, channel: str, time: str, market: str = "SG", data: Any = None) -> str | None:
    """Why the channel's campaign pays nothing, None when it pays."""
    name = f"of-{market.lower()}"
    if not Member.objects.filter(external_id=name, program=world.program).exists():
        world.member(name, market=market)
    event = world.event(data={"channel": channel}, subject=name, time=time)
    (answer,) = world.send(event, at=max(NOW, datetime.fromisoformat(time)), trace=True)
    assert answer.refusal is None, answer.refusal
    (found,) = [one["reason"] for one in answer.trace if one["campaign"] == channel]
    return str(found) if found else None


@pytest.mark.parametrize(
    ("channel", "market", "pays", "not_yet", "not_any_more"),
    [
        # Ramadan 1447 is 18 February to 19 March 2026; 2030 has two.
        ("ramadan", "SG", "2026-02-18T00:00:00+08:00", "2026-02-17T23:59:59+08:00", "2026-03-20T00:00:00+08:00"),
        ("ramadan", "SG", "2026-03-19T23:59:59+08:00", "2026-02-17T23:59:59+08:00", "2026-03-20T00:00:00+08:00"),
        ("ramadan", "AE", "2026-02-18T00:00:00+04:00", "2026-02-17T23:59:59+04:00", "2026-03-20T00:00:00+04:00"),
        ("ramadan", "US", "2026-03-19T23:59:59-04:00", "2026-02-17T23:59:59-05:00", "2026-03-20T00:00:00-04:00"),
        ("ramadan", "AE", "2030-01-05T00:00:00+04:00", "2030-01-04T23:59:59+04:00", "2030-02-04T00:00:00+04:00"),
        ("ramadan", "AE", "2030-12-26T00:00:00+04:00", "2030-12-25T23:59:59+04:00", "2031-01-25T00:00:00+04:00"),
        ("eid-al-fitr", "ID", "2026-03-17T00:00:00+07:00", "2026-03-16T23:59:59+07:00", "2026-03-23T00:00:00+07:00"),
        ("eid-al-fitr", "ID", "2026-03-22T23:59:59+07:00", "2026-03-16T23:59:59+07:00", "2026-03-23T00:00:00+07:00"),
        ("national-day", "SG", "2026-08-09T12:00:00+08:00", "2026-08-08T23:59:59+08:00", "2026-09-02T12:00:00+08:00"),
        ("national-day", "VN", "2026-09-02T12:00:00+07:00", "2026-08-09T12:00:00+07:00", "2026-09-03T00:00:00+07:00"),
        ("national-day", "US", "2026-07-04T23:59:59-04:00", "2026-07-04T03:59:59Z", "2026-07-05T04:00:00Z"),
    ],
)  # fmt: skip
def test_a_festival_is_whole_days_of_the_members_market(
    world: World, channel: str, market: str, pays: str, not_yet: str, not_any_more: str
) -> None:
    found = [reason(world, channel, time, market) for time in (pays, not_yet, not_any_more)]
    assert found == [None, "outside-schedule", "outside-schedule"]


def test_festival_and_weekdays_must_both_hold(world: World) -> None:
    # The first day of the lunar new year is a Tuesday in 2026 and a Saturday in 2027, 6 February.
    assert reason(world, "weekend-new-year", "2026-02-17T12:00:00+08:00") == "outside-schedule"
    assert reason(world, "weekend-new-year", "2027-02-06T12:00:00+08:00") is None
    assert reason(world, "weekend-new-year", "2027-02-07T12:00:00+08:00") == "outside-schedule"


def test_days_around_may_fill_the_year(world: World) -> None:
    assert reason(world, "tet", "2026-08-01T12:00:00+08:00") is None


def test_a_campaign_without_an_end_knows_its_festivals_for_twenty_years(world: World) -> None:
    assert reason(world, "national-day", "2045-08-09T12:00:00+08:00") is None
    version = CampaignVersion.objects.get(campaign__code="national-day")
    assert version.festival_days is not None
    assert len(version.festival_days["SG"]) in {20, 21}


def test_the_rules_get_days_as_data() -> None:
    days = Schedule(festive={"SG": frozenset({date(2026, 3, 20)})})
    noon = datetime(2026, 3, 20, 12)  # noqa: DTZ001  # wall time
    assert is_in_schedule(days, noon, "SG")
    assert not is_in_schedule(days, noon, "ID")


# -- shifts and launch ------------------------------------------------------------------------


def kept(code: str = "eid-al-fitr") -> Any:
    versions = CampaignVersion.objects.filter(campaign__code=code, program__code="demo").order_by("-number")
    return versions.values_list("festival_days", flat=True)[0]


def shift(world: World, days: int, market: str = "SG", falls_on: date = date(2027, 3, 9), at: Any = BEFORE) -> None:
    place = Market.objects.get(program=world.program, code=market)
    shift_festival(market=place, festival="eid-al-fitr", falls_on=falls_on, days=days, at=at)


TO_COME = festive("eid-al-fitr", starts="2027-01-01T00:00:00", ends="2028-01-01T00:00:00")
IN_2027 = datetime(2027, 1, 2, tzinfo=UTC)


def test_a_market_may_keep_a_festival_on_another_day() -> None:
    world = make_world(TO_COME, markets=MARKETS)
    shift(world, 1)
    days = {code: spans[0][0] for code, spans in kept().items()}
    assert days == {"SG": "2027-03-10", **dict.fromkeys(("AE", "ID", "VN", "US"), "2027-03-09")}
    assert reason(world, "eid-al-fitr", "2027-03-09T12:00:00+08:00") == "outside-schedule"
    assert reason(world, "eid-al-fitr", "2027-03-10T12:00:00+08:00") is None
    assert reason(world, "eid-al-fitr", "2027-03-09T12:00:00+07:00", "ID") is None


def test_a_campaign_that_has_begun_keeps_its_days_until_it_is_launched_anew() -> None:
    world = make_world(TO_COME, markets=MARKETS)
    shift(world, 1, at=IN_2027)
    assert kept()["SG"] == [["2027-03-09", "2027-03-09"]]
    assert reason(world, "eid-al-fitr", "2027-03-10T12:00:00+08:00") == "outside-schedule"
    world.reload(document(TO_COME | {"priority": 1}, markets=MARKETS))
    assert kept()["SG"] == [["2027-03-10", "2027-03-10"]]
    assert reason(world, "eid-al-fitr", "2027-03-10T12:00:00+08:00") is None


def test_a_campaign_begins_market_by_market() -> None:
    world = make_world(TO_COME, markets=MARKETS)
    between = datetime(2026, 12, 31, 18, tzinfo=UTC)  # 2027 in Singapore and Jakarta, still 2026 in New York
    shift(world, 1, "SG", at=between)
    shift(world, 1, "US", at=between)
    assert [kept()[code] for code in ("SG", "US")] == [[["2027-03-09"] * 2], [["2027-03-10"] * 2]]


def test_a_shift_is_taken_back() -> None:
    world = make_world(TO_COME, markets=MARKETS)
    shift(world, -2)
    assert kept()["SG"] == [["2027-03-07", "2027-03-07"]]
    shift(world, 0)
    assert kept()["SG"] == [["2027-03-09", "2027-03-09"]]
    assert not FestivalShift.objects.exists()


def test_a_draft_has_no_days_yet() -> None:
    make_world(TO_COME | {"state": "draft"}, markets=MARKETS)
    assert kept() is None


def test_a_market_that_comes_later_gets_its_days_and_the_others_keep_theirs() -> None:
    begun = festive("eid-al-fitr")
    world = make_world(begun, markets=MARKETS)
    shift(world, 1, at=IN_2027)
    new = {"code": "MY", "name": "MY", "currency": "SGD", "timezone": "Asia/Kuala_Lumpur", "languages": ["en"]}
    world.reload(document(begun, markets=[*MARKETS, new]))
    assert [["2027-03-09", "2027-03-09"] in kept()[code] for code in ("SG", "MY")] == [True, True]


@pytest.mark.parametrize(("days", "falls_on"), [(8, date(2027, 3, 9)), (-8, date(2027, 3, 9)), (1, date(2027, 3, 8))])
def test_a_shift_moves_a_festival_that_is_there_by_some_days(days: int, falls_on: date) -> None:
    world = make_world(TO_COME, markets=MARKETS)
    with pytest.raises(Invalid):
        shift(world, days, falls_on=falls_on)
    assert not FestivalShift.objects.exists()
    assert kept()["SG"] == [["2027-03-09", "2027-03-09"]]


# -- the file ---------------------------------------------------------------------------------


def faults(campaign: dict[str, Any], **market: str) -> list[tuple[str, str]]:
    body = document(campaign, markets=[{**MARKETS[0], **market}, MARKETS[2]], outlets=[])
    checked = check(json.dumps(body, indent=1).encode())
    assert all(fault.line > 1 for fault in checked.faults)
    return [(fault.path, fault.message) for fault in checked.faults]


def test_a_festival_that_nobody_knows_is_a_fault_with_its_line() -> None:
    path = "campaigns[0].schedule.festival.name"
    assert [fault[0] for fault in faults(festive("easter"))] == [path]
    assert faults(festive("national-day"), timezone="Etc/UTC", code="EAST") == [
        (path, "no national-day is known for market EAST (time zone Etc/UTC)")
    ]
    assert faults(festive("tet", starts="2026-03-01T00:00:00", ends="2026-04-01T00:00:00"))[0] == (
        path, "tet does not come to market SG between starts and ends"
    )  # fmt: skip
    assert faults(festive("ramadan")) == []
