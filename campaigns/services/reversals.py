"""Taking events back: whole or in part, before or after their original, with everything that they gave.

In one call each member has one reversal at most, so that the balances answered are those after it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from campaigns.models import EventReversal, WaitingReversal
from campaigns.rules.answers import Body, goal_body, shown, standing
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.rules.takebacks import Cut, Taken, taken
from campaigns.services.apply import OUTCOMES, execute, take_days
from campaigns.services.configuration import Configuration
from campaigns.services.counters import Freed, free_counters
from campaigns.services.milestones import Lost, goals_after, lose_progress
from campaigns.services.reading import Incoming
from campaigns.services.returns import Moved, Return, return_value
from campaigns.services.standing import restore_facts, undo_tiers
from campaigns.services.state import Members, read_standing
from core.refusals import AlreadyReversed, FieldError, Invalid, Refusal
from core.rules.arrays import columns
from core.rules.money import decimals, to_minor
from members.rules.windows import DayEntry

ORIGINALS = """
    SELECT e.source, e.key, e.id, e.member_id, e.event_type_id, e.time, e.day, e.amount_minor, e.currency,
        e.amount_base_minor, e.outlet_id, o.answer,
        (SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM campaigns_eventreversal r WHERE r.original_id = e.id),
        EXISTS (SELECT FROM campaigns_eventreversal r WHERE r.original_id = e.id AND r."full")
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_event e ON e.program_id = %s AND e.source = k.source AND e.key = k.key
    LEFT JOIN campaigns_outcome o ON o.event_id = e.id
"""

SHRINK = """
    WITH cut AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS c(event_id, after, whole)),
    old AS (
        SELECT g.id, g.event_id, c.code, g.rule, g.amount,
            CASE g.kind WHEN 'badge' THEN 'badge' ELSE g.unit END AS unit,
            ceil(g.judged::numeric * cut.after / cut.whole)::bigint AS kept
        FROM cut JOIN campaigns_ghostaward g ON g.event_id = cut.event_id AND g.milestone IS NULL
        JOIN campaigns_campaignversion v ON v.id = g.version_id JOIN campaigns_campaign c ON c.id = v.campaign_id
    ),
    gone AS (DELETE FROM campaigns_ghostaward g USING old WHERE g.id = old.id AND old.kept = 0),
    less AS (UPDATE campaigns_ghostaward g SET amount = old.kept FROM old WHERE g.id = old.id AND old.kept > 0)
    SELECT event_id, code, rule, unit, amount - kept FROM old ORDER BY id
"""
BADGES = """
    DELETE FROM campaigns_memberbadge mb
    USING unnest(%s::bigint[], %s::text[], %s::text[]) AS t(event_id, code, once), campaigns_badge b
    WHERE mb.event_id = t.event_id AND b.id = mb.badge_id AND b.code = t.code AND mb.once IN ('', t.once)
"""
REJECT = """
    UPDATE campaigns_outcome SET status = 'rejected', answer = answer || %s::jsonb WHERE event_id = ANY(%s)
