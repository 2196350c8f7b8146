"""Lines of the activity as people read them: a title, a day, what came or went, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Event
from campaigns.selectors.activity import Happening
from campaigns.selectors.names import Names
from ledger.models import POINTS
from loyalty.display import formats
from loyalty.display.explanations import Sentence, Tone
from loyalty.display.fact_words import type_name

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
    "member": "sparkles",
    "spend": "gift",
    "refund": "undo-2",
    "expire": "clock-alert",
    "adjust": "scale",
    "migrate": "refresh-cw",
    "reversal": "undo-2",
}
USUAL = "sparkles"


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One line. ``mood`` colours the figure: good for what came, soft for what is on the way, faint for nothing."""

    key: str
    symbol: str
    title: str
    at: datetime
    pending_on: date | None
    figures: Sequence[str]
    mood: str
    why: Sequence[Sentence] = ()


def activity_row(row: Happening, names: Names, today: date, why: Sequence[Sentence] = ()) -> ActivityRow:
    """A line of the activity in words."""
    pending_on = row.waits_until(today)
    return ActivityRow(
        key=f"{row.kind}-{row.key}",
        symbol=_symbol(row, names),
        title=_title(row, names),
        at=row.at,
        pending_on=pending_on,
        figures=[_figure(row, unit) for unit in row.units if row.total(unit)],
        mood=_mood(row, pending=pending_on is not None),
        why=why,
    )


def event_title(event: Event, names: Names) -> str:
    """What happened, and where."""
    found = names.types.get(event.event_type_id or 0)
    title = type_name(found.code, names) if found else ""
    outlet = names.outlets.get(event.outlet_id)
    return _("%(type)s, %(outlet)s") % {"type": title, "outlet": outlet} if outlet else title


def _title(row: Happening, names: Names) -> str:
    if row.kind == "reversal":
        what = event_title(row.original, names) if row.original else ""
        return _("Taken back: %(what)s") % {"what": what} if what else str(TITLES["reverse"])
    return event_title(row.event, names) if row.event else str(TITLES[row.kind])


def _symbol(row: Happening, names: Names) -> str:
    found = names.types.get(row.event.event_type_id or 0) if row.event else None
    return SYMBOLS.get(found.code.partition(".")[0] if found else row.kind, USUAL)


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
    waits, last = row.waits_until(today), row.last_good_day()
    usable = _("Usable from %(day)s") % {"day": formats.day(waits)} if waits else ""
    lapses = _("These points expire on %(day)s") % {"day": formats.day(last)} if last and last >= today else ""
    return [usable, lapses]


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
    "refund": lambda: _("The very same points came back, with their old dates."),
    "repay": lambda: _("These points paid back what you owed."),
}
