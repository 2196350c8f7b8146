"""Files of rewards: CSV and spreadsheets, as they are read."""

from typing import Any

import tablib
from import_export.formats.base_formats import CSV, XLSX

from core.rules.sheets import Form, SheetFault, read_sheet
from loyalty.backoffice.reward_cells import COLUMNS
from loyalty.display.stock_words import fault_words

FORM = Form(COLUMNS, ("code",), 32 * 1024 * 1024, 20_000, most_line=200_000, most_lines=2_000, codings=("utf-8-sig",))


class Csv(CSV):
    """CSV as people's programs write it: UTF-8 with or without a mark, UTF-16 with one; commas, semicolons or tabs."""

    def is_binary(self) -> bool:
        """Bytes, so that the encoding is decided here."""
        return True

    def get_read_mode(self) -> str:
        """Bytes."""
        return "rb"

    def create_dataset(self, in_stream: bytes, **_kwargs: Any) -> tablib.Dataset:
        """Rows under their heads; raises ValueError with a sentence that says what to do."""
        return _dataset(in_stream)


class Xlsx(XLSX):
    """Spreadsheets: the first sheet, cells as they are written, so that formulas are seen and refused row by row."""

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """Rows under their heads; raises ValueError with a sentence that says what to do."""
        return _dataset(in_stream)


FORMATS = [Csv, Xlsx]


def _dataset(raw: bytes) -> tablib.Dataset:
    try:
        rows = [cells for _number, cells in read_sheet(raw, FORM)]
    except SheetFault as fault:
        raise ValueError(fault_words(fault.code, fault.name)) from None
    return tablib.Dataset(*(tuple(cells.values()) for cells in rows), headers=list(rows[0] if rows else ["code"]))
