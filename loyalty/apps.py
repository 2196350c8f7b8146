"""The shell: settings, addresses and the faces."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Configures what spans all rooms."""

    name = "loyalty"
    label = "loyalty"