"""


@dataclass(slots=True)
class Original:
    """The event that is taken back, as stored."""

    event_id: int
    member_id: int
    type_id: int | None
    time: datetime
    day: date
    amount_minor: int | None
    currency: str
    amount_base: int | None
    outlet_id: int
    answer: str | None  # JSON
    reversed_minor: int
    is_gone: bool


@dataclass(slots=True, eq=False)
class Reversal:
    """A reversal on its way: ``is_late`` = accepted earlier, when its original was not there yet."""

    event: JudgedEvent
    incoming: Incoming
    is_late: bool
    original: Original | None = None
    cut: Cut | None = None
    takings: list[Taken] = field(default_factory=list)
    ghosts: list[Taken] = field(default_factory=list)
    answer: Body | None = None
    refusal: Refusal | None = None
    lost: list[Lost] = field(default_factory=list)
    goals: list[GoalStanding] = field(default_factory=list)
    moved: Moved = field(default_factory=dict)


def reverse(configuration: Configuration, members: Members, reversals: Sequence[Reversal], *, at: datetime) -> None:
    """Answer each reversal, or refuse it; the members are locked. A fixed number of queries."""
    _find_originals(configuration, reversals)
    for reversal in reversals:
        if reversal.original is not None:
            _check(reversal, reversal.original)
    waiting = [one for one in reversals if one.original is None and not one.is_late]
    valid = [one for one in reversals if one.cut is not None]
    _settle_waiting(configuration, members, reversals, waiting)
    if valid:
        _take_back(configuration, members, valid, at)


# -- what is it about? ------------------------------------------------------------------------


def _find_originals(configuration: Configuration, reversals: Sequence[Reversal]) -> None:
    names = [reversal.incoming.original or ("", "") for reversal in reversals]
    with connection.cursor() as cursor:
        program = configuration.program.program_id
        cursor.execute(ORIGINALS, [[source for source, _ in names], [key for _, key in names], program])
        found = {(source, key): Original(*row) for source, key, *row in cursor.fetchall()}
    for reversal, name in zip(reversals, names, strict=True):
        reversal.original = found.get(name)


def _check(reversal: Reversal, original: Original) -> None:
    """Find out what is left after it, or refuse."""
    try:
        reversal.cut = _cut(reversal, original)
    except Refusal as refusal:
        reversal.refusal = refusal
        return
    answer = json.loads(original.answer) if original.answer else {}
    reversal.takings = taken(answer.get("effects", ()), reversal.cut)


def _cut(reversal: Reversal, original: Original) -> Cut:
    if original.member_id != reversal.event.member_id:
        raise _foreign()
    if original.type_id is None:
        raise _invalid("/data/id", "invalid", _("A reversal cannot be taken back: post the event again."))
    if original.is_gone:
        raise AlreadyReversed
    whole = original.amount_minor or 0
    left = whole - original.reversed_minor
    amount = _amount(reversal.incoming, original, left)
    if amount > left:
        raise AlreadyReversed
    return Cut(original=whole, before=left, after=left - amount)


def _amount(incoming: Incoming, original: Original, left: int) -> int:
    """How much is taken back, in the original's minor units: what is said, or all that is left."""
    if incoming.currency and incoming.currency != original.currency:
        raise _invalid("/data/currency", "wrong-currency", _("Send the currency of the original, or none."))
    if not incoming.amount_text:
        return left
    if original.amount_minor is None:
        raise _invalid("/data/amount", "invalid", _("The event to take back has no amount: leave it out."))
    try:
        return to_minor(Decimal(incoming.amount_text), original.currency)
    except ValueError:
        detail = _("%(currency)s has %(decimals)d decimals.") % {
            "currency": original.currency,
            "decimals": decimals(original.currency),
        }
        raise _invalid("/data/amount", "too-many-decimals", detail) from None


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, code, detail)])


# -- those that wait --------------------------------------------------------------------------


def _settle_waiting(
    configuration: Configuration, members: Members, reversals: Sequence[Reversal], waiting: Sequence[Reversal]
) -> None:
    """Keep reversals whose original is not there yet; those that were kept wait no longer."""
    WaitingReversal.objects.bulk_create(
        [
            WaitingReversal(
                reversal_id=one.event.event_id,
                program_id=configuration.program.program_id,
                source=str(one.incoming.data["source"]),
                key=str(one.incoming.data["id"]),
            )
            for one in waiting
        ]
    )
    for one in waiting:
        one.answer = _head(one, members[one.event.member_id], "waiting")
    late = [one for one in reversals if one.is_late and one.original]  # an original may have been refused itself
    for one in late:
        if one.refusal:  # it was accepted; now it turns out to be wrong, and says so for ever
            one.answer = _head(one, members[one.event.member_id], "rejected") | {"problem": _problem(one.refusal)}
            one.refusal = None
    WaitingReversal.objects.filter(reversal_id__in=[one.event.event_id for one in late]).delete()
    execute(OUTCOMES, [_outcome(one) for one in reversals if one.answer])


