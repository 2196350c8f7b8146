"""Events that the calendar causes: each market's local days are worked once, those that were missed too."""

from datetime import datetime
from itertools import batched
from zoneinfo import ZoneInfo

from django.db.models import Max

from campaigns.models import CalendarDay
from campaigns.rules.derived import days_due
from campaigns.selectors.calendar import CALENDAR, LocalDay
from campaigns.services.configuration import current_configuration
from campaigns.services.derived import derive, is_heard
from campaigns.services.intake import BATCH
from core.models import Market, Program
from members.rules.facts import local_date


def derive_days(*, program: Program, at: datetime) -> int:
    """Derive the events of all local days that began since each market's last one; how many there were.

    The first time it is the present day, after a standstill at most the last 31. It works in short transactions; once
    more after it was stopped half-way, it does what is left and nothing twice.
    """
    markets = Market.objects.filter(program=program).annotate(last=Max("calendar_days__day")).order_by("pk")
    taken = 0
    for market in markets:
        zone = ZoneInfo(market.timezone)
        for day in days_due(market.last, local_date(at, zone)):
            events = _work_day(program.pk, LocalDay(market.pk, zone, day), at)
            CalendarDay.objects.get_or_create(market=market, day=day, defaults={"at": at, "events": events})
            taken += events
    return taken


def _work_day(program_id: int, local: LocalDay, at: datetime) -> int:
    configuration = current_configuration(program_id)
    heard = [find for event_type, find in CALENDAR.items() if is_heard(configuration, event_type)]
    return sum(
        derive(program_id=program_id, found=batch, at=at) for find in heard for batch in batched(find(local), BATCH)
    )
