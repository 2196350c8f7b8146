"""What the rules know: members as they stand, moved event by event while a batch is judged."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.goal_state import GoalState
from campaigns.rules.limits import Tally
from members.rules.facts import Vehicle, year_start
from members.rules.tiers import Rung
from members.rules.windows import DayEntry, Sums


@dataclass(frozen=True, slots=True)
class Market:
    """A market, as far as rules care."""

    market_id: int
    code: str
    currency: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet and the dealer, region and market it belongs to; empty where there is none."""

    outlet_id: int
    code: str
    kind: str
    market: str
    dealer: str
    region: str


@dataclass(frozen=True, slots=True)
class Program:
    """The configuration that evaluating needs; one object a revision, shared by all events."""

    program_id: int
    code: str
    currency: str
    zone: ZoneInfo
    holdout: Decimal
    reversal: str
    rules: Mapping[str, tuple[tuple[CampaignRules, Rule], ...]]  # by event type, in order of judgement
    ladder: tuple[Rung, ...]  # lowest first
    calendar_year: bool
    never_falls: bool  # a tier once earned is kept
    rates: "Rates"


@dataclass(slots=True)
class TypeCount:
    """How often a type happened, first and last when."""

    occurrences: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(slots=True)
class Wallet:
    """One member's value in one unit, in its smallest unit."""

    available: int = 0
    pending: int = 0
    debt: int = 0


@dataclass(slots=True)
class MemberState:
    """A member as it stands just before the event that is judged."""

    member_id: int
    uuid: UUID
    external_id: str
    kind: str
    status: str
    market: Market
    region: str
    language: str
    kyc: str
    kyc_at: datetime | None
    enrolled_at: datetime
    attributes: Mapping[str, object]
    tier: Rung | None
    segments: frozenset[str] = frozenset()
    birth_month: int | None = None
    merchant: Mapping[str, str] | None = None
    preferred: bool | None = None
    vehicles: tuple[Vehicle, ...] = ()
    last_active_on: date | None = None
    latest_day: date | None = None  # of all that was counted so far
    badges: set[tuple[str, str]] = field(default_factory=set)  # and in which window of a goal: empty = once for ever
    wallets: dict[str, Wallet] = field(default_factory=dict)  # by unit: points or a currency
    type_counts: dict[str, TypeCount] = field(default_factory=dict)  # by type code
    sums: dict[date, Sums] = field(default_factory=dict)  # of every local day that the batch touches
    visits: dict[date, tuple[set[int], set[str]]] = field(default_factory=dict)  # outlets, dealers of 12 months
    previous_on: dict[tuple[str, date], date] = field(default_factory=dict)  # latest earlier day; date.min = none
    held_out: dict[int, bool] = field(default_factory=dict)  # by campaign, remembered
    goals: dict[int, GoalState] = field(default_factory=dict)  # by goal

    def wallet(self, unit: str) -> Wallet:
        """The wallet of a unit, empty where there is none yet."""
        return self.wallets.setdefault(unit, Wallet())

    def record(self, entry: DayEntry, event: "JudgedEvent") -> None:
        """Let every window of the batch see what an event added."""
        for sums in self.sums.values():
            sums.add(entry)
        self._count_type(event)
        self.latest_day = max(self.latest_day or event.day, event.day)
        if entry.events:
            self.last_active_on = max(self.last_active_on or event.day, event.day)
        for day, (outlets, dealers) in self.visits.items():
            if entry.events > 0 and event.outlet and year_start(day) <= event.day <= day:
                outlets.add(event.outlet.outlet_id)
                dealers.update({event.outlet.dealer} - {""})
        for code, day in self.previous_on:
            if code == event.type_code and event.day < day:
                self.previous_on[code, day] = max(self.previous_on[code, day], event.day)

    def _count_type(self, event: "JudgedEvent") -> None:
        count = self.type_counts.setdefault(event.type_code, TypeCount(0, None, None))
        count.occurrences += 1
        count.first_at = min(count.first_at or event.time, event.time)
        count.last_at = max(count.last_at or event.time, event.time)


@dataclass(slots=True)
class Shared:
    """What members share, as read at the start and counted down event by event.

    ``left`` by ledger account id (None = without floor); ``payers`` finds the account: (payer code, unit).
    """

    left: MutableMapping[int, int | None]
    payers: Mapping[tuple[str, str], int]
    tally: Tally

    def forget_credits(self, earlier: "Shared") -> None:
        """See no more than an earlier reading left, as if nothing had been given back since."""
        for account, left in earlier.left.items():
            if left is not None:
                self.left[account] = min(left, self.left[account] or 0)
        for key, used in earlier.tally.counters.items():
            if not key.member_id:
                self.tally.counters[key] = max(used, self.tally.counters.get(key, 0))


@dataclass(slots=True)
class JudgedEvent:
    """An event that passed the intake, in the shape that rules read; ``event_id`` comes when its key is taken."""

    event_id: int
    source: str
    key: str
    type_code: str
    type_id: int
    qualifying: bool
    member_id: int
    time: datetime
    local: datetime  # wall time in the member's market
    day: date
    program_day: date
    amount_minor: int | None
    currency: str
    amount_base: int | None
    outlet: Outlet | None
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rates:
    """Base units for one unit of a currency, by first day, newest first; the base currency counts one."""

    base: str
    by_currency: Mapping[str, tuple[tuple[date, Decimal], ...]]

    def on(self, currency: str, day: date) -> Decimal | None:
        """The rate in force on a day; None where there is none."""
        if currency == self.base:
            return Decimal(1)
        return next((rate for since, rate in self.by_currency.get(currency, ()) if since <= day), None)
