"""What a reversal takes, once it is known to be good: all that its event gave, and what milestones no longer give."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from campaigns.models import EventReversal
from campaigns.rules.answers import Body, goal_body, shown, standing
from campaigns.rules.derived import badge_key, goal_key, tier_key
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.kinds import NAMES, THING
from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.rules.takebacks import Cut, Taken, ghost_effect, is_final
from campaigns.services.apply import OUTCOMES, take_days
from campaigns.services.configuration import Configuration
from campaigns.services.counters import Freed, free_counters
from campaigns.services.milestones import Lost, give_up, goals_after, lose_progress
from campaigns.services.open_offers import reopen
from campaigns.services.reading import Incoming
from campaigns.services.referrals import note_reversals
from campaigns.services.returns import Moved, Return, return_value
from campaigns.services.standing import restore_facts, undo_tiers
from campaigns.services.state import Members, read_standing
from campaigns.services.statements import execute
from campaigns.services.things import Gone, take_things, told_of
from campaigns.services.undoing import Undone, undo
from core.refusals import Refusal
from core.rules.arrays import columns
from core.services import prepared
from members.rules.windows import DayEntry

SHRINK = """
    WITH cut AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS c(event_id, after, whole)),
    old AS (
        SELECT g.id, g.event_id, c.code, g.rule, g.offer_id, g.amount,
            CASE WHEN g.kind = ANY(%s) THEN %s ELSE g.unit END AS unit,
            ceil(g.judged::numeric * cut.after / cut.whole)::bigint AS kept
        FROM cut JOIN campaigns_ghostaward g ON g.event_id = cut.event_id AND g.milestone IS NULL
        JOIN campaigns_campaignversion v ON v.id = g.version_id JOIN campaigns_campaign c ON c.id = v.campaign_id
    ),
    gone AS (DELETE FROM campaigns_ghostaward g USING old WHERE g.id = old.id AND old.kept = 0),
    less AS (UPDATE campaigns_ghostaward g SET amount = old.kept FROM old WHERE g.id = old.id AND old.kept > 0)
    SELECT event_id, code, rule, offer_id, unit, amount - kept FROM old ORDER BY id
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
    stay: set[tuple[int, int]] = field(default_factory=set)  # things not to be taken: event and place of the effect
    final: set[tuple[int, int]] = field(default_factory=set)  # value that is the member's for good, alike
    unlost: list[Lost] = field(default_factory=list)  # milestones that stay with all that they gave


def head(reversal: Reversal, member: MemberState, status: str) -> Body:
    """How every answer to a reversal begins."""
    return {
        "source": reversal.event.source,
        "id": reversal.event.key,
        "status": status,
        "duplicate": False,
        "member": member.external_id,
        "sequence": reversal.event.event_id,
    }


def outcome(reversal: Reversal) -> tuple[int, str, str, str]:
    """The answer as a row of outcomes."""
    answer = reversal.answer or {}
    body = json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
    return (reversal.event.event_id, str(answer["status"]), body, "[]")


def take_back(configuration: Configuration, members: Members, reversals: Sequence[Reversal], at: datetime) -> None:
    """Everything an event gave goes: days and facts, things, counters, tier, and value last."""
    EventReversal.objects.bulk_create([_row(one) for one in reversals])
    _take_goals(configuration, members, reversals, at)
    take_days([(one.event.member_id, entry) for one in reversals for entry in _entries(configuration, one)])
    full = [one.original for one in reversals if one.original and one.cut and one.cut.is_full]
    _take_things(configuration, reversals, at)
    _shrink_ghosts(reversals)
    restore_facts(members, full)
    fallen = undo_tiers(configuration, members, {one.event.member_id: one.event for one in reversals}, at=at)
    undone = [Undone(_undone_keys(one, fallen), one.event.time) for one in reversals]
    undo(program_id=configuration.program.program_id, undone=undone)
    reversed_at = {one.original.event_id: one.event.time for one in reversals if one.original}
    note_reversals(configuration, members, reversed_at, at=at)
    free_counters(configuration.program, [freed for one in reversals for freed in _freed(one)])
    moved = return_value(configuration, [ret for one in reversals for ret in _returns(one)], at=at)
    for one in reversals:
        one.moved = moved.get(one.event.event_id, {})
    _give_up(reversals)
    read_standing(configuration, members, at)
    for one in reversals:
        member = members[one.event.member_id]
        one.answer = {
            **head(one, member, "processed"),
            "effects": [*(_effect(one, *taking) for taking in _takings(one)), *_untaken(one)],
            "refused": [],
            "goals": [goal_body(goal) for goal in one.goals],
            **standing(member, configuration.program),
        }
    execute(OUTCOMES, [outcome(one) for one in reversals], configuration.row.revision)


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


def _take_goals(configuration: Configuration, members: Members, reversals: Sequence[Reversal], at: datetime) -> None:
    """Let goals lose what their event loses, and with it milestones; see which value is the members' for good."""
    policy, today = configuration.program.reversal, at.astimezone(configuration.program.zone).date()
    by_event = {original.event_id: (one, cut) for one in reversals for original, cut in [_parts(one)]}
    cuts = {event_id: cut for event_id, (_, cut) in by_event.items()}
    windows, lost = lose_progress(configuration, members, cuts, today)
    for event_id, (one, _) in by_event.items():
        one.final = {(event_id, t.place) for t in one.takings if is_final(t.effect, policy, today)}
    by_member = {one.event.member_id: one for one, _ in by_event.values()}
    for gone in lost:
        of = by_member[gone.member_id]
        (of.unlost if gone.is_final else of.lost).append(gone)
    for member_id, one in by_member.items():
        mine = [window for window in windows if window.member_id == member_id]
        one.goals = goals_after(configuration, members[member_id], mine, _parts(one)[0].day)


