"""The databases that are measured: beside the main one, built once, recognised by a stamp."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, connection
from psycopg.conninfo import make_conninfo

PROGRAM_FILE = Path(settings.BASE_DIR, "programs/bench.yaml")
VERSION = "4"  # of what building.py writes; the schema and the program file are in the stamp anyway


@dataclass(frozen=True, slots=True)
class Store:
    """A database with so many members and events."""

    name: str
    members: int
    events: int


def stamp(store: Store) -> str:
    """What a store was built from: another schema, program or size is another store."""
    digest = hashlib.sha256(f"{VERSION}/{store}".encode())
    folders = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    files = [file for folder in folders for kind in ("migrations/*.py", "sql/*.sql") for file in folder.glob(kind)]
    for file in [PROGRAM_FILE, *sorted(files)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def database_url(store: Store) -> str:
    """How another process reaches a store."""
    named = connection.settings_dict
    options = {key: value for key, value in named["OPTIONS"].items() if key != "assume_role"}
    parts = {"user": named["USER"], "password": named["PASSWORD"], "host": named["HOST"], "port": named["PORT"]}
    return make_conninfo(dbname=store.name, **{key: value for key, value in parts.items() if value}, **options)


def environment(store: Store) -> dict[str, str]:
    """The environment of a process that works on a store."""
    return os.environ | {"DATABASE_URL": database_url(store), "LOG_LEVEL": "ERROR"}


@contextlib.contextmanager
def inside(store: Store) -> Iterator[None]:
    """Let this process work on a store, as the owner of its tables."""
    with _connected(store.name):
        yield


@contextlib.contextmanager
def _connected(database: str) -> Iterator[None]:
    """Let this process work on a database as the role that signs in; that of the application may not exist yet."""
    name, options = connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["NAME"] = database
    connection.settings_dict["OPTIONS"] = {key: value for key, value in options.items() if key != "assume_role"}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"] = name, options


def is_current(store: Store) -> bool:
    """Whether the store exists and was built from what is there now."""
    with as_login_role() as execute:
        if not execute("SELECT 1 FROM pg_database WHERE datname = %s", [store.name]):
            return False
    with inside(store), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_stamp') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("SELECT stamp FROM bench_stamp")
        return bool(cursor.fetchone() == (stamp(store),))


def create(store: Store) -> None:
    """Make an empty database in place of an old one."""
    try:
        with as_login_role() as execute:
            execute(f'DROP DATABASE IF EXISTS "{store.name}" WITH (FORCE)')
            execute(f'CREATE DATABASE "{store.name}"')
    except DatabaseError as error:
        raise CommandError(f"The bench builds databases of its own, beside the main one: {error}") from error


@contextlib.contextmanager
def as_login_role() -> Iterator[Callable[..., bool]]:
    """Statements of the role that signed in, outside a transaction."""
    with _connected(str(connection.settings_dict["NAME"])):
        yield execute


def execute(sql: str, parameters: list[str] | None = None) -> bool:
    """Run a statement; whether it found a row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.description is not None and cursor.fetchone() is not None