def _problem(refusal: Refusal) -> Body:
    return {"type": f"/problems/{refusal.code}", "detail": str(refusal)}


def refuse_foreign(ids: Sequence[int]) -> None:
    """Reject reversals that waited for an event which turns out to be another member's."""
    if ids:
        problem = json.dumps({"status": "rejected", "problem": _problem(_foreign())})
        with connection.cursor() as cursor:
            cursor.execute(REJECT, [problem, list(ids)])
        WaitingReversal.objects.filter(reversal_id__in=ids).delete()


def _foreign() -> Invalid:
    return _invalid("/subject", "invalid", _("The event to take back belongs to another member."))


def _head(reversal: Reversal, member: MemberState, status: str) -> Body:
    return {
        "source": reversal.event.source,
        "id": reversal.event.key,
        "status": status,
        "duplicate": False,
        "member": member.external_id,
        "sequence": reversal.event.event_id,
    }


def _outcome(reversal: Reversal) -> tuple[int, str, str, str]:
    answer = reversal.answer or {}
    body = json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
    return (reversal.event.event_id, str(answer["status"]), body, "[]")


# -- taking back ------------------------------------------------------------------------------


def _take_back(configuration: Configuration, members: Members, reversals: Sequence[Reversal], at: datetime) -> None:
    """Everything an event gave goes: days and facts, badges, counters, tier, and value last."""
    EventReversal.objects.bulk_create([_row(one) for one in reversals])
    _take_goals(configuration, members, reversals)
    take_days([(one.event.member_id, entry) for one in reversals for entry in _entries(configuration, one)])
    full = [one.original for one in reversals if one.original and one.cut and one.cut.is_full]
    execute(BADGES, [badge for one in reversals for badge in _badges(one)])
    _shrink_ghosts(reversals)
    restore_facts(members, full)
    undo_tiers(configuration, members, {one.event.member_id: one.event for one in reversals}, at=at)
    free_counters(configuration.program, [freed for one in reversals for freed in _freed(one)])
    moved = return_value(configuration, [ret for one in reversals for ret in _returns(one)], at=at)
    read_standing(configuration, members, at)
    for one in reversals:
        one.moved = moved.get(one.event.event_id, {})
        member = members[one.event.member_id]
        one.answer = {
            **_head(one, member, "processed"),
            "effects": [_effect(one, *taking) for taking in _takings(one)],
            "refused": [],
            "goals": [goal_body(goal) for goal in one.goals],
            **standing(member, configuration.program),
        }
    execute(OUTCOMES, [_outcome(one) for one in reversals])


def _row(reversal: Reversal) -> EventReversal:
    original, cut = _parts(reversal)
    has_amount = original.amount_minor is not None
    return EventReversal(
        reversal_id=reversal.event.event_id,
        original_id=original.event_id,
        amount_minor=cut.before - cut.after if has_amount else None,
        amount_base_minor=cut.base(original.amount_base) if original.amount_base is not None else None,
        full=cut.is_full,
    )


def _parts(reversal: Reversal) -> tuple[Original, Cut]:
    if reversal.original is None or reversal.cut is None:
        msg = "only a reversal that was checked can be worked"
        raise ValueError(msg)
    return reversal.original, reversal.cut


def _take_goals(configuration: Configuration, members: Members, reversals: Sequence[Reversal]) -> None:
    """Let goals lose what their event loses, and with it milestones."""
    by_event = {original.event_id: (one, cut) for one in reversals for original, cut in [_parts(one)]}
    windows, lost = lose_progress(configuration, members, {event_id: cut for event_id, (_, cut) in by_event.items()})
    by_member = {one.event.member_id: one for one, _ in by_event.values()}
    for gone in lost:
        by_member[gone.member_id].lost.append(gone)
    for member_id, one in by_member.items():
        mine = [window for window in windows if window.member_id == member_id]
        one.goals = goals_after(configuration, members[member_id], mine, _parts(one)[0].day)


