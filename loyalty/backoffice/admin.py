"""All admin classes, found by Django's admin when it starts."""

from django.apps import apps

from loyalty.backoffice import (
    campaigns,
    deliveries,
    events,
    jobs,
    leaderboards,
    ledger,
    marketing,
    members,
    network,
    offers,
    redemptions,
    referrals,
    rewards,
    staff,
    supplier_orders,
    suppliers,
    system,
    vouchers,
)
from loyalty.backoffice.names import put_names

put_names(apps.get_app_configs(), apps.get_models())

__all__ = [
    "campaigns",
    "deliveries",
    "events",
    "jobs",
    "leaderboards",
    "ledger",
    "marketing",
    "members",
    "network",
    "offers",
    "redemptions",
    "referrals",
    "rewards",
    "staff",
    "supplier_orders",
    "suppliers",
    "system",
    "vouchers",
]
