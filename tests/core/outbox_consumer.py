"""A consumer whose effect can be counted: one row for each message it acted on."""

import time
from collections.abc import Sequence

from django.db import connection

from core.models import OutboxMessage
from core.tasks import consumer


@consumer
def take_in(messages: Sequence[OutboxMessage]) -> None:
    """Count, slowly enough to be killed in the middle."""
    with connection.cursor() as cursor:
        for message in messages:
            cursor.execute("INSERT INTO outbox_effect (message_id) VALUES (%s)", [message.pk])
            time.sleep(0.005)
