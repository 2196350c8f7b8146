"""App configuration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the room with Django."""

    name = "core"
