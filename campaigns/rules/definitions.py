"""A campaign as the engine holds it: read once from its stored definition, then only compared.

Points and money are whole numbers of the smallest unit. All objects are frozen and shared by threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from campaigns.rules.offers import Terms
from members.rules.conditions import Condition
from members.rules.evaluate import Check


class Per(StrEnum):
    """The period over which a limit counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    CAMPAIGN = "campaign"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many times, points or minor units of a currency (``units``) in a period, a member or in total."""

    total: bool
    per: Per
    units: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PerAmount:
    """So many points for every full ``every`` (minor units of ``currency``)."""

    points: int
    every: int
    currency: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long points live: months (to the end of the month, or the day), days, or for ever (neither)."""

    months: int | None = None
    month_end: bool = False
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Award points: a fixed number or by amount. ``status`` points qualify for the tier and cannot be spent."""

    fixed: int | None
    per_amount: PerAmount | None
    status: bool
    pending_days: int
    expiry: Expiry


@dataclass(frozen=True, slots=True)
class Multiply:
    """Add (``by`` - 1) times the points that campaigns ``of`` (None: all) granted to the event."""

    by: Fraction
    of: frozenset[str] | None
    max_extra: int | None
    pending_days: int
    expiry: Expiry


@dataclass(frozen=True, slots=True)
class Cashback:
    """Give money of the member's market: fixed by currency, or a percentage of the amount up to a most by currency."""

    fixed: Mapping[str, int]
    percent: Fraction | None
    most: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BadgeEffect:
    """Give a badge: once, or once in each window of the goal."""

    badge: str
    once_a_window: bool = False


@dataclass(frozen=True, slots=True)
class RewardEffect:
    """Give a reward: a voucher of it."""

    reward: str


@dataclass(frozen=True, slots=True)
class EntryEffect:
    """Enter a score on a leaderboard: the event's amount in base currency, one, or the points that it gives."""

    board: str
    score: str


@dataclass(frozen=True, slots=True)
class TierEffect:
    """Lift to a tier for so many days after the event's; never lower."""

    to: str
    days: int


@dataclass(frozen=True, slots=True)
class Unavailable:
    """An effect whose feature this installation does not offer yet: it is refused, never dropped silently."""

    kind: str


type Effect = Points | Multiply | Cashback | BadgeEffect | RewardEffect | TierEffect | EntryEffect | Unavailable


@dataclass(frozen=True, slots=True)
class Share:
    """A payer (budget code, or ``program``, ``market``, ``region``, ``dealer``, ``campaign``) and its percentage."""

    payer: str
    percent: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Start or end: an instant, or wall time in each member's market."""

    instant: datetime | None = None
    wall: datetime | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When, in the member's market: weekdays (1 = Monday), hours [from, to), and ``festive``: days by market."""

    weekdays: frozenset[int] | None = None
    hours: tuple[int, int] | None = None
    festive: Mapping[str, frozenset[date]] | None = None


class Kind(StrEnum):
    """What a goal adds up."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    STREAK = "streak"
    LEVEL = "level"


class Period(StrEnum):
    """A part of the calendar in the member's market; weeks are those of ISO 8601."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Window:
    """Over what a goal adds up: a period, the last days, the hours since enrolment, or (none of them) the campaign."""

    period: Period | None = None
    rolling_days: int | None = None
    enrolled_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Streak:
    """Periods in a row, each with at least ``need`` events (or minor units); each run may miss ``freezes`` periods."""

    period: Period
    need: int
    freezes: int


@dataclass(frozen=True, slots=True)
class Milestone:
    """What is given when a goal's progress reaches ``reach`` (of a sum: minor units)."""

    reach: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a rule accumulates. ``measure`` says in a word what is added up and over what.

    Progress goes on over versions of the campaign as long as the measure stays. ``goal_id`` is what progress is kept
    under, 0 until it is known. ``currency`` is that of sums and of amounts in a streak.
    """

    goal_id: int
    measure: str
    kind: Kind
    window: Window
    repeat: bool
    milestones: tuple[Milestone, ...]
    currency: str = ""
    fact: str = ""
    by: str = ""
    streak: Streak | None = None

    @property
    def lap(self) -> int:
        """After how much a goal that repeats begins anew."""
        return self.milestones[-1].reach


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a campaign. ``when`` checks the facts, ``condition`` is the same as data.

    A rule gives its ``effects`` each time, or has a goal whose milestones give theirs.
    """

    index: int
    code: str
    event_type: str
    when: Check | None
    condition: Condition | None
    goal: Goal | None
    limits: tuple[Limit, ...]
    effects: tuple[Effect, ...]

    def every_effect(self) -> tuple[Effect, ...]:
        """Those of the rule itself and of its milestones."""
        milestones = self.goal.milestones if self.goal else ()
        return (*self.effects, *(effect for milestone in milestones for effect in milestone.effects))


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may take part: members of a list segment, or those for whom a condition holds."""

    segment: str | None = None
    check: Check | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """A version of a campaign that is in force; one that is not ``running`` explains itself and pays nothing."""

    campaign_id: int
    version_id: int
    version: int
    code: str
    priority: int
    running: bool
    promise: bool
    starts: Moment
    ends: Moment | None
    markets: frozenset[str] | None
    regions: frozenset[str] | None
    schedule: Schedule
    audience: Audience | None
    holdout: Decimal
    offer: Terms | None  # how it is offered; None: it pays by itself
    stack: str | None
    limits: tuple[Limit, ...]
    payers: tuple[Share, ...]
    rules: tuple[Rule, ...] = field(default=())


EPOCH = date(1970, 1, 1)  # the bucket of limits that never start anew
