"""Whether a member can spend points now: the book, the program's rules, what changed of the member lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.services import prepared
from ledger.models import POINTS, Book
from members.models import Member
from rewards.rules.approvals import NOBODY_LOOKS, ApprovalRule

# The first device that a member is seen with is no change of it. What somebody approved was seen, and what waits will
# be; a moment in the past counts with what came after it, so that the order in which things are told changes nothing.
DEMANDS = """
    SELECT b.id, b.timezone, b.halted, p.approve_from_points, coalesce(p.cooling_hours, 0),
        coalesce(i.phone, '') <> '', i.contact_changed_at, (
        SELECT max(s.first_seen_at) FROM members_membersignal s
        WHERE s.member_id = %(member)s AND s.kind IN ('device', 'browser')
        HAVING count(*) > 1),
        CASE WHEN p.approve_from_points IS NOT NULL THEN (
            SELECT sum(d.points)::bigint FROM rewards_redemption d
            WHERE d.member_id = %(member)s AND d.at > %(near)s - make_interval(hours => p.together_hours)
                AND d.at < %(near)s + make_interval(hours => p.together_hours)
                AND d.state <> 'cancelled' AND d.waits_for <> 'approval' AND d.decided_by_id IS NULL) END
    FROM ledger_book b
    LEFT JOIN rewards_redemptionpolicy p ON p.program_id = b.program_id
    LEFT JOIN members_memberidentity i ON i.member_id = %(member)s
    WHERE b.program_id = %(program)s AND b.unit = 'points'
"""


@dataclass(frozen=True, slots=True)
class Demands:
    """The book of points; what somebody approves; until when nothing is spent; whether a phone is known."""

    book: Book
    approval: ApprovalRule = NOBODY_LOOKS
    cooling_until: datetime | None = None
    has_phone: bool = True


def demands_of(member: Member, *, at: datetime, moment: datetime | None = None) -> Demands:
    """What stands between a member and spending now; one query. ``moment``: when it happened, if not now."""
    with prepared.cursor() as cursor:
        cursor.execute(DEMANDS, {"member": member.pk, "program": member.program_id, "near": moment or at})
        book_id, zone, halted, approve_from, hours, has_phone, *changes, unseen = cursor.fetchone()
    book = Book(pk=book_id, program_id=member.program_id, unit=POINTS, timezone=zone, halted=halted)
    ends = [change + timedelta(hours=hours) for change in changes if change is not None]
    approval = ApprovalRule(approve_from, unseen or 0)
    return Demands(book, approval, max((end for end in ends if end > at), default=None), has_phone)
