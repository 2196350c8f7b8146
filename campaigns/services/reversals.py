"""Taking events back: whole or in part, before or after their original, with everything that they gave.

In one call each member has one reversal at most, so that the balances answered are those after it.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import WaitingReversal
from campaigns.rules.answers import Body
from campaigns.rules.takebacks import Cut, taken
from campaigns.services.apply import OUTCOMES
from campaigns.services.configuration import Configuration
from campaigns.services.reading import Incoming
from campaigns.services.state import Members
from campaigns.services.statements import execute
from campaigns.services.takebacks import Original, Reversal, head, outcome, take_back
from core.refusals import AlreadyReversed, FieldError, Invalid, Refusal, Text, told
from core.rules.money import WrongAmount, read_amount, read_minor
from core.services import prepared

ORIGINALS = """
    SELECT e.source, e.key, e.id, e.member_id, e.event_type_id, e.time, e.day, e.amount_minor, e.currency,
        e.amount_base_minor, e.outlet_id, o.answer,
        (SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM campaigns_eventreversal r WHERE r.original_id = e.id),
        EXISTS (SELECT FROM campaigns_eventreversal r WHERE r.original_id = e.id AND r."full")
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_event e ON e.program_id = %s AND e.source = k.source AND e.key = k.key
    LEFT JOIN campaigns_outcome o ON o.event_id = e.id
"""

REJECT = """
    UPDATE campaigns_outcome SET status = 'rejected', answer = answer || %s::jsonb WHERE event_id = ANY(%s)
"""


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
        take_back(configuration, members, valid, at)


# -- what is it about? ------------------------------------------------------------------------


def _find_originals(configuration: Configuration, reversals: Sequence[Reversal]) -> None:
    names = [reversal.incoming.original or ("", "") for reversal in reversals]
    with prepared.cursor() as cursor:
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
        return read_minor(read_amount(incoming.amount_text), original.currency)
    except WrongAmount as wrong:
        raise _invalid("/data/amount", wrong.code, told(wrong)) from None


def _invalid(pointer: str, code: str, detail: Text) -> Invalid:
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
        one.answer = head(one, members[one.event.member_id], "waiting")
    late = [one for one in reversals if one.is_late and one.original]  # an original may have been refused itself
    for one in late:
        if one.refusal:  # it was accepted; now it turns out to be wrong, and says so for ever
            one.answer = head(one, members[one.event.member_id], "rejected") | {"problem": _problem(one.refusal)}
            one.refusal = None
    WaitingReversal.objects.filter(reversal_id__in=[one.event.event_id for one in late]).delete()
    execute(OUTCOMES, [outcome(one) for one in reversals if one.answer], configuration.row.revision)


def _problem(refusal: Refusal) -> Body:
    return {"type": f"/problems/{refusal.code}", "detail": str(refusal)}


def refuse_foreign(ids: Sequence[int]) -> None:
    """Reject reversals that waited for an event which turns out to be another member's."""
    if ids:
        problem = json.dumps({"status": "rejected", "problem": _problem(_foreign())})
        with prepared.cursor() as cursor:
            cursor.execute(REJECT, [problem, list(ids)])
        WaitingReversal.objects.filter(reversal_id__in=ids).delete()


def _foreign() -> Invalid:
    return _invalid("/subject", "invalid", _("The event to take back belongs to another member."))
