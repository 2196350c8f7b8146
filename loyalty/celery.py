"""Celery: runs what the outbox wakes and what the clock starts."""

import os

from celery import Celery
from kombu.transport import redis, virtual

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")


class Places(redis.QoS):
    """How many messages a worker may hold at a time; on Valkey and Redis.

    Kombu keeps the place of a message that was worked on while the broker was away and could not be acknowledged: as
    many of them as there are places, and a worker that seems well takes nothing any more. Here such a message gives up
    its place; the broker hands it out again later, and whoever takes it in a second time changes nothing.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002  # Kombu's shape
        """Refuse, or give back."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


redis.Channel.QoS = Places

app = Celery("loyalty")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
