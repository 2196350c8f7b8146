"""Windows of goals: local days of the member's market, named by their first day; and the periods of streaks."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import EPOCH, Period, Window

MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
WEEK = 7
YEAR_MONTHS = 12


@lru_cache(maxsize=4096)  # a batch asks for the same few days thousands of times
def period_start(period: Period, day: date) -> date:
    """The first day of the period in which a day falls."""
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)


def period_end(period: Period, day: date) -> date:
    """The first day after the period in which a day falls."""
    start = period_start(period, day)
    if period in MONTHS:
        years, month = divmod(start.month - 1 + MONTHS[period], YEAR_MONTHS)
        return date(start.year + years, month + 1, 1)
    return start + timedelta(days=WEEK if period is Period.WEEK else 1)


@lru_cache(maxsize=4096)
def period_number(period: Period, day: date) -> int:
    """Periods counted through the calendar: neighbours differ by one."""
    if period in MONTHS:
        return (day.year * YEAR_MONTHS + day.month - 1) // MONTHS[period]
    return period_start(period, day).toordinal() // (WEEK if period is Period.WEEK else 1)


def window_start(window: Window, *, day: date, at: datetime, enrolled_at: datetime) -> date | None:
    """The window that an event of a local day and moment adds to, by its first day; None outside of every window.

    Of a rolling window each day is kept by itself: what counts are the days up to the event's own.
    """
    if window.rolling_days:
        return day
    if window.enrolled_hours:
        return EPOCH if enrolled_at <= at <= _enrolment_end(window.enrolled_hours, enrolled_at) else None
    return period_start(window.period, day) if window.period else EPOCH


def window_days(window: Window, start: date) -> tuple[date, date]:
    """First and last day (both in) under which progress is kept that counts in the window of ``start``."""
    return (start - timedelta(days=(window.rolling_days or 1) - 1), start)


def firing_days(window: Window, start: date) -> tuple[date, date]:
    """First and last day (both in) on which a milestone that was reached is not reached anew on ``start``."""
    days = timedelta(days=(window.rolling_days or 1) - 1)
    return (start - days, start + days)


@lru_cache(maxsize=4096)
def window_end(window: Window, start: date, *, zone: ZoneInfo, enrolled_at: datetime) -> datetime | None:
    """When a window ends, out; None for one that has no end of its own."""
    if window.enrolled_hours:
        return _enrolment_end(window.enrolled_hours, enrolled_at)
    return midnight(period_end(window.period, start), zone) if window.period else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _enrolment_end(hours: int, enrolled_at: datetime) -> datetime:
    return enrolled_at + timedelta(hours=hours)
