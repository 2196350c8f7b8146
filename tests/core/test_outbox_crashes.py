"""Real broker, real worker, real relay, killed without warning: every message has its effect exactly once."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import kombu
import psycopg
import pytest
from django.conf import settings as product
from django.db import connection
from pytest_django import Settings

from core.models import OutboxMessage, Program
from core.services import outbox
from loyalty.embedded import valkey

MESSAGES = 600
ROUNDS = 6
EMBEDDED, REDIS, RABBIT = "embedded", "redis://localhost:6379/9", "amqp://guest:guest@localhost//"

pytestmark = [pytest.mark.slow, pytest.mark.abuse, pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]


class Fleet:
    """The processes of one test; each can be killed and is started again."""

    def __init__(self, environment: dict[str, str], commands: dict[str, list[str]], log: Path) -> None:
        self._environment = environment
        self._commands = commands
        self._log = log
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for name in commands:
            self.start(name)

    def start(self, name: str) -> None:
        with (self._log / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._commands[name], env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill −9 the process and all it started."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        for name in list(self._running):
            self.kill(name)


@pytest.fixture(params=[EMBEDDED, REDIS, RABBIT])
def broker(request: pytest.FixtureRequest) -> str:
    url: str = request.param
    if url != EMBEDDED:
        try:
            with kombu.Connection(url, connect_timeout=2) as probe:
                probe.ensure_connection(max_retries=1, timeout=3)
        except (OSError, kombu.exceptions.OperationalError):
            pytest.skip(f"no broker answers at {url}")
    return url


@pytest.fixture
def effects() -> Iterator[None]:
    """The table in which effects are counted; made by the owner, written by the application."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DROP TABLE IF EXISTS outbox_effect")
        cursor.execute("CREATE TABLE outbox_effect (message_id bigint NOT NULL)")
        cursor.execute(f"GRANT SELECT, INSERT ON outbox_effect TO {product.APPLICATION_ROLE}")
        cursor.execute(f"SET ROLE {product.APPLICATION_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DROP TABLE outbox_effect")
        cursor.execute(f"SET ROLE {product.APPLICATION_ROLE}")


@pytest.fixture
def fleet(broker: str, effects: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setenv("LOYALTY_VAR", str(tmp_path / "v"))
    queue = f"test-{uuid.uuid4().hex[:12]}"
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.core.outbox_settings",
        "CELERY_BROKER_URL": valkey.default_broker_url() if broker == EMBEDDED else broker,
        "TEST_QUEUE": queue,
        "PYTHONPATH": str(product.BASE_DIR),
    }
    python = [sys.executable, "-m"]
    commands = {
        "worker": [*python, "celery", "-A", "loyalty.celery", "worker", "-c", "2", "--without-gossip"],
        "relay": [sys.executable, str(product.BASE_DIR / "manage.py"), "relay"],
    }
    if broker == EMBEDDED:
        commands = {"broker": valkey.server_command(), **commands}
    fleet = Fleet(environment, commands, tmp_path)
    yield fleet
    fleet.end()
    if broker != EMBEDDED:
        delete_queue(broker, queue)


def delete_queue(broker: str, queue: str) -> None:
    with kombu.Connection(broker) as link:
        kombu.Queue(queue)(link.default_channel).delete()


def database_url() -> str:
    """The address of the test database, for other processes."""
    named = connection.settings_dict
    parts = {"dbname": named["NAME"], "user": named["USER"], "password": named["PASSWORD"]}
    parts |= {"host": named["HOST"], "port": named["PORT"]}
    return psycopg.conninfo.make_conninfo(**{key: str(value) for key, value in parts.items() if value})


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def acted() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_effect")
        (count,) = cursor.fetchone()
    return int(count)


def test_every_message_acts_once_whatever_is_killed(
    fleet: Fleet, broker: str, program: Program, settings: Settings
) -> None:
    settings.OUTBOX = {"crash.tested": ["tests.core.outbox_consumer.take_in"]}
    victims = ["worker", "relay", "broker"] if broker == EMBEDDED else ["worker", "relay"]
    for number in range(ROUNDS):
        before = acted()
        share = range(number * MESSAGES // ROUNDS, (number + 1) * MESSAGES // ROUNDS)
        outbox.publish([outbox.Message("crash.tested", program.pk, {"n": n}) for n in share])
        wait_for(lambda before=before: acted() > before, 20)  # type: ignore[misc]
        victim = victims[number % len(victims)]
        fleet.kill(victim)
        fleet.start(victim)
    assert wait_for(lambda: not OutboxMessage.objects.filter(due_at__isnull=False).exists(), 300)
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_id FROM outbox_effect ORDER BY message_id")
        effects = [pk for (pk,) in cursor.fetchall()]
    assert effects == list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))
    assert len(effects) == MESSAGES
