"""Goodwill and corrections by hand, by two people."""

from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import Program, User
from core.refusals import FieldError, InsufficientPoints, Invalid, NotFound
from ledger.models import POINTS
from ledger.selectors.accounts import member_accounts
from ledger.services.accounts import AccountSpec, member_specs, open_accounts, open_book
from ledger.services.posting import Entry, Posting, post
from ledger.services.proofs import check_two_people
from ledger.services.wallets import Spend, award_movements, spend
from members.models import Adjustment, Member
from members.selectors.locking import locked
from members.selectors.members import referenced


@transaction.atomic
def adjust_points(
    *,
    program: Program,
    reference: str,
    points: int,
    because: str,
    by: User,
    approved_by: User,
    at: datetime,
    expires_on: date | None = None,
) -> Adjustment:
    """Give a member points (positive; they repay debt first) or take some (negative), or refuse and change nothing.

    ``reference`` is the member's external id or ``uuid:…``; ``expires_on`` the last good day of points given.
    Raises NotFound, Invalid (no points, no reason, the same person twice), InsufficientPoints.
    """
    check_two_people(because=because, by=by, approved_by=approved_by)
    if not points:
        raise Invalid(errors=[FieldError("/points", "invalid", _("Say how many points, with their sign."))])
    member = locked(referenced(program, reference)).first()
    if member is None:
        raise NotFound(_("There is no such member"))
    posting = _post(member, points, at, expires_on)
    if posting.journal_id is None:
        raise InsufficientPoints
    return Adjustment.objects.create(
        member=member,
        points=points,
        because=because,
        by=by,
        approved_by=approved_by,
        at=at,
        journal_id=posting.journal_id,
    )


def _post(member: Member, points: int, at: datetime, expires_on: date | None) -> Posting:
    book = open_book(program=member.program, unit=POINTS)
    source = open_accounts(book=book, specs=[AccountSpec("adjustment", "adjustment"), *member_specs([member.uuid])])
    adjustment, key = source["adjustment"], f"adjust:{uuid4()}"
    if points < 0:
        taken = Spend(member.uuid, -points, adjustment, key, at, kind="adjust", member_id=member.pk)
        return spend(book=book, spends=[taken], at=at)[0]
    accounts = member_accounts(books=[book], owners=[member.uuid])[book.pk, member.uuid]
    given = award_movements(src=adjustment, accounts=accounts, amount=points, owed=accounts.owed, expires_on=expires_on)
    return post(book=book, entries=[Entry(key, "adjust", at, given, member_id=member.pk)])[0]
