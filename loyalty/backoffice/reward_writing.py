"""Many rewards of a sheet: what changes of each, as it is shown, and all of them written at once."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import batched

from django.db import DataError, IntegrityError, transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rewards.models import Reward

BATCH = 1000
type Refused = list[tuple[Reward, str]]


def compared(before: str, after: str) -> SafeString:
    """A cell with what goes and what comes marked between what stays."""
    start = _alike(before, after)
    goes, comes = before[start:], after[start:]
    end = _alike(goes[::-1], comes[::-1])
    stays = goes[len(goes) - end :]
    marks = "{}<del>{}</del><ins>{}</ins>{}" if before != after else "{}"
    return format_html(marks, before[:start], goes[: len(goes) - end], comes[: len(comes) - end], stays)


def _alike(one: str, other: str) -> int:
    """How many signs at the beginning are the same."""
    differ = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differ, min(len(one), len(other)))


def write_rewards(made: Sequence[Reward], changed: Sequence[Reward], fields: Sequence[str]) -> Refused:
    """Write new rewards, and these ``fields`` of known ones, in one transaction.

    All or none: those that the database refuses are answered, each with its words, and nothing is written then.
    """
    refused: Refused = []
    with transaction.atomic():
        for rows in batched(made, BATCH):
            refused += _refused(rows, Reward.objects.bulk_create)
        for rows in batched(changed, BATCH):
            refused += _refused(rows, partial(_change, fields))
        if refused:
            transaction.set_rollback(True)
    return refused


def _change(fields: Sequence[str], rows: Sequence[Reward]) -> object:
    return Reward.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _refused(rows: Sequence[Reward], store: Callable[[Sequence[Reward]], object]) -> Refused:
    """Those that cannot be stored, found by halves; the others are."""
    try:
        with transaction.atomic():
            store(rows)
    except (DataError, IntegrityError) as error:
        if len(rows) == 1:
            return [(rows[0], str(error).splitlines()[0])]
        half = len(rows) // 2
        return _refused(rows[:half], store) + _refused(rows[half:], store)
    return []
