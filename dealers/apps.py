"""App configuration."""

from django.apps import AppConfig


class DealersConfig(AppConfig):
    """Registers the room with Django."""

    name = "dealers"
