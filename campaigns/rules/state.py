"""What the rules know: members as they stand, moved event by event while a batch is judged."""

from collections import Counter
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.goal_state import GoalState
from campaigns.rules.leaderboards import Board
from campaigns.rules.limits import Tally
from campaigns.rules.offers import OpenOffer
from members.rules.facts import Vehicle, year_start
from members.rules.tiers import Rung
from members.rules.windows import DayEntry, Sums
from rewards.rules.vouchers import GivenReward


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
    rewards: Mapping[str, GivenReward]  # those that campaigns give, by code
    boards: Mapping[str, Board] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()  # types of events of which some condition asks how often or when

    def hears(self, event_type: str) -> bool:
        """Whether a rule of a running campaign listens to a type, or a condition asks for what happened of it."""
        return event_type in self.asked or any(campaign.running for campaign, _ in self.rules.get(event_type, ()))

    def rung(self, code: str) -> Rung | None:
        """A tier of the ladder."""
        return next((rung for rung in self.ladder if rung.code == code), None)


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


@dataclass(frozen=True, slots=True)
class Exposed:
    """On which side of a holdout a member stands from a day on. ``hundredths``: its percentage then, times 100."""

    held_out: bool
    hundredths: int
    day: date


PROGRAM_WIDE = 0  # in place of a campaign's id


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
    exposed: dict[int, Exposed] = field(default_factory=dict)  # by campaign: those with a holdout that came up
    goals: dict[tuple[int, int], GoalState] = field(default_factory=dict)  # by goal and offer, 0 = none
    offers: dict[int, list[OpenOffer]] = field(default_factory=dict)  # open ones by campaign

    def wallet(self, unit: str) -> Wallet:
        """The wallet of a unit, empty where there is none yet."""
        wallet = self.wallets.get(unit)
        if wallet is None:
            wallet = self.wallets[unit] = Wallet()
        return wallet

    def goal(self, goal_id: int, offer_id: int = 0) -> GoalState:
        """What the member has of a goal, within an offer or (0) without; empty where there is nothing yet."""
        state = self.goals.get((goal_id, offer_id))
        if state is None:
            state = self.goals[goal_id, offer_id] = GoalState()
        return state

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


class Plenty(dict[int, int]):
    """Stock that never ends: where it is not asked how much there was."""

    def __missing__(self, _reward_id: int) -> int:
        """More than anybody takes."""
        return 1 << 32


@dataclass(slots=True)
class Shared:
    """What members share, as read at the start and counted down event by event.

    ``left`` by ledger account id (None = without floor); ``payers`` finds the account: (payer code, unit). ``closed``
    are contests that nobody enters any more.
    """

    left: MutableMapping[int, int | None]
    payers: Mapping[tuple[str, str], int]
    tally: Tally
    stock: MutableMapping[int, int] = field(default_factory=Counter)  # codes that are left, of rewards given from stock
    closed: set[int] = field(default_factory=set)

    def forget_credits(self, earlier: "Shared") -> None:
        """See no more than an earlier reading left, as if nothing had been given back since."""
        for account, left in earlier.left.items():
            if left is not None:
                self.left[account] = min(left, self.left[account] or 0)
        for reward_id, left in earlier.stock.items():
            self.stock[reward_id] = min(left, self.stock.get(reward_id, left))
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


def no_event(member: MemberState, program_zone: ZoneInfo, at: datetime) -> JudgedEvent:
    """Nothing that happened: what members' conditions are judged for at a moment."""
    local = at.astimezone(member.market.zone)
    return JudgedEvent(
        event_id=0,
        source="",
        key="",
        type_code="",
        type_id=0,
        qualifying=False,
        member_id=member.member_id,
        time=at,
        local=local,
        day=local.date(),
        program_day=at.astimezone(program_zone).date(),
        amount_minor=None,
        currency="",
        amount_base=None,
        outlet=None,
        data={},
    )
