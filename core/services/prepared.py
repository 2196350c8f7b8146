"""Statements that PostgreSQL plans once a connection: parsing and planning take longer than a short one runs.

The plan knows no parameter: it suits statements that look rows up, whatever is asked. One whose size is a parameter, or
that reads much of a table, is planned each time by a plain cursor. Plans are made anew every few seconds: one that was
made for a table without rows would read all of it when it has a million.
"""

import time
from typing import Self

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.abc import Params, Query
from psycopg.rows import TupleRow

ONLY_WHERE_ASKED = 1_000_000_000  # executions after which psycopg prepares a statement by itself: never
KEPT = 300  # statements a connection
PLANNED = "_planned_at"  # on a connection: when its plans were made, on the machine's clock
FRESH = 5.0  # seconds that a plan is good for


class PreparedCursor(psycopg.Cursor[TupleRow]):
    """Every statement is prepared; its text must be the same each time, what varies are parameters."""

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = True, binary: bool | None = None
    ) -> Self:
        """As of any cursor; only while it runs does the connection prepare, so that it counts nobody else's."""
        line = self._conn
        line.prepare_threshold, line.prepared_max = ONLY_WHERE_ASKED, KEPT
        try:
            return super().execute(query, params, prepare=prepare, binary=binary)  # type: ignore[arg-type, misc]  # a union
        except psycopg.errors.FeatureNotSupported:  # a table changed: the plans are of no use
            line.close()
            raise
        finally:
            line.prepare_threshold = None


def cursor() -> CursorWrapper:
    """A cursor of the default connection whose statements are prepared; one command a statement.

    Parameters travel beside the statement, so PostgreSQL must be able to tell their types: cast those that stand alone.
    Where the history of configuration is kept, it puts a command before each statement: then a plain cursor.
    """
    if connection.execute_wrappers:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    _forget_old_plans(connection.connection)
    # Django has no public way to choose another kind of cursor.
    prepared = PreparedCursor(connection.connection)
    found: CursorWrapper = connection._prepare_cursor(prepared)  # type: ignore[attr-defined]  # noqa: SLF001
    return found


def _forget_old_plans(line: psycopg.Connection) -> None:
    now = time.monotonic()
    if now - getattr(line, PLANNED, now - FRESH) >= FRESH:
        with connection.wrap_database_errors:
            line.execute("DISCARD PLANS")
        setattr(line, PLANNED, now)
