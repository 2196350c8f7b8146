"""`manage.py relay`: hand outbox messages to the broker."""

import signal
import time
from typing import Any

import structlog
from celery import current_app
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection
from kombu.exceptions import OperationalError

from core.services import outbox

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 10
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Runs until it is told to stop; any number may run at once."""

    help = "Hand messages of the outbox to the broker, at least once, until stopped."
    stopped = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="hand over what is due now and end")

    def handle(self, *_args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        failures = 0
        while not self.stopped:
            try:
                handed = outbox.relay(send=send)
                failures = 0
            except (OperationalError, ConnectionError, Error) as error:
                if options["once"]:
                    raise
                failures += 1
                log.warning("relay_waits", reason=str(error), failures=failures)
                connection.close()
                time.sleep(min(2**failures * POLL_SECONDS, PATIENCE_SECONDS))
                continue
            if options["once"] and not handed:
                return
            if not handed:
                time.sleep(POLL_SECONDS)

    def stop(self, _signal: int, _frame: object) -> None:
        self.stopped = True


def send(consumer: str, message_ids: list[int]) -> None:
    """Give a task to the broker and return when it has confirmed."""
    current_app.send_task(consumer, args=[message_ids], retry=False)
