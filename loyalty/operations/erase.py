"""Erasing a member through all rooms, in one transaction."""

import re
from datetime import datetime

from django.db import connection, transaction

from campaigns.services import offers
from core.models import Program, User
from core.services.idempotency import forget_answers
from members.services.erasure import Erased, erase_member
from rewards.models import Redemption
from rewards.services import references
from rewards.services.redemptions import cancel_redemption
from rewards.services.supplying import forget_orders, give_up_unsent

# Data may name the member in any value. Its keys stay what they are, and JSON writes a colon after those alone.
RENAME_EVENTS = """
    UPDATE campaigns_event SET data = regexp_replace(data::text, %(value)s, %(new_value)s, 'g')::jsonb
    WHERE member_id = %(member)s AND data::text ~ %(value)s
"""
# Anniversaries name the vehicle.
FORGET_VEHICLES = """
    UPDATE campaigns_event SET data = data - 'vin'
    WHERE member_id = %(member)s AND source LIKE '/loyalty/%%' AND jsonb_exists(data, 'vin')
"""
RENAME_OUTCOMES = """
    UPDATE campaigns_outcome o SET answer = jsonb_set(o.answer, '{member}', to_jsonb(%(new)s::text))
    FROM campaigns_event e
    WHERE e.id = o.event_id AND e.member_id = %(member)s AND o.answer ->> 'member' = %(old)s
"""
# Traces show the values that conditions met, personal attributes among them.
FORGET_TRACES = """
    DELETE FROM campaigns_trace t USING campaigns_event e WHERE e.id = t.event_id AND e.member_id = %(member)s
"""
# Progress may be kept by vehicle; no event will move it any more.
FORGET_PROGRESS = "DELETE FROM campaigns_progress WHERE member_id = %(member)s"
FORGET_CONTRIBUTIONS = """
    DELETE FROM campaigns_contribution c USING campaigns_progress p
    WHERE p.id = c.progress_id AND p.member_id = %(member)s
"""
# What was not used can be shown by nobody any more.
VOID_VOUCHERS = """
    UPDATE rewards_voucher SET state = 'void', voided_at = %(at)s WHERE member_id = %(member)s AND state = 'ready'
"""
FORGET_MILESTONES = "DELETE FROM campaigns_reachedmilestone WHERE member_id = %(member)s"
# Nobody holds a place in a contest that goes on; closed ones stay as they were, without the name.
FORGET_ENTRIES = """
    DELETE FROM campaigns_contestentry e USING campaigns_contest c
    WHERE e.member_id = %(member)s AND c.id = e.contest_id AND c.closed_at IS NULL
"""
FORGET_SCORES = """
    DELETE FROM campaigns_contestscore s USING campaigns_contest c
    WHERE s.member_id = %(member)s AND c.id = s.contest_id AND c.closed_at IS NULL
"""
# What is told of others stays, also where the member is the friend they brought: they are named by what says nothing.
FORGET_MESSAGES = """
    WITH gone AS (
        DELETE FROM core_outboxmessage WHERE program_id = %(program)s AND topic <> 'member.erased'
          AND payload -> 'member' IN (to_jsonb(%(old)s::text), to_jsonb(%(uuid)s::text))
        RETURNING id
    )
    DELETE FROM core_consumedmessage WHERE message_id IN (SELECT id FROM gone)
"""
STATEMENTS = (
    RENAME_EVENTS, FORGET_VEHICLES, RENAME_OUTCOMES, FORGET_TRACES, FORGET_CONTRIBUTIONS, FORGET_PROGRESS,
    FORGET_MILESTONES, VOID_VOUCHERS, FORGET_ENTRIES, FORGET_SCORES, FORGET_MESSAGES,
)  # fmt: skip


@transaction.atomic
def erase(*, program: Program, reference: str, at: datetime) -> Erased:
    """Forget who a member is: identity, what names it in stored events, kept answers and messages.

    The account of a person who has no other membership and no work here goes with it, and with that every session.
    The ledger, the events and what was decided stay, under a random external id. Raises NotFound.
    """
    erased = erase_member(program=program, reference=reference, at=at)
    named: dict[str, int | str] = {
        "program": program.pk,
        "member": erased.member_id,
        "old": erased.old_external_id,
        "new": erased.new_external_id,
        "value": f'"{re.escape(erased.old_external_id)}"(?!:)',
        "new_value": f'"{erased.new_external_id}"',
        "uuid": str(erased.uuid),
        "at": at.isoformat(),
    }
    for waiting in Redemption.objects.filter(member=erased.member_id, waits_for=Redemption.WaitsFor.APPROVAL):
        cancel_redemption(redemption=waiting, at=at, because=Redemption.Because.ASKED)
    give_up_unsent(member_id=erased.member_id, at=at)
    references.forget_references(member_id=erased.member_id)  # callers may have named the member in them
    forget_orders(member_id=erased.member_id)
    offers.forget_references(member_id=erased.member_id)
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, named)
    forget_answers(program=program, name=erased.old_external_id, member=erased.uuid)
    _close_account(erased.user_id)
    return erased


def _close_account(user_id: int | None) -> None:
    if user_id is None:
        return
    user = User.objects.select_for_update().filter(pk=user_id, is_staff=False, is_superuser=False).first()
    if user and not user.memberships.exists() and not user.staff_roles.exists():
        user.delete()
