"""PostgreSQL's array literals: thousands of values as one parameter, many times faster than adapting each."""

from collections.abc import Iterable, Sequence


def array(values: Sequence[object]) -> str:
    """The literal of an array of numbers, booleans, dates, moments, uuids, texts or bytes; None is NULL."""
    return "{" + ",".join(map(_element, values)) + "}"


def columns(rows: Iterable[Sequence[object]]) -> list[str]:
    """One array literal a column, for ``unnest``."""
    return [array(column) for column in zip(*rows, strict=True)]


def _element(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return str(value)
