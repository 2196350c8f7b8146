"""App configuration."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the room with Django."""

    name = "ledger"
