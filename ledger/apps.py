"""App configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from ledger.rights import grant_rights


class LedgerConfig(AppConfig):
    """Registers the room with Django, and the role's rights with migrations."""

    name = "ledger"

    def ready(self) -> None:
        """Give the application's role its rights once all tables exist."""
        post_migrate.connect(grant_rights, sender=self, dispatch_uid="ledger.rights")
