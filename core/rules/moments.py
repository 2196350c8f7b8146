"""Moments as the edges write them: RFC 3339 with an offset."""

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")


def read_moment(value: object) -> datetime | None:
    """The moment in UTC that a text names, None if it is no RFC 3339 moment or outside the years 1 … 9999."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(_NANOSECONDS.sub(r"\1", value.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def show_moment(moment: datetime) -> str:
    """A moment as the API prints it: UTC, as many decimals of a second as it has."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
