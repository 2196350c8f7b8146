"""App configuration."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Registers the room with Django."""

    name = "rewards"
