"""The shell: settings, addresses and the faces."""

from django.apps import AppConfig

from loyalty.celery import app as celery_app

__all__ = ["ShellConfig", "celery_app"]


class ShellConfig(AppConfig):
    """Configures what spans all rooms."""

    name = "loyalty"
    label = "loyalty"
