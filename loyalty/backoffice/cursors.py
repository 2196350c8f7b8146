"""Lists of millions of rows: newest first, page by page along the primary key. Nothing is counted or skipped."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

OLDER, NEWER = "older", "newer"
LONGEST_KEY = 18


class CursorPaginator(Paginator[Any]):
    """Tells Unfold which template links to the pages before and after; it counts nothing."""

    template_name = "backoffice/cursor.html"
    count = 0
    num_pages = 1


class CursorList(ChangeList):
    """A list whose addresses name the row that the page begins after, so rows that come in move nothing."""

    older = ""
    newer = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Sequence[str] | None = None) -> QuerySet[Any]:
        """The filtered rows; the cursor is no filter."""
        self.cursor = {name: _key(self.params.pop(name, "")) for name in (OLDER, NEWER)}
        for name in (OLDER, NEWER):
            self.filter_params.pop(name, None)
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        """Newest first."""
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """One page, and whether there is one on either side."""
        rows, before, after = self._page(self.list_per_page)
        self.result_list = rows
        self.older = self._address(OLDER, rows[-1]) if rows and after else ""
        self.newer = self._address(NEWER, rows[0]) if rows and before else ""
        self.paginator = CursorPaginator(self.queryset, self.list_per_page)  # others, like the history's, are Django's
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(rows)

    def _page(self, size: int) -> tuple[list[Any], bool, bool]:
        """Rows, whether there are newer ones, whether there are older ones."""
        newer, older = self.cursor[NEWER], self.cursor[OLDER]
        if newer is not None:
            rows = list(self.queryset.filter(pk__gt=newer).order_by("pk")[: size + 1])
            return rows[size - 1 :: -1] if len(rows) > size else rows[::-1], len(rows) > size, True
        found = self.queryset if older is None else self.queryset.filter(pk__lt=older)
        rows = list(found[: size + 1])
        return rows[:size], older is not None, len(rows) > size

    def _address(self, name: str, row: Model) -> str:
        return str(self.get_query_string({name: row.pk}))


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else None
