"""What the rules decided about one event."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from campaigns.rules.definitions import CampaignRules, Goal, Milestone, Rule
from campaigns.rules.goals import Progress
from campaigns.rules.limits import LimitedKey
from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import JudgedEvent
from members.rules.evaluate import Failed
from members.rules.tiers import Rung
from members.rules.windows import DayEntry


class Payment(NamedTuple):
    """A ledger account pays a part of an award."""

    account_id: int
    amount: int


@dataclass(slots=True)
class Wish:
    """What an effect means to give. ``unit``: ``points``, ``status``, a currency (minor units) or ``thing``.

    A thing has a code; ``once`` says in which window of a goal it is given once (empty: once for ever), ``more`` what
    the outcome adds about it, and ``charge`` what it costs its payer: a currency and minor units of it.
    """

    kind: str
    unit: str
    desired: int | None
    expires_on: date | None = None
    available_on: date | None = None
    code: str = ""
    once: str = ""
    more: dict[str, object] = field(default_factory=dict)
    charge: tuple[str, int] | None = None
    rung: Rung | None = None  # the tier that is given, through ``expires_on``
    scarce: bool = False  # it cannot be had because others have taken it


@dataclass(frozen=True, slots=True)
class Addition:
    """What an event adds to a goal's progress under a key, in the window that begins on ``start``."""

    goal: Goal
    start: date
    key: str
    value: int
    offer_id: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """A milestone that an event reached, with whose progress (``by``: of a level its vehicle, else empty).

    A ghost's member is held out.
    """

    campaign: CampaignRules
    rule: Rule
    goal: Goal
    milestone: Milestone
    start: date
    by: str
    ghost: bool
    offer: OpenOffer | None = None

    @property
    def window(self) -> str:
        """The window that it was reached in, in a word."""
        return window_name(self.goal.goal_id, self.start, self.by, self.offer.offer_id if self.offer else 0)


def window_name(goal_id: int, start: date, by: str, offer_id: int) -> str:
    """A window of a goal in a word; of each offer it is another."""
    return f"{goal_id}:{start}:{by}:{offer_id}" if offer_id else f"{goal_id}:{start}:{by}"


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """How far a goal is after an event; ``ends_at`` None = the window has no end."""

    campaign: CampaignRules
    rule: Rule
    goal: Goal
    by: str
    progress: Progress
    ends_at: datetime | None
    offer_id: int = 0


@dataclass(slots=True)
class Award:
    """What an effect gave, who pays, and how much of it repays the member's debt at once."""

    campaign: CampaignRules
    rule: Rule
    wish: Wish
    amount: int
    payments: list[Payment]
    repaid: int = 0
    reached: Reached | None = None
    offer: OpenOffer | None = None

    @property
    def book(self) -> str:
        """The unit of the book in which it moves something."""
        return self.wish.charge[0] if self.wish.charge else self.wish.unit


@dataclass(slots=True)
class Refused:
    """What an effect meant to give and did not: ``limit``, ``outbid``, ``budget`` or ``not-available``.

    ``account``: of ``budget``, the account that could not pay.
    """

    campaign: CampaignRules
    rule: Rule
    wish: Wish
    reason: str
    reached: Reached | None = None
    account: int | None = None
    offer: OpenOffer | None = None


@dataclass(slots=True)
class Line:
    """Why a rule fired or did not; ``desired`` and ``granted`` add up its effects in the unit of the first one."""

    campaign: CampaignRules
    rule: Rule
    reason: str = ""
    failed: Failed | None = None
    unit: str = ""
    desired: int = 0
    granted: int = 0
    firings: "list[Firing]" = field(default_factory=list)

    @property
    def fired(self) -> bool:
        """A rule fired when nothing stood against it."""
        return not self.reason

    def wanted(self, wish: Wish) -> None:
        """Note what an effect means to give; points and money do not add up."""
        self.unit = self.unit or wish.unit
        if wish.unit == self.unit:
            self.desired += wish.desired or 0

    def got(self, wish: Wish, amount: int) -> None:
        """Note what an effect gave."""
        if wish.unit == self.unit:
            self.granted += amount

    def close(self) -> None:
        """A rule that gave nothing because all was refused did not fire."""
        refusals = [reason for firing in self.firings for reason in firing.refusals]
        self.reason = refusals[0] if refusals and not any(firing.given for firing in self.firings) else ""


@dataclass(slots=True)
class Firing:
    """A rule that passed its conditions, or a milestone of it, with the counters that its awards move."""

    line: Line
    keys: list[LimitedKey]
    ghost: bool
    reached: Reached | None = None
    offer: OpenOffer | None = None
    given: int = 0
    refusals: list[str] = field(default_factory=list)
    counted: bool = False


@dataclass(slots=True)
class Ghost:
    """What a held-out member would have been given."""

    campaign: CampaignRules
    rule: Rule
    wish: Wish
    amount: int
    reached: Reached | None = None
    offer: OpenOffer | None = None


@dataclass(slots=True)
class Judgement:
    """The whole answer of the rules to an event.

    ``tier`` is set where a higher one was earned, ``lifted`` where one was given.
    """

    event: JudgedEvent
    awards: list[Award] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    ghosts: list[Ghost] = field(default_factory=list)
    added: list[Addition] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    goals: list[GoalStanding] = field(default_factory=list)
    completed: list[OpenOffer] = field(default_factory=list)  # offers that it was the first to complete
    entry: DayEntry | None = None
    tier_before: Rung | None = None
    tier: Rung | None = None
    lifted: Rung | None = None
    is_short: bool = False  # something shared ran out for it
