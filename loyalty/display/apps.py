"""App configuration."""

from django.apps import AppConfig


class DisplayConfig(AppConfig):
    """Brings the template tags that all pages use."""

    name = "loyalty.display"
    label = "display"
