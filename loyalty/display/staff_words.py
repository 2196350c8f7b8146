"""Notices to staff in words, in the language that is spoken now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from dealers.models import StaffNotice
from loyalty.display import formats
from loyalty.display.budget_words import budget_low_words
from loyalty.display.stock_words import stock_low_words
from rewards.models import Reward, StockLevel

type Names = Mapping[tuple[str, int, str], str]
FULL = 100  # per cent


@dataclass(frozen=True, slots=True)
class StaffWords:
    """A notice as staff read it. ``address``: of the page that shows more, to which ``link_text`` leads."""

    notice: StaffNotice
    title: str
    body: str
    address: str
    link_text: str
    bad: bool


def staff_words(notices: Sequence[StaffNotice]) -> list[StaffWords]:
    """Put notices into words; one query for the names of campaigns and one for those of rewards."""
    names = {**_names(notices, "campaign", Campaign), **_names(notices, "reward", Reward)}
    return [_words(one, names) for one in notices]


def _names(notices: Sequence[StaffNotice], kind: str, model: type[Campaign] | type[Reward]) -> Names:
    codes = {code for one in notices if (code := one.values.get(kind))}
    programs = {one.program_id for one in notices}
    rows = model.objects.filter(program__in=programs, code__in=codes) if codes else ()
    return {(kind, row.program_id, row.code): row.name for row in rows}


def _words(notice: StaffNotice, names: Names) -> StaffWords:
    """Title, text, page and what leads there."""
    said: tuple[str, str]
    values, within = notice.values, f"?program={notice.program.code}"
    match notice.kind:
        case StaffNotice.Kind.STOCK_LOW:
            code = values["reward"]
            said = stock_low_words(values, names.get(("reward", notice.program_id, code), code))
            page, link, bad = "admin:stock", _("See the codes in stock"), values["level"] == StockLevel.Level.OUT
        case StaffNotice.Kind.SUPPLIER_LOW | StaffNotice.Kind.SUPPLIER_LOCKED:
            bad, within = notice.kind == StaffNotice.Kind.SUPPLIER_LOCKED, ""
            said = _locked_words(values) if bad else _float_low_words(values)
            page, link = "admin:rewards_supplier_changelist", _("See the suppliers")
        case StaffNotice.Kind.ORDER_WAITS:
            said, bad, within = _order_words(values), True, "?waits=people"
            page, link = "admin:rewards_supplierorder_changelist", _("See the orders that wait")
        case _:
            code = values.get("campaign") or ""
            name = names.get(("campaign", notice.program_id, code), "") or code or values.get("budget", "")
            said, bad = budget_low_words(values, name), values["level"] >= FULL
            page, link = "admin:budgets", _("See the budgets")
    return StaffWords(notice, *said, address=f"{reverse(page)}{within}", link_text=link, bad=bad)


def _locked_words(values: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of the notice that a supplier is paused because its secret cannot be read."""
    return (
        _("%(name)s is paused: its secret cannot be read") % values,
        _("It was kept with a key that is not here any more. Enter the secret again, then end the pause."),
    )


def _order_words(values: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of the notice that an order waits for people, or that many do."""
    match values["state"]:
        case "late":
            title = _("%(name)s delivered too late: order %(order)s")
            body = _("The points were given back before. Agree with the supplier who pays, then mark it as settled.")
        case "overdue":
            title = _("%(name)s still works on order %(order)s, and it cannot be cancelled")
            body = _("The points stay spent, as it may be delivered yet. It is asked again; ask the supplier as well.")
        case "unclear":
            title = _("%(name)s does not say what became of order %(order)s")
            body = _("The points were given back. It is asked each hour for a week; ask the supplier yourself as well.")
        case _:
            title = _("Many orders at %(name)s wait for people")
            body = _("Today no more of them are told one by one.")
    return title % values, body


def _float_low_words(values: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of the notice that the prepaid float of a supplier is nearly used up."""
    words = {"name": values["name"], "left": formats.amount(values["left"], values["currency"])}
    return (
        _("Float of %(name)s runs low") % words,
        _("%(left)s are left. Fill it up: when nothing is left, its rewards are out of stock.") % words,
    )
