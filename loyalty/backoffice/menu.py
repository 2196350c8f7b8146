"""The menu: what staff do, grouped by job. Each entry is a model that its reader may see."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.models import Badge, Campaign, Event, GhostAward, Leaderboard, Offer, TotalCounter, WaitingReversal
from core.models import ApiClient, Definition, Job, Market, OutboxMessage, Program, Rate, Region, Terms, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffRole
from ledger.models import Account, Book, Journal, Lot, Transfer
from loyalty.identity import rights
from members.models import (
    Adjustment,
    Attribute,
    EventType,
    Member,
    Notice,
    Referral,
    Segment,
    Tier,
    TierChange,
    Vehicle,
)
from rewards.models import Delivery, Redemption, RedemptionPolicy, Reward, Supplier, SupplierOrder, Voucher

type Group = tuple[str | Promise, dict[type[Model], str]]


class Page(NamedTuple):
    """A page that belongs to no model: icon, address, and the permission that opens it, ``whole``: for all places."""

    title: str | Promise
    icon: str
    address: str
    permission: str
    whole: bool = False


# After which model they stand.
PAGES: dict[type[Model], Page] = {
    Campaign: Page(_("Festivals"), "celebration", "admin:festivals", "campaigns.change", whole=True),
    GhostAward: Page(_("Holdout report"), "experiment", "admin:holdouts", "insights.view", whole=True),
    Adjustment: Page(_("Corrections"), "rule", "admin:reratings", "campaigns.view", whole=True),
    TotalCounter: Page(_("Simulations"), "science", "admin:simulations", "campaigns.view", whole=True),
    Reward: Page(_("Codes in stock"), "inventory_2", "admin:stock", "rewards.view"),
    Contract: Page(_("Reconciliation"), "fact_check", "admin:statements", "reconciliation.view", whole=True),
    Budget: Page(_("Budget pace"), "monitoring", "admin:budgets", "budgets.view"),
}

SHORT = 16  # entries that fit under each other; a longer menu is folded

# Models and their icons (Material Symbols).
GROUPS: tuple[Group, ...] = (
    (
        _("Marketing"),
        {
            Campaign: "campaign",
            Badge: "military_tech",
            Leaderboard: "leaderboard",
            Segment: "groups",
            Tier: "stairs",
            TotalCounter: "speed",
            GhostAward: "science",
        },
    ),
    (
        _("Members"),
        {
            Member: "person",
            Event: "bolt",
            Offer: "local_offer",
            TierChange: "trending_up",
            Vehicle: "directions_car",
            Referral: "group_add",
            Notice: "notifications",
            WaitingReversal: "hourglass_empty",
        },
    ),
    (_("Network"), {Dealer: "store", Outlet: "storefront", Market: "public", Region: "map"}),
    (
        _("Rewards"),
        {
            Reward: "redeem",
            Redemption: "shopping_bag",
            Voucher: "confirmation_number",
            Delivery: "forward_to_inbox",
            Supplier: "local_shipping",
            SupplierOrder: "orders",
        },
    ),
    (
        _("Finance"),
        {
            Budget: "account_tree",
            Contract: "handshake",
            Adjustment: "tune",
            Rate: "currency_exchange",
            Book: "menu_book",
            Account: "account_balance_wallet",
            Journal: "receipt_long",
            Transfer: "swap_horiz",
            Lot: "layers",
        },
    ),
    (
        _("System"),
        {
            Program: "hub",
            RedemptionPolicy: "shield",
            Terms: "gavel",
            EventType: "category",
            Attribute: "label",
            Definition: "description",
            Job: "pending_actions",
            StaffRole: "badge",
            User: "manage_accounts",
            ApiClient: "key",
            OutboxMessage: "outbox",
            LogEntry: "history",
        },
    ),
)


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation for this reader; groups with nothing in them are left out."""
    home = {"items": [{"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index")}]}
    filled = [(title, entries) for title, models in GROUPS if (entries := _entries(request, models))]
    long = sum(len(entries) for _title, entries in filled) > SHORT
    groups = [{"title": title, "separator": True, "collapsible": long, "items": entries} for title, entries in filled]
    return [home, *groups]


def _entries(request: HttpRequest, models: dict[type[Model], str]) -> list[dict[str, Any]]:
    return [entry for model, icon in models.items() for entry in (*_list(request, model, icon), *_page(request, model))]


def _list(request: HttpRequest, model: type[Model], icon: str) -> Iterator[dict[str, Any]]:
    if admin.site.is_registered(model) and admin.site.get_model_admin(model).has_module_permission(request):
        yield {"title": capfirst(model._meta.verbose_name_plural), "icon": icon, "link": _address(model)}


def _page(request: HttpRequest, model: type[Model]) -> Iterator[dict[str, Any]]:
    page = PAGES.get(model)
    if page and rights.may(request.user, page.permission, whole=page.whole):
        yield {"title": page.title, "icon": page.icon, "link": reverse(page.address)}


def group_at(address: str) -> str | Promise:
    """The group whose entry leads to this address; empty if none does."""
    return next((title for title, models in GROUPS for model in models if _address(model) == address), "")


def _address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
