"""App configuration."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Brings the commands and the listeners of this room."""

    name = "loyalty.identity"
    label = "identity"

    def ready(self) -> None:
        """Listen to allauth: a second factor that was just set up has just been used."""
        from loyalty.identity import enrolled  # noqa: F401, PLC0415  # needs models, which load before
