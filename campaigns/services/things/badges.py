"""Badges: a member has one once, or once in each window of a goal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns.services.configuration import Configuration
from campaigns.services.statements import event_message, execute
from campaigns.services.things.keeping import Given, Gone
from core.services.outbox import publish

GIVE = """
    INSERT INTO campaigns_memberbadge (member_id, badge_id, event_id, earned_at, once)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])
"""
TAKE = """
    DELETE FROM campaigns_memberbadge mb
    USING unnest(%s::bigint[], %s::text[], %s::text[]) AS t(event_id, code, once), campaigns_badge b
    WHERE mb.event_id = t.event_id AND b.id = mb.badge_id AND b.code = t.code AND mb.once IN ('', t.once)
"""


def give(configuration: Configuration, given: Sequence[Given], _at: datetime, /) -> None:
    """Hand badges out and tell so."""
    rows = []
    for judgement, _place, award in given:
        event, badge_id = judgement.event, configuration.badges[award.wish.code]
        rows.append((event.member_id, badge_id, event.event_id, event.time, award.wish.once))
    execute(GIVE, rows)
    program_id = configuration.program.program_id
    publish(
        [
            event_message("badge.earned", program_id, judgement.event, badge=award.wish.code, place=place)
            for judgement, place, award in given
        ]
    )


def take(_configuration: Configuration, gone: Sequence[Gone], _at: datetime, /) -> Sequence[Gone]:
    """Take badges back, all of them: those that other events gave stay, for they are other rows."""
    execute(TAKE, [(one.event_id, str(one.taking.effect["badge"]), one.once) for one in gone])
    return []


def told(_effect: Mapping[str, object], /, *, stays: bool) -> Mapping[str, object]:  # noqa: ARG001  # none stays
    """Nothing more."""
    return {}
