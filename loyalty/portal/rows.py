"""Lines of the activity as people read them: a title, a day, what came or went, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Event
from campaigns.selectors.activity import Happening
from campaigns.selectors.names import Names
from ledger.models import POINTS
from loyalty.display import formats
from loyalty.display.explanations import Sentence, Tone
from loyalty.display.fact_words import type_name
from rewards.selectors.receipts import Slip

TITLES: Mapping[str, Promise] = {
    "spend": gettext_lazy("Reward"),
    "refund": gettext_lazy("Given back"),
    "expire": gettext_lazy("Points expired"),
    "adjust": gettext_lazy("Correction by our team"),
    "migrate": gettext_lazy("Brought along from before"),
    "transfer": gettext_lazy("Transfer"),
    "repay": gettext_lazy("Debt repaid"),
    "award": gettext_lazy("Earned"),
    "reverse": gettext_lazy("Taken back"),
    "mature": gettext_lazy("Became available"),
    "fund": gettext_lazy("Transfer"),
}
SYMBOLS: Mapping[str, str] = {
    "service": "wrench",
    "fuel": "fuel",
    "vehicle": "car",
    "test_drive": "route",
    "accessory": "shopping-bag",
    "warranty": "shield-check",
    "insurance": "shield-check",
    "purchase": "shopping-bag",
    "wallet": "coins",
    "payment": "banknote",
    "bill": "receipt-text",
    "transfer": "arrow-up-down",
    "transaction": "store",
    "qr": "qr-code",
    "referral": "users",
    "referred": "users",
    "member": "sparkles",
    "spend": "gift",
    "refund": "undo-2",
    "expire": "clock-alert",
    "adjust": "scale",
    "migrate": "refresh-cw",
    "reversal": "undo-2",
    "leaderboard": "trophy",
}
USUAL = "sparkles"
REDEEMING = {"spend", "refund", "award"}  # of cashback that was redeemed, too
NOTHING: Mapping[str, Slip] = {}


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One line. ``waits`` says what is on the way until when.

    ``mood`` colours the figure: good for what came, soft for what is all on the way, faint for nothing.
    """

    key: str
    symbol: str
    title: str
    at: datetime
    waits: Sequence[str]
    figures: Sequence[str]
    mood: str
    why: Sequence[Sentence] = ()
    receipt: str = ""


def activity_row(
    row: Happening,
    names: Names,
    today: date,
    why: Sequence[Sentence] = (),
    receipts: Mapping[str, Slip] = NOTHING,
) -> ActivityRow:
    """A line of the activity in words; ``receipts`` are slips by journal."""
    slip = _slip(row, receipts)
    return ActivityRow(
        key=f"{row.kind}-{row.key}",
        symbol=_symbol(row, names),
        title=_title(row, names, slip),
        at=row.at,
        waits=_waits(row, today, short=True),
        figures=[_figure(row, unit) for unit in row.units if row.total(unit)],
        mood=_mood(row, pending=_all_waits(row, today)),
        why=why,
        receipt=str(slip.uuid) if slip else "",
    )


def redeeming_journals(rows: Iterable[Happening]) -> set[str]:
    """The journals of lines that may have a receipt."""
    return {m.entry.key for row in rows if row.kind in REDEEMING for m in row.movements}


def _slip(row: Happening, receipts: Mapping[str, Slip]) -> Slip | None:
    keys = [m.entry.key for m in row.movements] if row.kind in REDEEMING else []
    return next((receipts[key] for key in keys if key in receipts), None)


def event_title(event: Event, names: Names) -> str:
    """What happened, and where."""
    found = names.types.get(event.event_type_id or 0)
    title = type_name(found.code, names) if found else ""
    outlet = names.outlets.get(event.outlet_id)
    return _("%(type)s, %(outlet)s") % {"type": title, "outlet": outlet} if outlet else title


def _title(row: Happening, names: Names, slip: Slip | None) -> str:
    if slip:
        return _("Given back: %(what)s") % {"what": slip.reward} if row.kind == "refund" else slip.reward
    if row.kind == "reversal":
        what = event_title(row.original, names) if row.original else ""
        return _("Taken back: %(what)s") % {"what": what} if what else str(TITLES["reverse"])
    return event_title(row.event, names) if row.event else str(TITLES[row.kind])


