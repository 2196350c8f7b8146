"""The menu: what staff do, grouped by job. Each entry is a model that its reader may see."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.models import Badge, Campaign, Event, GhostAward, TotalCounter, WaitingReversal
from core.models import ApiClient, Definition, Job, Market, OutboxMessage, Program, Rate, Region, Terms, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffRole
from ledger.models import Account, Book, Journal, Lot, Transfer
from members.models import Adjustment, Attribute, EventType, Member, Notice, Segment, Tier, TierChange, Vehicle
from rewards.models import Reward

type Group = tuple[str | Promise, dict[type[Model], str]]

SHORT = 16  # entries that fit under each other; a longer menu is folded

# Models and their icons (Material Symbols).
GROUPS: tuple[Group, ...] = (
    (
        _("Marketing"),
        {
            Campaign: "campaign",
            Badge: "military_tech",
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
            TierChange: "trending_up",
            Vehicle: "directions_car",
            Notice: "notifications",
            WaitingReversal: "hourglass_empty",
        },
    ),
    (_("Network"), {Dealer: "store", Outlet: "storefront", Market: "public", Region: "map"}),
    (_("Rewards"), {Reward: "redeem"}),
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
    return [
        {"title": capfirst(model._meta.verbose_name_plural), "icon": icon, "link": _address(model)}
        for model, icon in models.items()
        if admin.site.is_registered(model) and admin.site.get_model_admin(model).has_module_permission(request)
    ]


def _address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
