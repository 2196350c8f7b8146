"""Tables that people upload, CSV and XLSX as their programs write them, read a row at a time. Pure Python.

What is large, also what is only large unpacked or in one line, is refused before it takes memory.
"""

import csv
import io
import re
from codecs import iterdecode
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Protocol
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook

FORMULA = tuple("=+-@\t\r")  # what spreadsheets begin to reckon with (OWASP, CSV injection)
ZIP = b"PK\x03\x04"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_UNPACKED, MOST_PARTS = 200 * 1024 * 1024, 500
SMALL_UNPACKED, MOST_TIMES = 10 * 1024 * 1024, 100  # what is larger and honest unpacks to twenty times its size
MOST_HEAD = 20_000  # characters of the line that names the columns
PIECE = 64 * 1024  # bytes
EXACT = 15  # digits of a number that a spreadsheet keeps
AS_IT_IS = frozenset({None, "", "General", "@", "0"})  # formats that show a whole number by its digits
PADDED = re.compile(r"0{2,64}")
ROUNDED = re.compile(r"\d(\.\d+)?[Ee]\+\d+")  # also in CSV, as spreadsheets write it


class SheetFault(Exception):
    """What is wrong with a whole file: a code for the words, and the name that they mention."""

    def __init__(self, code: str, name: str = "") -> None:
        """``code``: too-large, not-a-table, no-text, long-line, empty, no-column, unknown-column, or another."""
        super().__init__(code, name)
        self.code, self.name = code, name


@dataclass(frozen=True, slots=True)
class Form:
    """What a table may look like: its columns, those that it must have, and how large it may be.

    A line of CSV has at most ``most_line`` characters, a row so many lines. ``codings``: what it may be written in, the
    first that fits, besides UTF-16 with a mark; what old programs on Windows write fits whatever it is.
    """

    columns: Collection[str]
    required: Collection[str]
    most_bytes: int
    most_rows: int
    most_line: int = 20_000
    most_lines: int = 20
    codings: Sequence[str] = ("utf-8-sig", "cp1252")


class Turned(str):
    """A cell of a spreadsheet that is not sure to say what somebody typed, as the spreadsheet made it something else.

    A day, a time, true or false, a fraction, a number that is rounded or shown in a form of its own. Fine where such a
    thing is asked for; for a code or a reference the column must be formatted as text.
    """

    __slots__ = ()


def guarded(text: str) -> str:
    """A text for a table, quoted where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


type Row = tuple[int, dict[str, str]]


def read_sheet(raw: bytes, form: Form) -> Iterator[Row]:
    """The rows with anything in them, by the names of their columns, each with its number in the sheet (heads: 1).

    Raises: SheetFault, and only as rows are read: also in the middle, where only then a row is no row.
    """
    if len(raw) > form.most_bytes:
        raise SheetFault("too-large", str(form.most_bytes // 1024 // 1024))
    lines = _cells(raw, len(form.columns)) if raw.startswith(ZIP) else _csv(raw, form)
    numbered = ((number, cells) for number, cells in enumerate(lines, 1) if any(cell.strip() for cell in cells))
    first = next(numbered, None)
    if first is None:
        raise SheetFault("empty")
    heads = _heads(first[1], form)
    yield from _rows(numbered, heads, form.most_rows)


def _heads(cells: Sequence[str], form: Form) -> list[str]:
    heads = [cell.strip().lower() for cell in cells]
    while not heads[-1]:
        heads.pop()
    if missing := [name for name in form.required if name not in heads]:
        raise SheetFault("no-column", missing[0])
    if unknown := [head for head in heads if head not in form.columns]:
        raise SheetFault("unknown-column", unknown[0][:60])
    if len(set(heads)) < len(heads):
        raise SheetFault("column-twice")
    return heads


def _rows(numbered: Iterator[tuple[int, list[str]]], heads: Sequence[str], most: int) -> Iterator[Row]:
    for count, (number, cells) in enumerate(numbered, 1):
        if count > most:
            raise SheetFault("too-many-rows", str(most))
        if any(cell.strip() for cell in cells[len(heads) :]):
            raise SheetFault("too-wide", str(number))
        filled = [*cells[: len(heads)], *[""] * (len(heads) - len(cells))]
        yield number, dict(zip(heads, filled, strict=True))


def _csv(raw: bytes, form: Form) -> Iterator[list[str]]:
    coding = _coding(raw, form)
    head = _opened(raw, coding).read(MOST_HEAD).partition("\n")[0]
    feed = _Feed(_opened(raw, coding), form)
    reader = csv.reader(feed, delimiter=max(",;\t", key=head.count), strict=True)
    try:
        for cells in reader:
            feed.taken = 0
            yield cells
    except csv.Error:
        raise SheetFault("not-a-table") from None


class _Feed:
    """Lines for the reader of CSV, which believes in lines and rows of any length; we do not."""

    def __init__(self, lines: io.TextIOWrapper, form: Form) -> None:
        self.lines, self.form, self.taken = lines, form, 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self.lines.readline(self.form.most_line + 1)
        self.taken += 1
        if not line:
            raise StopIteration
        if len(line) > self.form.most_line or self.taken > self.form.most_lines:
            raise SheetFault("long-line")
        return line


def _opened(raw: bytes, coding: str) -> io.TextIOWrapper:
    """The text, decoded as it is read."""
    return io.TextIOWrapper(io.BytesIO(raw), coding, newline="")


def _coding(raw: bytes, form: Form) -> str:
    codings = ("utf-16",) if raw.startswith(UTF_16) else form.codings
    for coding in codings:
        pieces = (raw[start : start + PIECE] for start in range(0, len(raw), PIECE))
        with suppress(UnicodeDecodeError):
            if not any("\0" in text for text in iterdecode(pieces, coding)):
                return coding
    raise SheetFault("no-text")


def _cells(raw: bytes, width: int) -> Iterator[list[str]]:
    """The first sheet, cells as they are written, so that formulas are seen; its own word on its size is not heard."""
    book = _tried(lambda: _book(raw))
    try:
        sheet: Any = _tried(lambda: book.worksheets[0])
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=width + 1)
        while (row := _tried(lambda: _row(rows))) is not None:
            yield row
    finally:
        book.close()


class _Cell(Protocol):
    """What the library says of a cell."""

    value: object
    data_type: str
    number_format: str | None


def _row(rows: Iterator[Sequence[_Cell]]) -> list[str] | None:
    row = next(rows, None)
    return None if row is None else [_shown(cell) for cell in row]


def _tried[T](read: Callable[[], T]) -> T:
    try:
        return read()
    except SheetFault:
        raise
    except Exception:  # noqa: BLE001  # a damaged file makes the library stumble anywhere
        raise SheetFault("not-a-table") from None


def _book(raw: bytes) -> Workbook:
    with ZipFile(io.BytesIO(raw)) as packed:
        parts = packed.infolist()
    most = min(MOST_UNPACKED, max(SMALL_UNPACKED, MOST_TIMES * len(raw)))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most:
        raise SheetFault("too-large", str(most // 1024 // 1024))
    return load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)


def _shown(cell: _Cell) -> str:
    """A cell as it would stand in a table of text; a number that the spreadsheet has rounded shows that it was."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return Turned(value) if cell.data_type == "e" else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value, cell.number_format)
    return Turned(_said(value))


def _number(value: int, form: str | None) -> str:
    if len(str(abs(value))) > EXACT:
        return Turned(f"{value:.5E}")
    if form in AS_IT_IS:
        return str(value)
    if value >= 0 and form and PADDED.fullmatch(form):
        return str(value).zfill(len(form))
    return Turned(value)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    return str(value)
