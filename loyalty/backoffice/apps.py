"""App configuration."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """Registers the back office's admin classes."""

    name = "loyalty.backoffice"
    label = "backoffice"
