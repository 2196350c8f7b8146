"""Locks of a database session, for work that no transaction may last as long as."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def session_lock(name: str) -> Iterator[None]:
    """Let nobody else be here with this name; who is, is waited for. It ends with the session, should that be killed.

    Unlike the lock of a row it keeps no transaction open while mail servers take their time. It needs a connection that
    is the process's own: no pooler between that hands out another for each transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
