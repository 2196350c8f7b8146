"""Array literals mean to PostgreSQL what the values mean to Python."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection

from core.rules.arrays import array, columns

AWKWARD = ["", "NULL", "null", ' "quoted" ', "back\\slash", "{}", ",", "ไทย", "line\nbreak", "\\x00", "'"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (AWKWARD, "text"),
        ([*AWKWARD, None], "text"),
        ([1, -2, None], "bigint"),
        ([True, False], "boolean"),
        ([date(2026, 2, 28), None], "date"),
        ([datetime(2026, 1, 1, 12, 30, 0, 5, tzinfo=UTC)], "timestamptz"),
        ([UUID(int=7), None], "uuid"),
        ([b"", b"\x00\xff"], "bytea"),
        ([b"\\x", None], "bytea"),
        ([], "text"),
    ],
)
def test_values_come_back_as_they_went(values: list[object], kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [array(values)])
        assert [row[0] for row in cursor.fetchall()] == values


def test_columns_turn_rows_around() -> None:
    assert columns([(1, "a"), (2, None)]) == ["{1,2}", '{"a",NULL}']
