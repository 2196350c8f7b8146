"""App configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registers the room with Django."""

    name = "members"
