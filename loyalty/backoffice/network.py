"""Network: dealers, outlets, contracts, budgets."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from dealers.models import Budget, Contract, Dealer, Outlet
from loyalty.backoffice.base import ReadOnly, Texts
from loyalty.display import formats


@admin.register(Dealer)
class DealerAdmin(Texts):
    """Dealers."""

    list_display = ("code", "name", "program", "market", "region", "retired")
    list_filter = ("program", "market", "region", "retired")
    search_fields = ("code", "name")
    list_select_related = ("program", "market", "region")


@admin.register(Outlet)
class OutletAdmin(Texts):
    """Outlets."""

    list_display = ("code", "name", "kind", "program", "market", "dealer", "retired")
    list_filter = ("program", "kind", "market", "retired")
    search_fields = ("code", "name", "dealer__code")
    list_select_related = ("program", "market", "dealer")


@admin.register(Contract)
class ContractAdmin(ReadOnly):
    """What points are worth between a dealer and the program."""

    list_display = ("dealer", "valid_from", "earn_value", "redeem_value", "share_percent", "retired")
    list_filter = ("program",)
    list_select_related = ("dealer",)
    search_fields = ("dealer__code",)


@admin.register(Budget)
class BudgetAdmin(ReadOnly):
    """The tree of budgets; what is left stands in the ledger."""

    list_display = ("code", "parent", "program", "shown_points", "shown_money", "market", "region", "dealer", "retired")
    list_filter = ("program", "market", "retired")
    list_select_related = ("parent", "program", "market", "region", "dealer")
    search_fields = ("code",)
    ordering = ("program", "code")
    shown_as: ClassVar[Mapping[str, str]] = {"points": "shown_points", "money": "shown_money"}

    @admin.display(description=_("points"), ordering="points")
    def shown_points(self, row: Budget) -> str:
        """What it holds."""
        return formats.number(row.points) if row.points else "–"

    @admin.display(description=_("money"))
    def shown_money(self, row: Budget) -> str:
        """What it holds, currency by currency."""
        amounts = ((formats.amount(minor, currency),) for currency, minor in row.money.items())
        return format_html_join(mark_safe("<br>"), "{}", amounts) or "–"
