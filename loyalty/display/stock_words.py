"""Lists of codes and statements in words: what is wrong with a file or a row, and that codes run out."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from loyalty.display import formats
from rewards.models import CodeBatch, Statement, StockLevel, Voucher

FAULTS: Mapping[str, Promise] = {
    "too-large": gettext_lazy("The file is larger than %(name)s MB. Split it."),
    "not-a-table": gettext_lazy("The file is not a table of text. Save it as “CSV UTF-8” or XLSX."),
    "no-text": gettext_lazy("The file is not a table of text. Save it as “CSV UTF-8” or XLSX."),
    "long-line": gettext_lazy("A line of the file is too long to be a row. Is a quotation mark left open?"),
    "empty": gettext_lazy("The file is empty."),
    "no-column": gettext_lazy("The first row must name the columns, and one of them must be: %(name)s"),
    "no-rows": gettext_lazy("The file has no rows below the names of its columns."),
    "unknown-column": gettext_lazy("Unknown column: %(name)s. Rename it, or leave it out."),
    "column-twice": gettext_lazy("Two columns have the same head."),
    "too-wide": gettext_lazy("Row %(name)s has more cells than there are columns."),
    "too-many-rows": gettext_lazy("The file has more than %(name)s rows. Split it."),
}
ISOLATE, END = "\u2068", "\u2069"
PROBLEMS: Mapping[str, Promise] = {
    "empty": gettext_lazy("The cell is empty."),
    "formula": gettext_lazy("A cell must not begin like a formula."),
    "too-long": gettext_lazy("The cell is too long."),
    "rounded": gettext_lazy("The spreadsheet has rounded this number. Format the column as text and fill it again."),
    "turned": gettext_lazy(
        "The spreadsheet has made a number, a day or a yes of this. Format the column as text and fill it again."
    ),
    "characters": gettext_lazy("Only Latin letters, digits and signs like dashes and dots can be in a code."),
    "pin-in-code": gettext_lazy("The code holds its PIN. Give the PIN a column of its own, named pin."),
    "pin": gettext_lazy(
        "The PIN is no text of at most 16 Latin letters, digits and signs. Format the column as text and fill it again."
    ),
    "twice": gettext_lazy("This stands in row %(detail)s already."),
    "alike": gettext_lazy(
        "It reads like the code in row %(detail)s: capitals, dashes, O and 0, I, L and 1 are not told apart."
    ),
    "known": gettext_lazy("The program has or had this code: %(detail)s."),
    "day": gettext_lazy("%(detail)s is not a day. Write it like 2027-12-31."),
    "past": gettext_lazy("The last good day, %(detail)s, is not in the future."),
    "value": gettext_lazy("%(detail)s is no value above zero. Write it like 10.00 or SGD 10.00."),
    "no-value": gettext_lazy("It has no value, and must have one of the reward's: %(detail)s."),
    "not-sold": gettext_lazy("%(detail)s is none of the values of this reward."),
    "amount": gettext_lazy("%(detail)s is not an amount of this currency."),
}


def fault_words(code: str, name: str) -> str:
    """Why a file is no table."""
    return str(FAULTS[code]) % {"name": name}


def ended_words(file: CodeBatch | Statement) -> str:
    """Why a file was not taken in: it is no table, or the work stopped with an error; empty: neither."""
    if file.fault:
        return fault_words(file.fault, file.fault_name)
    return file.job.error if file.job else ""


def problem_words(code: str, detail: str) -> str:
    """Why a row was refused."""
    shown = str(Voucher.State(detail).label) if code == "known" else detail
    if get_language_bidi():  # days and codes keep their order among Arabic words
        shown = f"{ISOLATE}{shown}{END}"
    return str(PROBLEMS[code]) % {"detail": shown}


def stock_low_words(values: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Title and text of the notice that codes run out, of one value maybe; ``name``: what people call the reward."""
    if "value" in values:
        name = f"{name}, {formats.amount(values['value'], values['currency'])}"
    if values["level"] == StockLevel.Level.OUT:
        return _("No codes left: %(name)s") % {"name": name}, _("Members see it as sold out until a list is loaded.")
    left = values["left"]
    words = {"name": name, "count": formats.number(left)}
    title = ngettext("%(count)s code left: %(name)s", "%(count)s codes left: %(name)s", left) % words
    return title, _("Load a new list of codes before they run out.")
