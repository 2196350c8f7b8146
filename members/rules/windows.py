"""Sums of what a member did over windows of local days."""

from dataclasses import dataclass
from datetime import date

from members.rules.facts import window_start, year_start
from members.rules.tiers import Progress


@dataclass(slots=True)
class DayEntry:
    """What one event adds to its member's day; negative when it takes back."""

    day: date
    type_id: int
    outlet_id: int
    occurrences: int
    events: int
    amount: int
    status_points: int


@dataclass(slots=True)
class Sums:
    """Qualifying events and base minor units in the windows that end with ``day``."""

    day: date
    events_30d: int = 0
    events_90d: int = 0
    events_12m: int = 0
    events_year: int = 0
    amount_30d: int = 0
    amount_90d: int = 0
    amount_12m: int = 0
    amount_year: int = 0
    status_points_12m: int = 0
    status_points_year: int = 0

    def progress(self, *, calendar_year: bool) -> Progress:
        """What counts toward tiers."""
        if calendar_year:
            return Progress(self.amount_year, self.events_year, self.status_points_year)
        return Progress(self.amount_12m, self.events_12m, self.status_points_12m)

    def add(self, entry: DayEntry) -> None:
        """Count an entry in every window that its day falls in."""
        if entry.day > self.day:
            return
        if entry.day >= year_start(self.day):
            self.events_12m += entry.events
            self.amount_12m += entry.amount
            self.status_points_12m += entry.status_points
        if entry.day.year == self.day.year:
            self.events_year += entry.events
            self.amount_year += entry.amount
            self.status_points_year += entry.status_points
        if entry.day >= window_start(self.day, 90):
            self.events_90d += entry.events
            self.amount_90d += entry.amount
        if entry.day >= window_start(self.day, 30):
            self.events_30d += entry.events
            self.amount_30d += entry.amount