def _takings(reversal: Reversal) -> list[tuple[int, Taken]]:
    """All that is taken: the event that it was given to, and what."""
    original, _cut = _parts(reversal)
    lost = [(one.event_id, taking) for one in reversal.lost for taking in one.takings]
    return [*((original.event_id, taking) for taking in reversal.takings), *lost]


def _badges(reversal: Reversal) -> Iterator[tuple[int, str, str]]:
    """The badges that are taken: by which event, and in which window, they were given."""
    original, _cut = _parts(reversal)
    given = [(original.event_id, "", taking) for taking in reversal.takings]
    given += [(one.event_id, one.once, taking) for one in reversal.lost for taking in one.takings]
    yield from ((event_id, str(one.effect["badge"]), once) for event_id, once, one in given if one.unit == "badge")


def _entries(configuration: Configuration, reversal: Reversal) -> list[DayEntry]:
    """What days lose: the original's, and those of events whose milestones are no longer reached."""
    own = _entry(configuration, reversal)
    return [*([own] if own else []), *(one.entry() for one in reversal.lost)]


def _entry(configuration: Configuration, reversal: Reversal) -> DayEntry | None:
    """What the original's day loses."""
    original, cut = _parts(reversal)
    kind = configuration.types.get(configuration.type_codes.get(original.type_id or 0, ""))
    if kind is None:
        return None
    gone = -int(cut.is_full)
    return DayEntry(
        day=original.day,
        type_id=kind.type_id,
        outlet_id=original.outlet_id,
        occurrences=gone,
        events=gone if kind.qualifying else 0,
        amount=-cut.base(original.amount_base or 0) if kind.qualifying else 0,
        status_points=-sum(t.amount for t in reversal.takings if t.effect["kind"] in {"points", "status_points"}),
    )


def _shrink_ghosts(reversals: Sequence[Reversal]) -> None:
    """What held-out members would have been given shrinks alike, and frees its place in their limits."""
    cuts = {one.original.event_id: one for one in reversals if one.original}
    rows = [(event_id, one.cut.after, one.cut.original or 1) for event_id, one in cuts.items() if one.cut]
    with connection.cursor() as cursor:
        cursor.execute(SHRINK, columns(rows))
        for event_id, campaign, rule, unit, amount in cursor.fetchall():
            cuts[event_id].ghosts.append(Taken(-1, {"campaign": campaign, "rule": rule}, unit, amount))


def _effect(reversal: Reversal, event_id: int, taking: Taken) -> Body:
    """The effect with what was taken of it, negative; ``desired`` is what should have been."""
    back = reversal.moved.get((event_id, taking.place))
    amount = taking.amount - back.forgiven if back else taking.amount
    body: Body = {**taking.effect, "amount": _negative(amount, taking.unit)}
    if taking.unit != "badge":
        body["desired"] = _negative(taking.amount, taking.unit)
    return body


def _negative(amount: int, unit: str) -> int | str | None:
    return shown(-amount, unit)


def _freed(reversal: Reversal) -> list[Freed]:
    """What limits count less: amounts in part, times when nothing of the award remains."""
    original, cut = _parts(reversal)
    own = Freed(original.member_id, original.time, original.day, reversal.takings, reversal.ghosts, is_full=cut.is_full)
    return [
        own,
        *(Freed(one.member_id, one.time, one.day, one.takings, one.ghosts, is_full=True) for one in reversal.lost),
    ]


def _returns(reversal: Reversal) -> list[Return]:
    return [
        Return(reversal.event, event_id, taking) for event_id, taking in _takings(reversal) if taking.unit != "badge"
    ]
