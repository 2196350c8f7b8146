"""Asking the database many things at once: statements of a round travel together, their answers come back together."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import NotSupportedError, connection, transaction

from core.services import prepared

type Question = tuple[str, Sequence[Any]]  # a statement and its parameters
type Reader = Generator[Question, list[Any], None]  # asks by ``rows = yield question``, as often as it needs


@contextmanager
def together() -> Iterator[None]:
    """Statements inside are sent without waiting for each other; the first failure is raised here at the latest.

    Inside ``transaction.atomic``: a failure must reach the transaction that it ends. ``ending`` ends both together.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    line = connection.connection
    try:
        with connection.wrap_database_errors, line.pipeline():
            yield
    except NotSupportedError:  # a table changed: what was prepared is of no use
        line.close()
        raise


@contextmanager
def ending() -> Iterator[ExitStack]:
    """A transaction whose last round travels with its commit: enter ``together()`` in the stack that is given.

    Nothing then lies between the last statement and the commit, so that nobody waits for rows that many write any
    longer than the database works. A failure of that round is raised when the transaction ends, and undoes it.
    Inside another transaction the round ends before the savepoint does.
    """
    is_inner = connection.in_atomic_block
    with transaction.atomic(), ExitStack() as last:
        yield last
        if not is_inner:  # Django finds nothing left to commit, and runs what waits for the commit
            with connection.wrap_database_errors:
                connection.connection.commit()


def read(readers: Iterable[Reader]) -> None:
    """Run readers side by side: each round sends the next question of every reader."""
    asking = [(reader, next(reader)) for reader in readers]
    while asking:
        answers = _answers([question for _, question in asking])
        asking = [
            (reader, question)
            for (reader, _), rows in zip(asking, answers, strict=True)
            if (question := _next(reader, rows)) is not None
        ]


def _next(reader: Reader, rows: list[Any]) -> Question | None:
    try:
        return reader.send(rows)
    except StopIteration:
        return None


def _answers(questions: Sequence[Question]) -> list[list[Any]]:
    """The rows of every question, in one round trip."""
    with together():
        cursors = [prepared.cursor() for _ in questions]
        for cursor, (sql, parameters) in zip(cursors, questions, strict=True):
            cursor.execute(sql, parameters)
        return [list(cursor.fetchall()) for cursor in cursors]
