"""`manage.py run`: the whole platform on this machine, in one process tree."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from celery.exceptions import OperationalError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from core.models import User
from core.refusals import Refusal
from core.services import heartbeat
from core.tasks import beat
from loyalty.celery import app as celery_app
from loyalty.embedded import valkey
from loyalty.embedded.places import EmbeddedError, kept_secret
from loyalty.embedded.postgres import Postgres
from loyalty.embedded.tree import Tree
from loyalty.operations.demo.building import build
from loyalty.operations.demo.sign_ins import as_text
from loyalty.operations.preparing import remember_static_files, schema_is_current, static_files_are_collected
from loyalty.operations.suppliers import simulator

READY_SECONDS = 300
DEMO_SHARE = float(os.environ.get("DEMO_SHARE") or 1)
WEB_PROCESSES = 2
THREADS = 8
ADMIN = "admin"


class Command(BaseCommand):
    """Serve until Ctrl-C or SIGTERM."""

    help = "Run web, worker, scheduler and relay, with an embedded database and broker where none is configured."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *_args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        os.environ["PORT"] = str(port)  # the children's links name it
        if settings.DEMO:
            os.environ.setdefault("SIMULATOR_URL", f"http://127.0.0.1:{free_port()}")  # where suppliers are played
        try:
            tree = Tree(self.say)
            refuse_used_port(host, port)
            with embedded_postgres() as database:
                self.serve(tree, database, host, port)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(str(refusal.detail)) from refusal

    def serve(self, tree: Tree, database: Postgres | None, host: str, port: int) -> None:
        """Start everything, say where it is, look after it, and stop it."""
        try:
            prepare(tree.logs / "prepare.log")
            if settings.DEMO:
                build(share=DEMO_SHARE, console=Console(highlight=False), stopping=lambda: tree.stopping)
            if not tree.stopping:
                start(tree, host, port)
            ready = False
            give_up = time.monotonic() + READY_SECONDS
            while not tree.stopping:
                if database and database.ensure():
                    self.say("PostgreSQL had stopped; it runs again.")
                tree.tick()
                if not ready and serves(host, port):
                    ready = True
                    start_the_rest(tree)
                    self.say(addresses(host, port))
                elif not ready and time.monotonic() > give_up:
                    raise EmbeddedError(f"The platform did not come up in {READY_SECONDS} s: see {tree.logs}.")
        finally:
            self.say("Stopping …")
            tree.stop()

    def say(self, line: str) -> None:
        """Print a line for the person who watches."""
        self.stdout.write(line)
        self.stdout.flush()


def refuse_used_port(host: str, port: int) -> None:
    """Find out before anything starts."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(
                f"Cannot serve at {host}:{port}: {error.strerror}. Choose another port: make run PORT={port + 1}"
            ) from error


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def embedded_postgres() -> Iterator[Postgres | None]:
    """The embedded database while the tree lives, unless another is configured."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    server = Postgres()
    server.use()
    try:
        yield server
    finally:
        server.release()


def prepare(log: Path) -> None:
    """Bring the schema up to date, collect the static files, and make the first account for staff."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    collected = static_files_are_collected()
    steps = [] if schema_is_current() else [["migrate", "--noinput"]]
    steps += [] if collected else [["collectstatic", "--noinput"]]
    with log.open("wb") as file:
        for running in [subprocess.Popen([*manage, *step], stdout=file, stderr=file) for step in steps]:
            if running.wait():
                raise EmbeddedError(f"The database or the static files could not be prepared: see {log}.")
    if not collected:
        remember_static_files()
    if not User.objects.filter(is_superuser=True).exists():
        User.objects.create_superuser(ADMIN, password=kept_secret("admin-password", 12))
    heartbeat.stop_beating()


def start(tree: Tree, host: str, port: int) -> None:
    """Start what a person waits for: each child needs only those before it."""
    if not os.environ.get("CELERY_BROKER_URL"):
        tree.add("valkey", valkey.server_command())
    wait_for_broker()
    tree.add("worker", celery("worker", "--without-gossip", "--without-mingle", "--concurrency", "2"))
    tree.add("web", web_command(host, port))
    beat.delay()


def start_the_rest(tree: Tree) -> None:
    """Start what nobody waits for, once the processors are free."""
    schedule = str(tree.logs.parent / "run/schedule")
    tree.add("scheduler", celery("beat", "--schedule", schedule, "--pidfile", ""))
    if settings.DEMO:
        port = os.environ["SIMULATOR_URL"].rpartition(":")[2]
        tree.add("suppliers", [sys.executable, simulator.__file__, "--port", port])
    tree.add("relay", [sys.executable, str(settings.BASE_DIR / "manage.py"), "relay"])


def celery(*words: str) -> list[str]:
    """A command line of Celery."""
    return [sys.executable, "-m", "celery", "--app", "loyalty.celery", "--workdir", str(settings.BASE_DIR), *words]


def wait_for_broker() -> None:
    """Go on when the broker answers."""
    with celery_app.connection_for_write() as link:
        try:
            link.ensure_connection(max_retries=20, interval_start=0, interval_step=1, interval_max=1)
        except OperationalError as error:
            raise EmbeddedError(f"The broker at {link.as_uri()} does not answer: {error}") from error


def web_command(host: str, port: int) -> list[str]:
    """The web server's command line."""
    options = {
        "interface": "wsgi",
        "host": host,
        "port": str(port),
        "workers": str(WEB_PROCESSES),
        "blocking-threads": str(THREADS),
        "working-dir": str(settings.BASE_DIR),
    }
    return [
        *(sys.executable, "-m", "granian"),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
        "--respawn-failed-workers",
        "loyalty.wsgi:application",
    ]


def serves(host: str, port: int) -> bool:
    """Whether /health/ says yes."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost"})
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def address(host: str, port: int) -> str:
    """The address a person on this machine uses."""
    return f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::', '::1'} else host}:{port}"  # noqa: S104


def addresses(host: str, port: int) -> str:
    """What to open, and how to sign in."""
    base = address(host, port)
    return "\n".join(
        [
            "The platform serves.",
            f"  programs     {base}/",
            f"  back office  {base}/office/    sign in as {ADMIN}, password in {settings.VAR_DIR / 'admin-password'}",
            f"  API          {base}/api/v1/docs/",
            f"  health       {base}/health/",
            f"  logs         {settings.VAR_DIR / 'log'}",
            *demonstration(),
            "Ctrl-C stops it.",
        ]
    )


def demonstration() -> list[str]:
    """Who may sign in to the invented programs."""
    return ["", as_text(), f"Kept in {settings.VAR_DIR / 'demo-sign-ins.txt'}", ""] if settings.DEMO else []
