"""Asking the database many things at once: statements of a round travel together, their answers come back together."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

type Question = tuple[str, Sequence[Any]]  # a statement and its parameters
type Reader = Generator[Question, list[Any], None]  # asks by ``rows = yield question``, as often as it needs


@contextmanager
def together() -> Iterator[None]:
    """Statements inside are sent without waiting for each other; the first failure is raised here at the latest.

    Inside ``transaction.atomic``, never around it: a failure must reach the transaction that it ends.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


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
        cursors = [connection.cursor() for _ in questions]
        for cursor, (sql, parameters) in zip(cursors, questions, strict=True):
            cursor.execute(sql, parameters)
        return [list(cursor.fetchall()) for cursor in cursors]
