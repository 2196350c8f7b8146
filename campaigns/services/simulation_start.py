"""What members share when a simulation begins: balances of budgets and counters of all members, as they stood then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from campaigns.models import Event
from campaigns.rules.compiling import money
from campaigns.rules.definitions import Per
from campaigns.rules.kinds import THING
from campaigns.rules.limits import POINTS, TIMES, CounterKey, Counters, Tally, bucket
from campaigns.rules.state import Plenty, Shared
from campaigns.rules.takebacks import awarded, unit_of
from campaigns.selectors import replays
from campaigns.selectors.replays import Span
from campaigns.services.configuration import Configuration
from campaigns.services.trials import Draft

type Funded = list[tuple[int, Any, int]]  # account, moment and amount
type Payers = dict[tuple[str, str], int]  # accounts by payer and unit
type Left = dict[int, int | None]  # by account; None = without end


@dataclass(slots=True)
class Start:
    """``funded`` is what budgets received later; ``names`` says of each account the payer and the unit."""

    shared: Shared
    funded: Funded
    names: dict[int, tuple[str, str]] = field(default_factory=dict)


def start_of(configuration: Configuration, span: Span, drafts: Sequence[Draft]) -> Start:
    """What is shared at the first event of a span; of ``drafts`` each has the budget that it asks for."""
    payers = dict(configuration.purses.payers)
    left = replays.left_at(set(payers.values()), span.first)
    funded = replays.funded([pk for pk, balance in left.items() if balance is not None])
    _give_budgets(drafts, payers, left, funded)
    began = Event.objects.filter(pk=span.first).values_list("recorded_at", flat=True).first()
    later = [row for row in funded if began and row[1] > began]
    for account, _at, amount in later:
        left[account] = (left[account] or 0) - amount
    names: dict[int, tuple[str, str]] = {}
    for (payer, unit), account in payers.items():
        names.setdefault(account, (payer, unit))
    return Start(Shared(left, payers, Tally(_totals(configuration, span)), Plenty()), later, names)


def _give_budgets(drafts: Sequence[Draft], payers: Payers, left: Left, funded: Funded) -> None:
    """A draft's own budget, less what the campaign had spent before."""
    numbers = count(-1, -1)
    for draft in drafts:
        budget: Mapping[str, Any] = draft.definition.get("budget") or {}
        wanted = {POINTS: budget.get("points") or 0, **money(budget.get("money") or {})} if budget else {}
        for unit, amount in wanted.items():
            payer = (f"campaign:{draft.code}", unit)
            own = payers.get(payer)
            received = sum(moved for account, _at, moved in funded if account == own)
            spent = received - (left.get(own) or 0) if own is not None else 0
            payers[payer] = account = next(numbers)
            left[account] = max(0, amount - spent)


def _totals(configuration: Configuration, span: Span) -> Counters:
    """Counters of all members before the span: as they are, less what events gave since."""
    if not span.has_earlier:
        return {}
    program = configuration.program
    ids: dict[str, int] = {}
    totals: Counters = {}
    for campaign_id, code, *counter, used in replays.totals_now(program.program_id):
        ids[code] = campaign_id
        totals[CounterKey(0, campaign_id, *counter)] = used
    for time, effects in replays.effects_since(program.program_id, span.first) if totals else ():
        day = time.astimezone(program.zone).date()
        for per in Per:
            for campaign, rule, unit, amount in _counted(effects):
                key = CounterKey(0, ids.get(campaign, 0), rule, per, bucket(per, day), unit)
                if key in totals:
                    totals[key] = max(0, totals[key] - amount)
    return totals


def _counted(effects: Collection[Mapping[str, Any]]) -> list[tuple[str, str, str, int]]:
    """What limits count of an answer: campaign, rule (and the whole campaign: empty), unit and amount."""
    rows = []
    firings = {(e["campaign"], e["rule"], e.get("reach")) for e in effects if "reach" in e or _given(e) > 0}
    for campaign, rule, _reach in firings:
        rows += [(campaign, rule, TIMES, 1), (campaign, "", TIMES, 1)]
    for effect in effects:
        unit = unit_of(effect)
        if unit and unit != THING:
            limited = POINTS if unit == "status" else unit
            amount = awarded(effect, unit)
            rows += [(effect["campaign"], name, limited, amount) for name in (effect["rule"], "")]
    return rows


def _given(effect: Mapping[str, Any]) -> int:
    """How much, of things at least one (of messages none)."""
    unit = unit_of(effect)
    return int(effect.get("amount", 1)) if unit == THING or not unit else awarded(effect, unit)
