"""A report: rows of plain values, as JSON or as CSV that no spreadsheet takes for formulas."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.rules.moments import show_moment
from core.rules.sheets import guarded

SIGNED = re.compile(r"[+-]\d+(\.\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows with the same columns, in the order of ``columns``; ``more`` holds for all of them.

    ``documents`` are the rows as JSON has them, where that may be deeper.

    Money is decimal text, points and counts are numbers, days ISO 8601; None = there is none.
    """

    name: str
    program: str
    at: datetime
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    more: Mapping[str, Any]
    documents: Sequence[Mapping[str, Any]] | None = None

    def as_json(self) -> dict[str, Any]:
        """One document."""
        items = list(self.rows if self.documents is None else self.documents)
        return {"report": self.name, "program": self.program, "at": show_moment(self.at), **self.more, "items": items}

    def as_csv(self) -> str:
        """With a heading; for Excel, it begins with the mark of UTF-8."""
        return csv_text(self.columns, [[row[column] for column in self.columns] for row in self.rows])


def csv_text(heading: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """Lines of values, quoted where needed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[cell(value) for value in line] for line in (heading, *rows)])
    return f"\N{BYTE ORDER MARK}{text.getvalue()}"


def cell(value: object) -> object:
    """A value as a spreadsheet shows it; a text that would be a formula is quoted, a number is not."""
    if value is None:
        return ""
    return guarded(value) if isinstance(value, str) and not SIGNED.fullmatch(value) else value
