"""Erasing a member through all rooms, in one transaction."""

from datetime import datetime

from django.db import connection, transaction

from core.models import Program, User
from members.services.erasure import Erased, erase_member

# The outcome of an event and its data may name the member; external ids need no escaping in JSON.
RENAME_EVENTS = """
    UPDATE campaigns_event SET data = replace(data::text, %(old)s, %(new)s)::jsonb
    WHERE member_id = %(member)s AND strpos(data::text, %(old)s) > 0
"""
# Anniversaries name the vehicle.
FORGET_VEHICLES = """
    UPDATE campaigns_event SET data = data - 'vin'
    WHERE member_id = %(member)s AND source LIKE '/loyalty/%%' AND jsonb_exists(data, 'vin')
"""
RENAME_OUTCOMES = """
    UPDATE campaigns_outcome o SET answer = replace(o.answer::text, %(old)s, %(new)s)::jsonb,
        fired = replace(o.fired::text, %(old)s, %(new)s)::jsonb
    FROM campaigns_event e
    WHERE e.id = o.event_id AND e.member_id = %(member)s AND strpos(o.answer::text || o.fired::text, %(old)s) > 0
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
FORGET_MILESTONES = "DELETE FROM campaigns_reachedmilestone WHERE member_id = %(member)s"
FORGET_ANSWERS = """
    DELETE FROM core_idempotentanswer
    WHERE caller IN (SELECT client_id FROM core_apiclient WHERE program_id = %(program)s)
      AND (position(convert_to(%(old)s, 'UTF8') IN body) > 0 OR position(convert_to(%(uuid)s, 'UTF8') IN body) > 0)
"""
FORGET_MESSAGES = """
    WITH gone AS (
        DELETE FROM core_outboxmessage WHERE program_id = %(program)s AND topic <> 'member.erased'
          AND (strpos(payload::text, %(old)s) > 0 OR strpos(payload::text, %(uuid)s) > 0)
        RETURNING id
    )
    DELETE FROM core_consumedmessage WHERE message_id IN (SELECT id FROM gone)
"""
STATEMENTS = (
    RENAME_EVENTS, FORGET_VEHICLES, RENAME_OUTCOMES, FORGET_TRACES, FORGET_CONTRIBUTIONS, FORGET_PROGRESS,
    FORGET_MILESTONES, FORGET_ANSWERS, FORGET_MESSAGES,
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
        "old": f'"{erased.old_external_id}"',
        "new": f'"{erased.new_external_id}"',
        "uuid": str(erased.uuid),
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, named)
    _close_account(erased.user_id)
    return erased


def _close_account(user_id: int | None) -> None:
    if user_id is None:
        return
    user = User.objects.select_for_update().filter(pk=user_id, is_staff=False, is_superuser=False).first()
    if user and not user.memberships.exists() and not user.staff_roles.exists():
        user.delete()