def _give_up(reversals: Sequence[Reversal]) -> None:
    """Free the places of milestones that were taken back whole, and open offers again that they had completed."""
    staying = [lost for one in reversals for lost in one.lost if _is_partly_kept(one, lost)]
    gone = [lost for one in reversals for lost in one.lost if lost not in staying]
    give_up(gone, [*staying, *(lost for one in reversals for lost in one.unlost)])
    whole = [original for one in reversals for original, cut in [_parts(one)] if cut.is_full]
    losses = [(one.member_id, one.event_id, 0, 0) for one in whole]
    reopen([*losses, *((one.member_id, one.event_id, one.goal_id, one.offer_id) for one in gone if one.offer_id)])


def _is_partly_kept(reversal: Reversal, lost: Lost) -> bool:
    """Whether the member has something of a milestone that could not be taken: value, or a voucher that was used."""
    for taking in lost.takings:
        name = (lost.event_id, taking.place)
        if (back := reversal.moved.get(name)) and back.forgiven:
            return True
        if name in reversal.stay and taking.effect["kind"] == "reward":
            return True
    return False


def _takings(reversal: Reversal) -> list[tuple[int, Taken]]:
    """All that is taken: the event that it was given to, and what."""
    original, _cut = _parts(reversal)
    lost = [(one.event_id, taking) for one in reversal.lost for taking in one.takings]
    return [*((original.event_id, taking) for taking in reversal.takings), *lost]


def _take_things(configuration: Configuration, reversals: Sequence[Reversal], at: datetime) -> None:
    """Take things back; what stays is known afterwards."""
    by_event = {one.event.event_id: one for one in reversals}
    for gone in take_things(configuration, [gone for one in reversals for gone in _gone(one)], at):
        by_event[gone.reversal.event_id].stay.add((gone.event_id, gone.taking.place))


def _gone(reversal: Reversal) -> Iterator[Gone]:
    """The things that are taken: by which event, and in which window, they were given."""
    original, _cut = _parts(reversal)
    given = [(original.event_id, "", taking) for taking in reversal.takings]
    given += [(one.event_id, one.once, taking) for one in reversal.lost for taking in one.takings]
    yield from (Gone(reversal.event, *one) for one in given if one[2].unit == THING)


def _undone_keys(reversal: Reversal, fallen: Mapping[int, Sequence[int]]) -> list[str]:
    """The keys of derived events that told what is taken: badges, milestones, changes of tier."""
    badges = [badge_key(event_id, one.place) for event_id, one in _takings(reversal) if one.effect["kind"] == "badge"]
    goals = [goal_key(one.event_id, one.number) for one in reversal.lost]
    return [*badges, *goals, *(tier_key(change) for change in fallen.get(reversal.event.member_id, ()))]


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
    with prepared.cursor() as cursor:
        cursor.execute(SHRINK, [*columns(rows), list(NAMES), THING])
        for event_id, campaign, rule, offer_id, unit, amount in cursor.fetchall():
            cuts[event_id].ghosts.append(Taken(-1, ghost_effect(campaign, rule, offer_id), unit, amount))


def _effect(reversal: Reversal, event_id: int, taking: Taken) -> Body:
    """The effect with what was taken of it, negative; ``desired`` is what should have been."""
    back = reversal.moved.get((event_id, taking.place))
    amount = taking.amount - back.forgiven if back else taking.amount
    if taking.unit == THING:
        stays = (event_id, taking.place) in reversal.stay
        return {**taking.effect, "amount": -taking.amount, **told_of(taking, stays=stays)}
    return {**taking.effect, "amount": _negative(amount, taking.unit), "desired": _negative(taking.amount, taking.unit)}


def _untaken(reversal: Reversal) -> Iterator[Body]:
    """Of milestones that stay: the value that should have been taken."""
    for one in reversal.unlost:
        for taking in one.takings:
            if (unit := taking.unit) != THING:
                yield {**taking.effect, "amount": _negative(0, unit), "desired": _negative(taking.amount, unit)}


def _negative(amount: int, unit: str) -> int | str | None:
    return shown(-amount, unit)


def _freed(reversal: Reversal) -> list[Freed]:
    """What limits count less: amounts in part, times when nothing of the award remains."""
    original, cut = _parts(reversal)
    takings = [one for one in reversal.takings if (original.event_id, one.place) not in reversal.final]
    own = (original.event_id, original.time, original.day, takings, reversal.ghosts, cut.is_full)
    lost = [(one.event_id, one.time, one.day, one.takings, one.ghosts, True) for one in reversal.lost]
    return [
        Freed(original.member_id, time, day, takings, ghosts, is_full=is_full, stay=_stay(reversal, event_id))
        for event_id, time, day, takings, ghosts, is_full in (own, *lost)
    ]


def _stay(reversal: Reversal, event_id: int) -> frozenset[tuple[str, str]]:
    """The rules (campaign, rule) of which something stays: it was had, and counts on."""
    names = reversal.stay | reversal.final
    return frozenset(
        (one.effect["campaign"], one.effect["rule"])
        for of, one in _takings(reversal)
        if of == event_id and (of, one.place) in names
    )


def _returns(reversal: Reversal) -> list[Return]:
    """What goes back in the ledger: value, and the cost of things that are taken."""
    takings = [(event_id, one) for event_id, one in _takings(reversal) if (event_id, one.place) not in reversal.stay]
    return [Return(reversal.event, *one) for one in takings]
