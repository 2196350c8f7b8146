"""What else a re-rating changes: the answers of events, days that count toward the tier, and what members are told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from campaigns.models import Event, Rerated, Rerating
from campaigns.rules.answers import shown
from campaigns.services.apply import write_days
from campaigns.services.standing import restore_facts
from campaigns.services.state import Members
from core.rules.arrays import columns
from members.models import Notice
from members.rules.windows import DayEntry
from members.services.notices import News, tell

STATUS = {"points", "status_points"}  # kinds that count toward the tier
CORRECT = """
    UPDATE campaigns_outcome o
    SET answer = jsonb_set(o.answer, ARRAY['effects', c.place::text, 'amount'], c.amount::jsonb)
    FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS c(event_id, place, amount) WHERE o.event_id = c.event_id
        AND c.place < jsonb_array_length(o.answer->'effects')
"""
APPEND = """
    UPDATE campaigns_outcome o SET answer = jsonb_set(o.answer, '{effects}', o.answer->'effects' || c.effect::jsonb)
    FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS c(event_id, place, effect) WHERE o.event_id = c.event_id
        AND c.place = jsonb_array_length(o.answer->'effects')
"""


def correct(some: Sequence[Rerated], *, undone: bool = False) -> None:
    """Let answers say what the awards are now."""
    amounts = [(one.event_id, one.place, _json(one.before if undone else one.after, one.unit)) for one in some]
    fresh = [] if undone else sorted((one.event_id, one.place, _effect(one)) for one in some if one.is_new)
    with connection.cursor() as cursor:
        for place in sorted({place for _, place, _ in fresh}):  # one after the other: each makes room for the next
            cursor.execute(APPEND, columns(row for row in fresh if row[1] == place))
        for place in sorted({place for _, place, _ in amounts}):
            cursor.execute(CORRECT, columns(row for row in amounts if row[1] == place))


def _json(amount: int, unit: str) -> str:
    text = shown(amount, unit)
    return str(text) if isinstance(text, int) else f'"{text}"'


def _effect(one: Rerated) -> str:
    """A new effect, as answers have them."""
    amount = _json(one.after, one.unit)
    expires = f'"{one.expires_on.isoformat()}"' if one.expires_on else "null"
    more = f', "currency": "{one.unit}"' if one.kind == "cashback" else f', "expires_on": {expires}'
    head = f'"kind": "{one.kind}", "campaign": "{one.campaign}", "rule": "{one.rule}", "version": {_number(one)}'
    return f'{{{head}, "amount": {amount}, "desired": {amount}, "state": "available"{more}}}'


def _number(one: Rerated) -> int:
    return one.rerating.version.number


def count(members: Members, some: Sequence[Rerated], sign: int) -> None:
    """Let days and sums count the points that count toward the tier."""
    changed = {one.event_id: one for one in some if one.kind in STATUS}
    if not changed:
        return
    points: defaultdict[int, int] = defaultdict(int)
    for one in some:
        if one.kind in STATUS:
            points[one.event_id] += sign * one.difference
    rows = Event.objects.filter(pk__in=changed).values_list("pk", "member", "day", "event_type", "outlet_id")
    entries = [
        (member_id, DayEntry(day, type_id or 0, outlet_id, 0, 0, 0, points[pk]))
        for pk, member_id, day, type_id, outlet_id in rows
    ]
    write_days(entries)
    touched = {member_id for member_id, _ in entries}
    restore_facts({pk: member for pk, member in members.items() if pk in touched}, [])


def tell_members(row: Rerating, some: Sequence[Rerated], at: datetime) -> None:
    """Tell members what was added or taken, once a unit."""
    sums: defaultdict[tuple[int, str], int] = defaultdict(int)
    for one in some:
        if one.unit != "status":
            sums[one.member_id, one.unit] += one.moved
    news = [
        News(pk, Notice.Kind.CORRECTED, f"rerate:{row.pk}:{unit}", {"unit": unit, "amount": str(shown(amount, unit))})
        for (pk, unit), amount in sums.items()
        if amount
    ]
    tell(program_id=row.program_id, news=news, at=at)
