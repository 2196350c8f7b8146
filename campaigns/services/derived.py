"""The platform's own door for events: what follows from others is judged by the same engine, each once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import batched

import structlog
from django.db import transaction

from campaigns.models import DerivedEvent
from campaigns.rules.derived import DEEPEST, Derived, reversal_key, source_of
from campaigns.rules.state import MemberState
from campaigns.services.configuration import Configuration, Outdated, current_configuration
from campaigns.services.intake import BATCH, Answer, take_in_own
from campaigns.services.reading import REVERSED, Incoming, fingerprint
from campaigns.services.state import Members, lock_members
from campaigns.services.work import Work

COUNTED = "referral.qualified"  # member.referrals_qualified
log = structlog.get_logger(__name__)


def is_heard(configuration: Configuration, event_type: str) -> bool:
    """Whether somebody listens to a type or asks for it; what referrals bring about is always heard."""
    return configuration.program.hears(event_type) or (event_type == COUNTED and configuration.referral is not None)


@transaction.atomic
def derive(*, program_id: int, found: Sequence[Derived], at: datetime) -> int:
    """Take in the events that are heard and not there yet; how many there were.

    The members are locked before the keys are taken, other than at the door for everybody: keys of this source are
    taken here alone. So nothing that an event tells is taken back between the look at it and the event.
    """
    configuration, members = hold(program_id, {one.member_id for one in found})
    fresh = _possible(configuration, [one for one in found if one.member_id in members])
    taken = 0
    for batch in batched(fresh, BATCH):
        work = [_work(configuration, place, one, members) for place, (one, _) in enumerate(batch)]
        answers = take_in_own(configuration, work, at=at)
        rows = [_row(program_id, *batch[place], answer) for place, answer in enumerate(answers) if _is_new(answer)]
        DerivedEvent.objects.bulk_create(rows)
        taken += len(rows)
    return taken


@transaction.atomic
def take_back_derived(*, program_id: int, undone: Mapping[str, datetime], at: datetime) -> int:
    """Post a reversal of those of these derived events (key → moment of what undid it) that came to be; how many."""
    rows = DerivedEvent.objects.filter(program=program_id, key__in=list(undone), event__isnull=False)
    events = list(rows.order_by("event").values_list("key", "event__member"))
    configuration, members = hold(program_id, {member_id for _, member_id in events})
    there = [(key, members[member_id]) for key, member_id in events if member_id in members]
    work = [_reversal(configuration, place, key, undone[key], of) for place, (key, of) in enumerate(there)]
    return sum(_is_new(answer) for answer in take_in_own(configuration, work, at=at))


def hold(program_id: int, ids: Collection[int]) -> tuple[Configuration, Members]:
    """The configuration, and the members with their rows held; those that were erased are not among them."""
    configuration = current_configuration(program_id)
    try:
        return configuration, lock_members(configuration, ids)
    except Outdated:
        configuration = current_configuration(program_id)
        return configuration, lock_members(configuration, ids)


def _possible(configuration: Configuration, found: Sequence[Derived]) -> list[tuple[Derived, int]]:
    """Events to take in, with their depth: heard, neither there nor undone, not too deep."""
    program_id = configuration.program.program_id
    heard = {one.key: one for one in found if is_heard(configuration, one.type) and one.type in configuration.types}
    if not heard:
        return []
    known = set(DerivedEvent.objects.filter(program=program_id, key__in=list(heard)).values_list("key", flat=True))
    fresh = [one for one in heard.values() if one.key not in known]
    causes = {one.cause for one in fresh if one.cause}
    depths = dict(DerivedEvent.objects.filter(event__in=causes).values_list("event", "depth")) if causes else {}
    deep = [(one, 1 + depths.get(one.cause or 0, 0)) for one in fresh]
    _refuse_deep(program_id, [one for one, depth in deep if depth > DEEPEST])
    return [(one, depth) for one, depth in deep if depth <= DEEPEST]


def _refuse_deep(program_id: int, found: Sequence[Derived]) -> None:
    """Remember events that would lie too deep: effects do not cause each other for ever."""
    for one in found:
        log.warning("derived_too_deep", program=program_id, type=one.type, key=one.key, cause=one.cause)
    DerivedEvent.objects.bulk_create(
        [DerivedEvent(program_id=program_id, key=one.key, cause_id=one.cause, depth=DEEPEST + 1) for one in found]
    )


def _is_new(answer: Answer) -> bool:
    if answer.refusal:
        log.warning("derived_refused", code=answer.refusal.code, detail=str(answer.refusal))
    return answer.body is not None and not answer.duplicate


def _row(program_id: int, one: Derived, depth: int, answer: Answer) -> DerivedEvent:
    event_id = answer.body["sequence"] if answer.body else None
    return DerivedEvent(program_id=program_id, key=one.key, event_id=event_id, cause_id=one.cause, depth=depth)


def _work(configuration: Configuration, place: int, one: Derived, members: Members) -> Work:
    """A derived event in the shape of one that was read."""
    member = members[one.member_id]
    data = {name: value for name, value in one.data.items() if value is not None}
    incoming = Incoming(
        source=source_of(configuration.program.code),
        key=one.key,
        subject=member.external_id,
        time=one.time,
        type=configuration.types[one.type],
        amount_minor=None,
        currency="",
        outlet=None,
        data=data,
        original=None,
        amount_text="",
        fingerprint=fingerprint(one.type, member.external_id, one.time, data),
    )
    return Work(place, incoming, one.member_id, member.market.market_id)


def _reversal(configuration: Configuration, place: int, key: str, time: datetime, member: MemberState) -> Work:
    """The reversal of a derived event."""
    source = source_of(configuration.program.code)
    data = {"source": source, "id": key}
    incoming = Incoming(
        source=source,
        key=reversal_key(key),
        subject=member.external_id,
        time=time,
        type=None,
        amount_minor=None,
        currency="",
        outlet=None,
        data=data,
        original=(source, key),
        amount_text="",
        fingerprint=fingerprint(REVERSED, member.external_id, time, data),
    )
    return Work(place, incoming, member.member_id, member.market.market_id)
