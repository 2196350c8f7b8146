"""Whether a member can spend points now: the book, the program's rules, what changed of the member lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.services import prepared
from ledger.models import POINTS, Book
from members.models import Member

# The first device that a member is seen with is no change of it.
DEMANDS = """
    SELECT b.id, b.timezone, b.halted, p.approve_from_points, coalesce(p.cooling_hours, 0),
        coalesce(i.phone, '') <> '', i.contact_changed_at, (
        SELECT max(s.first_seen_at) FROM members_membersignal s
        WHERE s.member_id = %(member)s AND s.kind IN ('device', 'browser')
        HAVING count(*) > 1)
    FROM ledger_book b
    LEFT JOIN rewards_redemptionpolicy p ON p.program_id = b.program_id
    LEFT JOIN members_memberidentity i ON i.member_id = %(member)s
    WHERE b.program_id = %(program)s AND b.unit = 'points'
"""


@dataclass(frozen=True, slots=True)
class Demands:
    """The book of points; from how many on somebody approves; until when nothing is spent; if a phone is known."""

    book: Book
    approve_from: int | None = None
    cooling_until: datetime | None = None
    has_phone: bool = True


def demands_of(member: Member, *, at: datetime) -> Demands:
    """What stands between a member and spending now; one query."""
    with prepared.cursor() as cursor:
        cursor.execute(DEMANDS, {"member": member.pk, "program": member.program_id})
        book_id, zone, halted, approve_from, hours, has_phone, *changes = cursor.fetchone()
    book = Book(pk=book_id, program_id=member.program_id, unit=POINTS, timezone=zone, halted=halted)
    ends = [change + timedelta(hours=hours) for change in changes if change is not None]
    return Demands(book, approve_from, max((end for end in ends if end > at), default=None), has_phone)
