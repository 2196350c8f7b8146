"""What a reversal takes back may have caused events: they are not to be, or are taken back in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.services.statements import execute
from core.rules.moments import show_moment
from core.services.outbox import Message, publish

TOPIC = "derived.undone"
UNDO = """
    INSERT INTO campaigns_derivedevent AS d (program_id, key, depth, undone)
    SELECT %s, key, 0, true FROM unnest(%s::text[]) AS k(key)
    ON CONFLICT (program_id, key) DO UPDATE SET undone = true
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """What a reversal took of what derived events tell, by their keys; ``time`` is that of the reversal."""

    keys: Sequence[str]
    time: datetime


def undo(*, program_id: int, undone: Sequence[Undone]) -> None:
    """Remember that these derived events are no more, and have those that there are taken back after the commit.

    The members are locked: whoever derives an event later looks here first. Nothing happens where nothing is undone.
    """
    some = [one for one in undone if one.keys]
    execute(UNDO, [(key,) for one in some for key in one.keys], program_id)
    publish([Message(TOPIC, program_id, {"keys": list(one.keys), "time": show_moment(one.time)}) for one in some])
