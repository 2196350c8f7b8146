"""PostgreSQL's array literals: thousands of values as one parameter, many times faster than adapting each."""

from collections.abc import Iterable, Sequence

BETWEEN = "\0"  # no text of PostgreSQL holds it


def array(values: Sequence[object]) -> str:
    """The literal of an array of numbers, booleans, dates, moments, uuids, texts or bytes; None is NULL."""
    if None in values:
        first = next((value for value in values if value is not None), None)
        shown = _one if isinstance(first, str | bytes) else str
        return "{" + ",".join(["NULL" if value is None else shown(value) for value in values]) + "}"
    if values and isinstance(values[0], str):
        return _texts(values)
    if values and isinstance(values[0], bytes):
        return "{" + ",".join(map(_one, values)) + "}"
    return "{" + ",".join(map(str, values)) + "}"


def columns(rows: Iterable[Sequence[object]]) -> list[str]:
    """One array literal a column, for ``unnest``; a column holds values of one type, or None."""
    return [array(column) for column in zip(*rows, strict=True)]


def _texts(values: Sequence[object]) -> str:
    """All texts quoted at once."""
    joined = BETWEEN.join(values)  # type: ignore[arg-type]  # one column, one type
    return '{"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace(BETWEEN, '","') + '"}'


def _one(value: object) -> str:
    if isinstance(value, str):
        return _texts([value])[1:-1]
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return str(value)
