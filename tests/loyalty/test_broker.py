"""A broker that goes away and comes back: the worker goes on taking messages."""

import logging
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kombu
import pytest

from loyalty.celery import app
from loyalty.embedded import valkey

LOG = logging.getLogger(__name__)


@contextmanager
def running() -> Iterator[subprocess.Popen[bytes]]:
    """The embedded broker."""
    process = subprocess.Popen(valkey.server_command(), stdout=subprocess.DEVNULL)
    try:
        with app.connection_for_read(valkey.default_broker_url()) as link:
            link.ensure_connection(max_retries=60, interval_start=0, interval_step=1, interval_max=1)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", ["ack", "reject", "requeue"])
def test_a_message_that_could_not_be_acknowledged_keeps_no_other_from_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("LOYALTY_VAR", str(tmp_path / "v"))
    held: list[kombu.Message] = []
    with running() as broker:
        link = app.connection_for_read(valkey.default_broker_url())
        channel: Any = link.channel()  # of a transport whose channels count
        channel.basic_qos(0, 1, False)  # AMQP's shape
        queue = kombu.Queue("work")
        with kombu.Consumer(channel, [queue], on_message=held.append):
            for number in range(2):
                kombu.Producer(channel).publish({"n": number}, routing_key="work", declare=[queue])
            link.drain_events(timeout=30)
            assert (len(held), channel.qos.can_consume()) == (1, False)
            broker.send_signal(signal.SIGKILL)
            broker.wait()
            if how == "ack":
                held[0].ack_log_error(LOG, link.connection_errors)
            else:
                held[0].reject_log_error(LOG, link.connection_errors, requeue=how == "requeue")
            with running():
                assert channel.qos.can_consume()
        link.release()
