"""App configuration."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the room with Django."""

    name = "campaigns"
