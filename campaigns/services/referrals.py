"""Friends who were brought: whether they have done what is asked for follows from facts, in whatever order those come.

The rows of the friends are locked by the caller; a referral is guarded by its friend's row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from campaigns.rules.derived import joined_key, qualified_key, referred_joined_key, referred_qualified_key
from campaigns.rules.referrals import Friend, FriendEvent, Met
from campaigns.rules.state import MemberState
from campaigns.services.configuration import Configuration
from campaigns.services.state import Members
from campaigns.services.undoing import Undone, undo
from campaigns.services.work import Work
from core.rules.arrays import columns
from core.rules.moments import show_moment
from core.services import prepared
from core.services.outbox import Message, publish
from members.models import Referral
from members.rules.referrals import judge_sightings
from members.services.sightings import sightings
from members.services.signals import remember_digests

QUALIFIED = "referral.qualified"  # topic
OPEN = (Referral.Verdict.CLEAR, Referral.Verdict.APPROVED)
FIELDS = ("verdict", "reason", "evidence", "held_at", "event_id", "met_at", "due_at", "qualified_at", "round")
# Events that still count, at what is left of them.
EVENTS = """
    SELECT e.member_id, e.id, e.time, e.day, e.currency, e.amount_minor - coalesce((
        SELECT sum(r.amount_minor) FROM campaigns_eventreversal r WHERE r.original_id = e.id), 0)::bigint
    FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS p(member_id, first, last)
    JOIN campaigns_event e ON e.member_id = p.member_id AND e.day BETWEEN p.first AND p.last
    WHERE e.event_type_id = %s
        AND NOT EXISTS (SELECT FROM campaigns_eventreversal r WHERE r.original_id = e.id AND r."full")
