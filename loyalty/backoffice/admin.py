"""All admin classes, found by Django's admin when it starts."""

from loyalty.backoffice import ledger, marketing, members, network, system

__all__ = ["ledger", "marketing", "members", "network", "system"]
