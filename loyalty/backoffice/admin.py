"""All admin classes, found by Django's admin when it starts."""

from loyalty.backoffice import events, jobs, ledger, marketing, members, network, staff, system

__all__ = ["events", "jobs", "ledger", "marketing", "members", "network", "staff", "system"]
