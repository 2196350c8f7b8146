"""Network: dealers, outlets, contracts, budgets."""

from django.contrib import admin

from dealers.models import Budget, Contract, Dealer, Outlet
from loyalty.backoffice.base import ReadOnly, Texts


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

    list_display = ("code", "parent", "program", "points", "money", "market", "region", "dealer", "retired")
    list_filter = ("program", "market", "retired")
    list_select_related = ("parent", "program", "market", "region", "dealer")
    search_fields = ("code",)
    ordering = ("program", "code")
