"""Reversals that arrived before the event that they take back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.services.configuration import Configuration
from campaigns.services.reading import Incoming
from campaigns.services.reversals import refuse_foreign
from campaigns.services.state import Members
from campaigns.services.work import Work, judged_event, numbered
from core.rules.arrays import columns
from core.services.rounds import Reader

WAITING = """
    SELECT w.reversal_id, w.source, w.key, e.member_id, e.source, e.key, e.time, e.data
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_waitingreversal w ON w.program_id = %s AND w.source = k.source AND w.key = k.key
    JOIN campaigns_event e ON e.id = w.reversal_id ORDER BY w.reversal_id
"""


type Waiting = tuple[Any, ...]  # a stored reversal, as ``WAITING`` has it


def waiting_for(configuration: Configuration, fresh: Sequence[Work], found: list[Waiting]) -> Reader:
    """Read the reversals that arrived before these events."""
    keys = columns((one.incoming.source, one.incoming.key) for one in fresh)
    found += yield WAITING, [*keys, configuration.program.program_id]


def followers(
    configuration: Configuration, waiting: Sequence[Waiting], fresh: Sequence[Work], members: Members
) -> dict[tuple[str, str], list[Work]]:
    """The reversals that follow these events, by what they take back; those of other members are refused."""
    names = {(one.incoming.source, one.incoming.key) for one in fresh}
    rows = [row for row in waiting if row[1:3] in names]
    found: dict[tuple[str, str], list[Work]] = {}
    for pk, source, key, member_id, *stored in rows:
        if member_id in members:
            late = _late(configuration, members, pk, (source, key), member_id, *stored)
            found.setdefault((source, key), []).append(late)
    refuse_foreign([pk for pk, _, _, member_id, *_ in rows if member_id not in members])
    return found


def _late(  # noqa: PLR0917  # the columns of a stored reversal
    configuration: Configuration,
    members: Members,
    pk: int,
    original: tuple[str, str],
    member_id: int,
    source: str,
    key: str,
    time: datetime,
    data: str,
) -> Work:
    """A stored reversal, ready to be worked."""
    values = json.loads(data)
    member = members[member_id]
    incoming = Incoming(
        source=source,
        key=key,
        subject=member.external_id,
        time=time,
        type=None,
        amount_minor=None,
        currency="",
        outlet=None,
        data=values,
        original=original,
        amount_text=values.get("amount", ""),
        fingerprint=b"",
    )
    late = Work(-1, incoming, member_id, member.market.market_id)
    late.event = numbered(judged_event(configuration, late), pk)
    return late
