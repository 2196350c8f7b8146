"""Goals as arithmetic: windows of the calendar, runs of streaks, milestones that are due, and losses."""

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.definitions import EPOCH, Goal, Kind, Milestone, Period, Streak, Window
from campaigns.rules.goal_grammar import read_goal
from campaigns.rules.goal_losses import left, lose
from campaigns.rules.goal_state import MOST_AT_ONCE, GoalState, advance
from campaigns.rules.goal_windows import period_number, window_end, window_start
from campaigns.rules.goals import alive, due, plus, progress, runs
from campaigns.rules.takebacks import Cut

ENROLLED = datetime(2026, 3, 1, 10, tzinfo=UTC)


def goal(kind: Kind, window: Window | None = None, *reaches: int, repeat: bool = False, **more: Any) -> Goal:
    """A goal whose milestones give nothing."""
    milestones = tuple(Milestone(reach, ()) for reach in reaches)
    return Goal(1, "m", kind, window or Window(), repeat, milestones, **more)


# -- windows ------------------------------------------------------------------------------------


def start(window: Window, local: str, zone: str = "Asia/Singapore") -> str | None:
    """The window of wall time in a zone."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    found = window_start(window, day=at.date(), at=at.astimezone(UTC), enrolled_at=ENROLLED)
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("period", "first", "last", "end"),
    [
        ("day", "2026-12-31T00:00:00", "2026-12-31T23:59:59", "2026-12-31T16:00:00+00:00"),
        ("week", "2026-12-28T00:00:00", "2027-01-03T23:59:59", "2027-01-03T16:00:00+00:00"),  # ISO week 53
        ("month", "2028-02-01T00:00:00", "2028-02-29T23:59:59", "2028-02-29T16:00:00+00:00"),
        ("quarter", "2026-10-01T00:00:00", "2026-12-31T23:59:59", "2026-12-31T16:00:00+00:00"),
        ("year", "2028-01-01T00:00:00", "2028-12-31T23:59:59", "2028-12-31T16:00:00+00:00"),
    ],
)
def test_periods_are_those_of_the_local_calendar(period: str, first: str, last: str, end: str) -> None:
    window = Window(period=Period(period))
    assert start(window, first) == start(window, last) == first[:10]
    after = (datetime.fromisoformat(last) + timedelta(seconds=1)).isoformat()
    assert start(window, after) == after[:10]
    ended = window_end(window, date.fromisoformat(first[:10]), zone=ZoneInfo("Asia/Singapore"), enrolled_at=ENROLLED)
    assert ended
    assert ended.isoformat() == end


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_is_as_long_as_its_zone_says(day: str, hours: int) -> None:
    window, zone = Window(period=Period.DAY), ZoneInfo("Europe/Berlin")
    first = date.fromisoformat(day)
    end = window_end(window, first, zone=zone, enrolled_at=ENROLLED)
    begin = datetime.combine(first, datetime.min.time(), zone)
    assert end
    assert (end - begin.astimezone(UTC)).total_seconds() == hours * 3600


def test_hours_since_enrolment_include_both_ends_and_nothing_before() -> None:
    window = Window(enrolled_hours=24)
    moments = [ENROLLED + timedelta(seconds=s) for s in (-1, 0, 24 * 3600, 24 * 3600 + 1)]
    found = [window_start(window, day=at.date(), at=at, enrolled_at=ENROLLED) for at in moments]
    assert found == [None, EPOCH, EPOCH, None]


@pytest.mark.parametrize("period", list(Period))
@given(day=st.dates(date(1999, 1, 1), date(2101, 1, 1)))
def test_periods_are_numbered_without_gaps(period: Period, day: date) -> None:
    following = day + timedelta(days=1)
    numbers = period_number(period, day), period_number(period, following)
    same = start(Window(period=period), f"{day}T12:00:00") == start(Window(period=period), f"{following}T12:00:00")
    assert numbers[1] - numbers[0] == (0 if same else 1)


# -- streaks ------------------------------------------------------------------------------------


def months(text: str, year: int = 2026) -> dict[str, int]:
    """Tallies of months: a digit each, from November of the year before."""
    found = {}
    for place, digit in enumerate(text):
        index = year * 12 - 2 + place
        found[date(index // 12, index % 12 + 1, 1).isoformat()] = int(digit)
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize(
    ("tallies", "need", "freezes", "lengths"),
    [
        ("", 1, 0, []),
        ("111", 1, 0, [3]),
        ("11011", 1, 0, [2, 2]),
        ("11011", 1, 1, [4]),
        ("110011", 1, 1, [2, 2]),
        ("110011", 1, 2, [4]),
        ("1010101", 1, 2, [3, 1]),  # the freezes of a run are used up; the next run has its own
        ("10100101", 1, 1, [2, 2]),
        ("2122", 2, 0, [1, 2]),  # too little is as good as nothing
        ("2122", 2, 1, [3]),
    ],
)
def test_a_missed_period_uses_a_freeze_of_its_run_or_ends_it(
    tallies: str, need: int, freezes: int, lengths: list[int]
) -> None:
    assert [run.length for run in runs(Streak(Period.MONTH, need, freezes), months(tallies))] == lengths


@pytest.mark.parametrize(
    ("day", "freezes", "length"),
    [
        ("2026-01-31", 0, 3),  # its last month
        ("2026-02-28", 0, 3),  # the running one may yet come
        ("2026-03-01", 0, 0),
        ("2026-03-01", 1, 3),
        ("2026-03-31", 1, 3),
        ("2026-04-01", 1, 0),
        ("2025-12-01", 0, 3),  # an event of an earlier month does not end what came later
    ],
)
def test_the_running_period_never_ends_a_streak(day: str, freezes: int, length: int) -> None:
    streak = Streak(Period.MONTH, 1, freezes)
    run = alive(streak, runs(streak, months("111")), date.fromisoformat(day))
    assert (run.length if run else 0) == length


# -- milestones ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "times", "shown"),
    [(0, [0, 0], (0, 3)), (2, [0, 0], (2, 3)), (3, [1, 0], (3, 5)), (5, [1, 1], (5, None)), (99, [1, 1], (99, None))],
)
def test_each_milestone_is_reached_once(total: int, times: list[int], shown: tuple[int, int | None]) -> None:
    one = goal(Kind.COUNT, None, 3, 5)
    assert list(due(one, {"": total}, "").values()) == times
    assert progress(one, {"": total}, "", date(2026, 6, 1)) == shown


@pytest.mark.parametrize(
    ("total", "times", "shown"),
    [(2, [0, 0], (2, 3)), (3, [1, 0], (3, 5)), (5, [1, 1], (0, 3)), (7, [1, 1], (2, 3)), (13, [3, 2], (3, 5))],
)
def test_a_lap_is_the_highest_milestone_and_overflow_carries_on(
    total: int, times: list[int], shown: tuple[int, int | None]
) -> None:
    one = goal(Kind.SUM, None, 3, 5, repeat=True)
    assert list(due(one, {"": total}, "").values()) == times
    assert progress(one, {"": total}, "", date(2026, 6, 1)) == shown


def test_laps_of_a_streak_begin_anew_with_each_run() -> None:
    one = goal(Kind.STREAK, None, 2, 3, repeat=True, streak=Streak(Period.MONTH, 1, 0))
    assert due(one, months("1111101101"), "") == {2: 3, 3: 1}


def test_an_event_reaches_many_laps_lowest_first_and_no_more_than_a_hundred_of_a_milestone() -> None:
    one, state = goal(Kind.SUM, None, 2, 3, repeat=True), GoalState()
    assert [m.reach for _, m in advance(one, EPOCH, {"": 8}, state)] == [2, 3, 2, 3, 2]
    assert len(advance(one, EPOCH, {"": 3000}, state)) == 2 * MOST_AT_ONCE
    assert len(advance(one, EPOCH, {"": 1}, state)) == 2 * MOST_AT_ONCE  # the rest stays due


def test_progress_goes_on_where_a_version_asks_for_other_milestones() -> None:
    before, state = goal(Kind.COUNT, None, 4), GoalState()
    assert [m.reach for _, m in advance(before, EPOCH, {"": 3}, state)] == []
    after = goal(Kind.COUNT, None, 2, 3, 9)
    assert [m.reach for _, m in advance(after, EPOCH, {"": 1}, state)] == [2, 3]
    assert lose(goal(Kind.COUNT, None, 5, 9), state, EPOCH, {"": 3}) == {}  # 2 and 3 are reached still
    assert lose(goal(Kind.COUNT, None, 5, 9), state, EPOCH, {"": 1}) == {(EPOCH, "", 3): 1, (EPOCH, "", 2): 1}


@pytest.mark.parametrize(
    ("plain", "measure"),
    [
        ({"count": True, "window": "month"}, "count/month"),
        ({"sum": "base", "window": "campaign"}, "sum:SGD/campaign"),
        ({"sum": {"currency": "IDR"}, "window": {"rolling_days": 30}}, "sum:IDR/rolling"),
        ({"distinct": "event.dealer", "window": {"since_enrolled_hours": 9}}, "distinct:event.dealer/enrolled"),
        (
            {"level": "event.data.km", "by": "event.data.vin", "window": "year"},
            "level:event.data.km/event.data.vin/year",
        ),
        ({"streak": {"period": "week", "count": 2}, "window": "year"}, "streak:week/year"),
        (
            {"streak": {"period": "week", "amount": {"value": "5.00", "currency": "SGD"}}, "window": "year"},
            "streak:week:SGD/year",
        ),
    ],
)
def test_a_measure_names_what_adds_up_and_not_how_much_is_needed(plain: dict[str, Any], measure: str) -> None:
    assert read_goal(plain, "SGD").measure == measure


@pytest.mark.parametrize(
    ("kind", "cut", "remains"),
    [
        (Kind.SUM, Cut(100, 100, 60), 60),
        (Kind.SUM, Cut(100, 60, 0), 0),
        (Kind.COUNT, Cut(100, 100, 60), 100),
        (Kind.STREAK, Cut(100, 100, 60), 100),
        (Kind.LEVEL, Cut(0, 0, 0), 0),
    ],
)
def test_sums_lose_the_amount_and_others_the_event_when_nothing_remains(kind: Kind, cut: Cut, remains: int) -> None:
    assert left(goal(kind), 100 if cut.before == 100 else cut.before, cut) == remains


# -- against a count from the beginning ---------------------------------------------------------

DAYS = st.dates(date(2026, 1, 1), date(2026, 4, 30))
KINDS = st.sampled_from(list(Kind))
WINDOWS = st.sampled_from([Window(), Window(period=Period.MONTH), Window(period=Period.WEEK), Window(rolling_days=20)])


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    kind = draw(KINDS)
    reaches = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=3)))
    streak = Streak(Period.WEEK, draw(st.integers(1, 3)), draw(st.integers(0, 2)))
    repeat = draw(st.booleans())
    return goal(kind, draw(WINDOWS), *reaches, repeat=repeat, streak=streak if kind is Kind.STREAK else None)


@st.composite
def histories(draw: st.DrawFn, one: Goal) -> list[tuple[str, int, date, str, int]]:
    """Events (day, key, value) that come, and some of them that go again."""
    steps: list[tuple[str, int, date, str, int]] = []
    there: list[tuple[int, date, str, int]] = []
    for number in range(draw(st.integers(1, 14))):
        if there and draw(st.integers(0, 2)) == 0:
            steps.append(("back", *there.pop(draw(st.integers(0, len(there) - 1)))))
            continue
        day = draw(DAYS)
        keys = {Kind.DISTINCT: st.sampled_from("abcdef"), Kind.LEVEL: st.sampled_from("xy")}
        key = draw(keys.get(one.kind, st.just("")))
        if one.kind is Kind.STREAK:
            key = (day - timedelta(days=day.weekday())).isoformat()
        value = draw(st.integers(1, 9)) if one.kind in {Kind.SUM, Kind.LEVEL} else 1
        there.append((number, day, key, value))
        steps.append(("come", *there[-1]))
    return steps


def recounted(one: Goal, events: list[tuple[int, date, str, int]]) -> dict[date, dict[str, int]]:
    """Tallies from the beginning."""
    tallies: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for _, day, key, value in events:
        first = where(one, day)
        tallies[first][key] = plus(one, tallies[first].get(key, 0), value)
    return dict(tallies)


def where(one: Goal, day: date) -> date:
    found = window_start(one.window, day=day, at=datetime(2026, 1, 1, tzinfo=UTC), enrolled_at=ENROLLED)
    assert found
    return found


def clean(tallies: dict[date, dict[str, int]]) -> dict[date, dict[str, int]]:
    found = {day: {key: value for key, value in kept.items() if value} for day, kept in tallies.items()}
    return {day: kept for day, kept in found.items() if kept}


@given(data=st.data())
def test_progress_and_milestones_are_those_of_a_count_from_the_beginning(data: st.DataObject) -> None:
    one = data.draw(goals())
    state, there = GoalState(), list[tuple[int, date, str, int]]()
    for step, number, day, key, value in data.draw(histories(one)):
        if step == "come":
            there.append((number, day, key, value))
            advance(one, where(one, day), {key: value}, state)
        else:
            there = [known for known in there if known[0] != number]
            after = recounted(one, there).get(where(one, day), {}).get(key, 0)
            lose(one, state, where(one, day), {key: after})
        assert clean(state.tallies) == recounted(one, there)
        check_milestones(one, state)


def check_milestones(one: Goal, state: GoalState) -> None:
    """What was reached is what is due; where windows slide or runs begin anew, never more than there was reason for."""
    for first, times in state.reached.items():
        for by in {by for by, _ in times} | {""}:
            wanted = due(one, state.gathered(one, first), by)
            reached = {reach: times.get((by, reach), 0) for reach in wanted}
            if one.window.rolling_days:
                assert all(wanted[reach] >= bool(count) for reach, count in reached.items())
            elif one.kind is Kind.STREAK and one.repeat:
                assert all(reached[reach] >= wanted[reach] for reach in wanted)
            else:
                assert reached == wanted


@given(data=st.data(), reach=st.integers(1, 6))
def test_a_rolling_milestone_is_not_reached_twice_within_its_days(data: st.DataObject, reach: int) -> None:
    one = goal(Kind.COUNT, Window(rolling_days=20), reach)
    state = GoalState()
    for step, _, day, key, value in data.draw(histories(one)):
        if step == "come":
            advance(one, day, {key: value}, state)
        else:
            lose(one, state, day, {key: state.tallies[day][key] - value})
        days = sorted(day for day, times in state.reached.items() if times.get(("", reach)))
        assert all((later - earlier).days >= 20 for earlier, later in itertools.pairwise(days))
