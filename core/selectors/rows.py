"""Rows of models out of statements of our own, where the ORM would take longer to compose one than to run it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def columns(model: type[Model], alias: str) -> str:
    """All columns of a model under its alias, as a statement selects them."""
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model))


def width(model: type[Model]) -> int:
    """How many columns those are."""
    return len(_fields(model))


def row_of[M: Model](model: type[M], values: Sequence[Any]) -> M:
    """The row that the values of ``columns`` make, in their order."""
    found = list(values)
    for place, convert in _converters(model):
        found[place] = convert(found[place], None, connection)
    return model.from_db(connection.alias, [field.attname for field in _fields(model)], found)


@cache
def _fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(model._meta.concrete_fields)  # Django documents it


@cache
def _converters(model: type[Model]) -> list[tuple[int, Any]]:
    """Of the fields whose values are not what the driver gives, by their places."""
    fields = enumerate(_fields(model))
    return [(place, convert) for place, field in fields for convert in field.get_db_converters(connection)]
