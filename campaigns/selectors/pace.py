"""How fast every budget of a program is used: those of the tree, and campaigns' own."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.compiling import funders, moment
from campaigns.rules.gates import instant
from campaigns.rules.pace import Pace, Plan, pace
from campaigns.selectors.used_up import used_up
from campaigns.selectors.versions import newest_of, zones_in, zones_of
from core.models import Program
from dealers.models import Budget
from ledger.models import POINTS
from ledger.selectors.days import Filled, filled_accounts, used_days

LAUNCHED = (Campaign.State.SCHEDULED, Campaign.State.LIVE, Campaign.State.PAUSED, Campaign.State.ENDED)


@dataclass(frozen=True, slots=True)
class BudgetPace:
    """A budget in one unit. ``parent``: what it is filled from, as far as the reader sees it; ``depth`` below the top.

    ``row`` is the budget of the tree, or the campaign that has it for its own.
    """

    row: Budget | Campaign
    name: str
    parent: str
    depth: int
    pace: Pace

    @property
    def kind(self) -> str:
        """``budget`` or ``campaign``."""
        return "campaign" if isinstance(self.row, Campaign) else "budget"


def budget_paces(
    *, program: Program, budgets: QuerySet[Budget], campaigns: QuerySet[Campaign], at: datetime
) -> list[BudgetPace]:
    """The pace of these budgets and of these campaigns' own, a budget before those that it fills.

    A fixed number of queries: accounts, their days, and the rows.
    """
    accounts = {(one.code, one.unit): one for one in filled_accounts(program.pk) if one.floor is not None}
    rows = list(budgets.filter(program=program, retired=False).select_related("parent").order_by("code"))
    versions = newest_of(campaigns.filter(program=program, state__in=LAUNCHED))
    owners = [version for version in versions if version.definition.get("budget")]
    reader = _Reader(program, at, accounts)
    names = {name: row.code for row in rows for name in (row.code, *(["program"] if row.parent_id is None else []))}
    lines = [*_tree(rows), *_of_campaigns(owners, names)]
    reader.read([line.account for line in lines])
    return [one for line in _in_order(lines) for one in reader.paces(line)]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the tree before its figures are known."""

    row: Budget | Campaign
    account: str
    name: str
    parent: str
    granted: Mapping[str, int] | None
    version: CampaignVersion | None = None
    depth: int = 0


def _tree(rows: Sequence[Budget]) -> Iterator[_Line]:
    seen = {row.code for row in rows}
    for row in rows:
        parent = row.parent.code if row.parent and row.parent.code in seen else ""
        units = {unit: amount for unit, amount in {POINTS: row.points, **row.money}.items() if amount}
        yield _Line(row, f"budget:{row.code}", row.code, parent, units)


def _of_campaigns(versions: Sequence[CampaignVersion], seen: Mapping[str, str]) -> Iterator[_Line]:
    for version in versions:
        payers = [share.payer for share in funders(version.definition.get("fund") or "program")]
        parent = seen.get(payers[0], "") if len(payers) == 1 else ""
        row = version.campaign
        yield _Line(row, f"campaign:{row.code}", row.name, parent, None, version)


def _in_order(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Depth first; what fills others stands above them."""
    below: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        below[line.parent].append(line)
    waiting = [(line, 0) for line in reversed(below[""])]
    while waiting:
        line, depth = waiting.pop()
        yield _Line(line.row, line.account, line.name, line.parent, line.granted, line.version, depth)
        if isinstance(line.row, Budget):
            waiting += [(one, depth + 1) for one in reversed(below[line.row.code])]


class _Reader:
    """Accounts and their days, read once for all lines."""

    def __init__(self, program: Program, at: datetime, accounts: Mapping[tuple[str, str], Filled]) -> None:
        self.zone = ZoneInfo(program.timezone)
        self.today = at.astimezone(self.zone).date()
        self.accounts = accounts
        self.refusing = used_up(program, accounts.values())
        self.zones = zones_of(program)
        self.units = sorted({unit for _, unit in accounts}, key=lambda unit: (unit != POINTS, unit))
        self.days: defaultdict[int, dict[date, int]] = defaultdict(dict)

    def read(self, codes: Collection[str]) -> None:
        """What the accounts of these codes paid by day."""
        wanted = set(codes)
        ids = [one.account_id for (code, _), one in self.accounts.items() if code in wanted]
        for account, day, used, returned in used_days(ids) if ids else ():
            self.days[account][day] = used - returned

    def paces(self, line: _Line) -> Iterator[BudgetPace]:
        """One for each unit that the budget was given."""
        for unit in self.units:
            account = self.accounts.get((line.account, unit))
            granted = line.granted.get(unit, 0) if line.granted is not None else account.filled if account else 0
            if account is None or not (granted or account.filled or account.used):
                continue
            yield BudgetPace(line.row, line.name, line.parent, line.depth, self._pace(line, account, granted))

    def _pace(self, line: _Line, account: Filled, granted: int) -> Pace:
        plan = self._of_campaign(line.version) if line.version else self._of_year(account.since or self.today)
        return pace(
            unit=account.unit,
            plan=plan,
            granted=granted,
            used=account.used,
            left=account.balance,
            by_day=self.days[account.account_id],
            today=self.today,
            refuses=account.account_id in self.refusing,
        )

    def _of_year(self, since: date) -> Plan:
        """Budgets of the tree are for the calendar year, or what was left of it when they were first filled."""
        first = max(since, date(self.today.year, 1, 1))
        return Plan(first, date(first.year, 12, 31))

    def _of_campaign(self, version: CampaignVersion) -> Plan:
        """From its first day to its last in the program's time zone; without an end, to the end of the year."""
        definition: Mapping[str, Any] = version.definition
        zones = zones_in(definition, self.zones) or [self.zone]
        starts = min(instant(moment(definition["starts"]), zone) for zone in zones)
        first = starts.astimezone(self.zone).date()
        if not definition.get("ends"):
            return Plan(first, date(max(first, self.today).year, 12, 31))
        ends = max(instant(moment(definition["ends"]), zone) for zone in zones)
        last = (ends.astimezone(self.zone) - timedelta(microseconds=1)).date()
        return Plan(first, max(first, last))
