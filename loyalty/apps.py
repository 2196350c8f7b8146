"""The shell: settings, addresses and the faces."""

import gc

from django.apps import AppConfig

from loyalty.celery import app as celery_app

OBJECTS = 50_000  # so many more are made than freed before cycles among them are looked for

__all__ = ["ShellConfig", "celery_app"]


class ShellConfig(AppConfig):
    """Configures what spans all rooms."""

    name = "loyalty"
    label = "loyalty"

    def ready(self) -> None:
        """Let a process look for cycles less often, and never among what it loaded at its start.

        A batch of events makes more than a hundred thousand objects that live until it is written and are no cycles:
        looking for some after every two thousand took a quarter of its processor time.
        """
        gc.freeze()
        gc.set_threshold(OBJECTS)
