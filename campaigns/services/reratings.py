"""Re-rating: what a wrong version gave is corrected, award by award, by two people; and undone as a whole.

A correction belongs to its award: the answer says what the award is now, so that a later reversal takes back that.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from campaigns.models import EventReversal, Rerated, Rerating
from campaigns.rules.answers import shown
from campaigns.services.configuration import current_configuration
from campaigns.services.rerating_answers import correct, count, tell_members
from campaigns.services.rerating_moves import give, give_taken, take, take_given
from campaigns.services.state import lock_members
from core.models import User
from core.refusals import FieldError, Invalid

BATCH = 500  # awards in one transaction
State = Rerated.State


def approve_rerating(*, rerating: Rerating, by: User, at: datetime) -> Rerating:
    """Approve what somebody else proposed, and post it; begun anew, it goes on where it stood. Raises Invalid."""
    with transaction.atomic():
        row = _held(rerating, Rerating.State.PROPOSED, Rerating.State.APPROVED)
        if row.by_id == by.pk:
            raise _refusal("/by", _("Somebody else than who proposed it must approve it."))
        if row.state == Rerating.State.PROPOSED:
            row.state, row.decided_by, row.decided_at = Rerating.State.APPROVED, by, at
            row.save()
    _each_batch(row, State.OPEN, lambda some: _post(row, some, at))
    Rerating.objects.filter(pk=row.pk, posted_at=None).update(posted_at=at)
    row.refresh_from_db()
    return row


@transaction.atomic
def reject_rerating(*, rerating: Rerating, by: User, at: datetime) -> Rerating:
    """Let a proposal fall. Raises Invalid."""
    row = _held(rerating, Rerating.State.PROPOSED)
    row.state, row.decided_by, row.decided_at = Rerating.State.REJECTED, by, at
    row.save()
    return row


def undo_rerating(*, rerating: Rerating, by: User, at: datetime) -> Rerating:
    """Take back a correction that was posted, as a whole; what returns have taken of it stays. Raises Invalid."""
    with transaction.atomic():
        row = _held(rerating, Rerating.State.APPROVED, Rerating.State.UNDONE)
        if row.posted_at is None:
            raise _refusal("/state", _("It is still being posted."))
        if row.state == Rerating.State.APPROVED:
            row.state, row.undone_by, row.undone_at = Rerating.State.UNDONE, by, at
            row.save()
    _each_batch(row, State.POSTED, lambda some: _undo(row, some, at))
    return row


def _held(rerating: Rerating, *states: Rerating.State) -> Rerating:
    row = Rerating.objects.select_for_update(of=("self",)).select_related("program").get(pk=rerating.pk)
    if row.state not in states:
        text = _("It is %(state)s; this cannot be done any more.") % {"state": row.get_state_display()}
        raise _refusal("/state", text)
    return row


def _refusal(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def _each_batch(row: Rerating, state: str, work: Callable[[Sequence[Rerated]], None]) -> None:
    """Work all awards in a state, so many in one transaction, members in the order of their ids."""
    waiting = Rerated.objects.filter(rerating=row, state=state).order_by("member", "event_id", "place")
    ids = list(waiting.values_list("pk", flat=True))
    for some in batched(ids, BATCH):
        with transaction.atomic():
            held = Rerated.objects.select_for_update(of=("self",)).select_related("rerating__version")
            found = held.filter(pk__in=some, state=state)
            work(list(found.order_by("member", "event_id", "place")))


def _post(row: Rerating, some: Sequence[Rerated], at: datetime) -> None:
    configuration = current_configuration(row.program_id)
    members = lock_members(configuration, {one.member_id for one in some})
    wanted = [one for one in some if one.member_id in members and _is_wanted(row.policy, one)]
    passed = _reversed_since(row, wanted)
    wanted = [one for one in wanted if one.event_id not in passed]
    for one in some:
        one.state = State.LEFT
    for unit, book in sorted(configuration.purses.books.items(), key=lambda item: item[1].pk):
        mine = [one for one in wanted if one.unit == unit]
        give(configuration, book, members, [one for one in mine if one.difference > 0])
        take(book, [one for one in mine if one.difference < 0], at)
    posted = [one for one in some if one.state == State.POSTED]
    correct(posted)
    count(members, posted, 1)
    Rerated.objects.bulk_update(some, ["state", "moved", "payers"])
    tell_members(row, posted, at)


def _is_wanted(policy: str, one: Rerated) -> bool:
    policies = {Rerating.Policy.BOTH, Rerating.Policy.GIVE if one.difference > 0 else Rerating.Policy.TAKE_UNSPENT}
    return policy in policies


def _reversed_since(row: Rerating, some: Sequence[Rerated]) -> set[int]:
    """Events that were taken back after the proposal was worked out: its figures are not theirs any more."""
    events = {one.event_id for one in some}
    rows = EventReversal.objects.filter(original__in=events, reversal__gt=row.last_event)
    return set(rows.values_list("original_id", flat=True))


def _undo(row: Rerating, some: Sequence[Rerated], at: datetime) -> None:
    configuration = current_configuration(row.program_id)
    members = lock_members(configuration, {one.member_id for one in some})
    present = [one for one in some if one.member_id in members]
    for unit, book in sorted(configuration.purses.books.items(), key=lambda item: item[1].pk):
        mine = [one for one in present if one.unit == unit]
        take_given(configuration, book, [one for one in mine if one.difference > 0], at)
        give_taken(book, members, [one for one in mine if one.moved < 0], at)
    correct(present, undone=True)
    count(members, present, -1)
    for one in some:
        one.state = State.UNDONE
    Rerated.objects.bulk_update(some, ["state"])


def summary(rerating: Rerating) -> list[dict[str, object]]:
    """What it changes, by unit and state: awards, what is to move and what moved."""
    rows = Rerated.objects.filter(rerating=rerating).values("unit", "state").order_by("unit", "state")
    found = rows.annotate(awards=Count("pk"), difference=Sum("difference"), moved=Sum("moved"))
    return [
        {
            **row,
            "difference": shown(row["difference"], row["unit"]),
            "moved": shown(row["moved"], row["unit"]),
        }
        for row in found
    ]
