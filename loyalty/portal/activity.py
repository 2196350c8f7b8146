"""Activity: everything that came and went, month by month, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.selectors.activity import Bookmark, Happening, Shown, member_activity
from campaigns.selectors.explanations import explained_lines
from campaigns.selectors.names import Names
from campaigns.selectors.statements import StatementLine, member_statement
from core.rules.money import to_text
from ledger.models import POINTS
from loyalty.display.explanations import Explainer, Sentence, Tone
from loyalty.display.trace_words import Audience
from loyalty.operations.reports.tables import csv_text
from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from loyalty.portal.rows import TITLES, ActivityRow, activity_row, event_title, notes, redeeming_journals
from members.rules.tiers import next_rung
from rewards.selectors.receipts import receipts_of_journals

LIMIT = 20
CALENDAR = 8
STATEMENT = 5000  # lines of a downloaded statement
TABS = {
    Shown.ALL: gettext_lazy("All"),
    Shown.EARNED: gettext_lazy("Earned"),
    Shown.SPENT: gettext_lazy("Spent"),
    Shown.EXPIRED: gettext_lazy("Expired"),
}


@dataclass(frozen=True, slots=True)
class Month:
    """Lines of one month of the member's calendar; ``of`` is its first day."""

    of: date
    rows: Sequence[ActivityRow]


class ActivityPage(MemberPage):
    """The statement with its reasons; ``?show=`` picks a part, ``?after=`` goes on."""

    template_name = "portal/activity/page.html"
    section = "activity"

    def get_template_names(self) -> list[str]:
        """The next lines alone for htmx."""
        part = "list" if getattr(self.request, "htmx", False) else "page"
        return [f"portal/activity/{part}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of lines, what there is, and when it expires."""
        overview = Overview(self.program, self.member, self.at)
        shown = Shown(asked) if (asked := self.request.GET.get("show")) in set(Shown) else Shown.ALL
        rows, following = member_activity(
            program=self.program, member=self.member, limit=LIMIT, shown=shown, after=_bookmark(self.request)
        )
        return {
            **super().get_context_data(**kwargs),
            "holdings": overview.holdings,
            "months": list(_months(_explained(overview, rows), overview)),
            "shown": shown.value,
            "tabs": [(tab.value, text) for tab, text in TABS.items()],
            "more": f"{following.event}-{following.entry}" if following else "",
            "continued": "after" in self.request.GET,
            "calendar": _calendar(overview),
            "today": overview.today,
        }


def _bookmark(request: HttpRequest) -> Bookmark | None:
    """Where a page goes on; nonsense begins anew."""
    event, _dash, entry = request.GET.get("after", "").partition("-")
    return Bookmark(int(event), int(entry)) if _is_id(event) and _is_id(entry) else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20  # noqa: PLR2004  # digits of a bigint


def _explained(overview: Overview, rows: Sequence[Happening]) -> Iterator[ActivityRow]:
    """Each line with its reasons."""
    lines = explained_lines([row.event.pk for row in rows if row.event])
    explainer = Explainer(overview.program, overview.member, overview.names, Audience.MEMBER)
    above = next_rung(
        overview.configuration.program.ladder, overview.configuration.rungs.get(overview.member.tier_id or 0)
    )
    following = overview.names.tiers[above.code] if above else ""
    receipts = receipts_of_journals(redeeming_journals(rows))
    for row in rows:
        told = explainer.explain(row.event, lines[row.event.pk]) if row.event and row.kind == "event" else []
        why = [*told, *notes(row, overview.names, overview.today, following)]
        yield activity_row(row, overview.names, overview.today, why or [_nothing()], receipts)


def _nothing() -> Sentence:
    return Sentence(Tone.NOTE, _("No offer was open for this."))


def _months(rows: Iterator[ActivityRow], overview: Overview) -> Iterator[Month]:
    """Lines in their order; a month that comes late has a heading of its own."""
    for first, group in groupby(rows, lambda row: row.at.astimezone(overview.zone).date().replace(day=1)):
        yield Month(first, list(group))


@dataclass(frozen=True, slots=True)
class ExpiryCalendar:
    """Points by their last day; ``later`` sums up what comes after the days shown, ``lasting`` what has no last day."""

    days: Sequence[tuple[date, int]]
    later: int
    lasting: int
    most: int


def _calendar(overview: Overview) -> ExpiryCalendar | None:
    points = overview.holdings.points
    expiring = points.expiring
    if not expiring:
        return None
    days, later = expiring[:CALENDAR], sum(number for _, number in expiring[CALENDAR:])
    lasting = points.available - sum(number for _, number in expiring)
    return ExpiryCalendar(days, later, lasting, max([later, lasting, *(number for _, number in days)]))


class Statement(MemberPage):
    """The statement as a file for spreadsheets."""

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Every movement, newest first."""
        names = Overview(self.program, self.member, self.at).names
        lines, _following = member_statement(program=self.program, member=self.member, limit=STATEMENT)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.program.code}-{self.at:%Y-%m-%d}.csv"'
        heading = [_("Date"), _("What"), _("Unit"), _("Change"), _("Balance"), _("Expires")]
        response.write(csv_text(heading, [self._line(line, names) for line in lines]))
        return response

    def _line(self, line: StatementLine, names: Names) -> list[object]:
        entry, points = line.entry, line.unit == POINTS
        title = event_title(line.event, names) if line.event and line.event.event_type_id else TITLES[entry.kind]
        amounts = [value if points else to_text(value, line.unit) for value in (entry.amount, entry.balance)]
        unit = self.program.points_name if points else line.unit
        return [
            timezone.localdate(entry.occurred_at),
            str(title),
            unit,
            *amounts,
            entry.expires_on,
        ]