def _symbol(row: Happening, names: Names) -> str:
    found = names.types.get(row.event.event_type_id or 0) if row.event else None
    return event_symbol(found.code) if found else SYMBOLS.get(row.kind, USUAL)


def event_symbol(code: str) -> str:
    """The picture of a kind of event."""
    return SYMBOLS.get(code.partition(".")[0], USUAL)


def _waits(row: Happening, today: date, *, short: bool = False) -> list[str]:
    """Until when all of it is on the way, or how much of it until when."""
    parts = row.waiting(today)
    days = {part.on for part in parts}
    if len(days) == 1 and _all_waits(row, today):
        return [_("usable from %(day)s") % {"day": formats.day(day, short=short)} for day in days]
    return [
        _("%(amount)s of these from %(day)s")
        % {"amount": _size(part.amount, part.unit), "day": formats.day(part.on, short=short)}
        for part in parts
    ]


def _all_waits(row: Happening, today: date) -> bool:
    """Whether nothing of what came can be used yet."""
    waiting: Counter[str] = Counter()
    for part in row.waiting(today):
        waiting[part.unit] += part.amount
    return bool(waiting) and all(waiting[unit] == row.total(unit) for unit in row.units)


def _size(value: int, unit: str) -> str:
    return formats.number(value) if unit == POINTS else formats.amount(value, unit)


def _figure(row: Happening, unit: str) -> str:
    total = row.total(unit)
    if unit == POINTS:
        return formats.signed(total)
    return f"+{formats.amount(total, unit)}" if total > 0 else formats.amount(total, unit)


def _mood(row: Happening, *, pending: bool) -> str:
    totals = [row.total(unit) for unit in row.units]
    if not any(totals) or row.kind == "expire":
        return "faint"
    if pending:
        return "soft"
    return "good" if max(totals) > 0 else ""


def notes(row: Happening, names: Names, today: date, following: str) -> list[Sentence]:
    """What is to be known beside what paid: days, debts, the tier."""
    return [Sentence(Tone.NOTE, text) for text in _notes(row, names, today, following) if text]


def _notes(row: Happening, names: Names, today: date, following: str) -> list[str]:
    if row.kind == "event":
        return [*_of_event(row, names, following), *_of_days(row, today)]
    if row.kind == "reversal":
        return _of_reversal(row)
    return [_ALONE[row.kind]() if row.kind in _ALONE else "", *_of_days(row, today)]


def _of_event(row: Happening, names: Names, following: str) -> list[str]:
    found = names.types.get(row.event.event_type_id or 0) if row.event else None
    counted = _("Counts toward %(tier)s") % {"tier": following} if found and found.counts and following else ""
    repaid = _("%(number)s of these paid back points that you owed") % {"number": formats.number(row.repaid)}
    return [counted, repaid if row.repaid else ""]


def _of_days(row: Happening, today: date) -> list[str]:
    last = row.last_good_day()
    lapses = _("These points expire on %(day)s") % {"day": formats.day(last)} if last and last >= today else ""
    return [*map(capfirst, _waits(row, today)), lapses]


def _of_reversal(row: Happening) -> list[str]:
    told = []
    if row.original:
        told.append(
            _("This was undone, so what it earned on %(day)s goes back") % {"day": formats.day(row.original.time)}
        )
    owed = row.event.outcome.answer.get("balances", {}).get("points", {}).get("debt", 0) if row.event else 0
    if owed:
        told.append(
            _("%(number)s were already spent. The next points you earn pay them back.")
            % {"number": formats.number(owed)}
        )
    return told


_ALONE = {
    "expire": lambda: _("Points that are not used by their last day expire. We always use the oldest first."),
    "adjust": lambda: _("Two people of our team agreed on this and noted the reason. Ask us if it surprises you."),
    "migrate": lambda: _("What you had before moved in with you."),
    "spend": lambda: _("You redeemed points for a reward. Those that expire first were used first."),
    "refund": lambda: _("The very same points came back, with their old dates."),
    "repay": lambda: _("These points paid back what you owed."),
}