"""


def note_events(configuration: Configuration, members: Members, work: Sequence[Work], *, at: datetime) -> None:
    """Let events that were just stored count for those who brought their members, and their devices be known.

    Nothing is asked where members do not bring members, one query where an event may count, a few more where a friend
    is open.
    """
    qualifying = configuration.qualifying
    if qualifying is None:
        return
    remember_digests(seen=[seen for one in work for seen in _signals(one)], at=at)
    friends = {
        event.member_id
        for one in work
        if (event := one.event)
        and event.type_code == qualifying.event_type
        and qualifying.meets(event.amount_minor, event.currency, event.day)
    }
    if friends:
        rows = Referral.objects.filter(friend__in=friends, verdict__in=OPEN, qualified_at=None).order_by("friend")
        reconsider(configuration, members, list(rows), at=at)


def _signals(one: Work) -> Iterable[tuple[int, str, bytes]]:
    found = one.incoming.data.get("signals")
    if isinstance(found, dict):
        for kind, digest in found.items():
            yield one.member_id, kind, bytes.fromhex(digest)


def note_reversals(
    configuration: Configuration, members: Members, reversed_at: Mapping[int, datetime], *, at: datetime
) -> None:
    """Let referrals go that rested on events which were taken back (event id → time of the reversal)."""
    if configuration.qualifying is None:
        return
    rows = Referral.objects.filter(event_id__in=list(reversed_at), friend__in=list(members)).order_by("friend")
    when = {row.pk: reversed_at[row.event_id] for row in rows if row.event_id}
    reconsider(configuration, members, list(rows), at=at, undone_at=when)


def reconsider(
    configuration: Configuration,
    members: Members,
    rows: Sequence[Referral],
    *,
    at: datetime,
    undone_at: Mapping[int, datetime] | None = None,
) -> None:
    """Bring open referrals to what the facts say: qualified, waiting for its day, or not (any more).

    A fixed number of queries. Guards look once more before anything is paid; what a reviewer approved they leave alone.
    """
    open_rows = [row for row in rows if row.verdict in OPEN and row.friend_id in members]
    met = _met(configuration, members, open_rows)
    lost = [row for row in open_rows if row.qualified_at and not met[row.pk]]
    cooling = configuration.qualifying.cooling if configuration.qualifying else None
    for row in open_rows:
        found = met[row.pk]
        row.event_id, row.met_at = (found.event_id, found.at) if found else (None, None)
        row.due_at = found.at + cooling if found and cooling is not None else None
    due = [row for row in open_rows if row.due_at and not row.qualified_at and (not cooling or row.due_at <= at)]
    qualified = _past_guards(configuration, due, at)
    for row in qualified:
        row.qualified_at, row.round = row.due_at, row.round + 1
    for row in lost:
        row.qualified_at = None
    _write(open_rows)
    publish([_message(row, members[row.friend_id]) for row in qualified])
    when = undone_at or {}
    refused = [row for row in due if row.verdict == Referral.Verdict.REFUSED]
    keys = [Undone(qualified_keys(row), when.get(row.pk, at)) for row in lost]
    keys += [Undone(joined_keys(row), at) for row in refused]
    undo(program_id=configuration.program.program_id, undone=keys)


def _met(configuration: Configuration, members: Members, rows: Sequence[Referral]) -> Mapping[int, Met | None]:
    qualifying = configuration.qualifying
    if qualifying is None:  # members do not bring members any more: what was qualified stays
        return {row.pk: Met(row.met_at, row.event_id) if row.met_at and row.qualified_at else None for row in rows}
    friends = {row.pk: _friend(row, members[row.friend_id]) for row in rows}
    days = {row.friend_id: qualifying.days(friends[row.pk]) for row in rows}
    events = _events(configuration, days)
    return {row.pk: qualifying.met(friends[row.pk], events[row.friend_id]) for row in rows}


def _friend(row: Referral, member: MemberState) -> Friend:
    return Friend(member.kyc, member.kyc_at, member.enrolled_at, row.joined_at, member.market.zone)


def _events(configuration: Configuration, days: Mapping[int, tuple[date, date]]) -> Mapping[int, list[FriendEvent]]:
    found: defaultdict[int, list[FriendEvent]] = defaultdict(list)
    code = configuration.qualifying.event_type if configuration.qualifying else None
    if not days or code is None:
        return found
    with prepared.cursor() as cursor:
        periods = columns((member_id, first, last) for member_id, (first, last) in days.items())
        cursor.execute(EVENTS, [*periods, configuration.types[code].type_id])
        for member_id, event_id, time, day, currency, left in cursor.fetchall():
            found[member_id].append(FriendEvent(event_id, time, day, left, currency))
    return found


def _past_guards(configuration: Configuration, due: Sequence[Referral], at: datetime) -> list[Referral]:
    """Those that guards let pass; the others are held or refused now."""
    rules = configuration.referral
    unseen = [row for row in due if row.verdict == Referral.Verdict.CLEAR]
    if rules is None or not unseen:
        return list(due)
    seen = sightings([(row.friend_id, row.referrer_id) for row in unseen], at)
    for row in unseen:
        verdict = judge_sightings(rules, seen.get(row.friend_id, ()))
        row.verdict, row.reason = verdict.verdict, verdict.reason
        row.evidence = [one.evidence() for one in verdict.sightings]
        row.held_at = at if verdict.verdict == Referral.Verdict.HELD else None
    return [row for row in due if row.verdict in OPEN]


def _write(rows: Sequence[Referral]) -> None:
    if rows:
        Referral.objects.bulk_update(rows, FIELDS)


def _message(row: Referral, friend: MemberState) -> Message:
    payload: dict[str, object] = {
        "member": row.referrer_id,
        "friend": str(friend.uuid),
        "referral": str(row.uuid),
        "round": row.round,
        "time": show_moment(row.qualified_at or row.joined_at),
    }
    if row.event_id:
        payload["event"] = row.event_id
    return Message(QUALIFIED, row.program_id, payload)


def qualified_keys(row: Referral) -> list[str]:
    """The events that tell that it qualified: of the referrer, and of the friend."""
    return [qualified_key(row.uuid, row.round), referred_qualified_key(row.uuid, row.round)]


def joined_keys(row: Referral) -> list[str]:
    """The events that tell that the friend joined."""
    return [joined_key(row.uuid), referred_joined_key(row.uuid)]
