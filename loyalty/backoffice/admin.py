"""All admin classes, found by Django's admin when it starts."""

from django.apps import apps

from loyalty.backoffice import campaigns, events, jobs, ledger, marketing, members, network, staff, system
from loyalty.backoffice.names import put_names

put_names(apps.get_app_configs(), apps.get_models())

__all__ = ["campaigns", "events", "jobs", "ledger", "marketing", "members", "network", "staff", "system"]
