"""Expiry for inactivity: the points of members who did nothing for too long."""

from datetime import datetime
from itertools import batched

from django.db import transaction

from core.models import Program
from ledger.models import POINTS, Book
from ledger.selectors.due import Plan, local_day
from ledger.services.expiry import expire_wallets
from members.selectors.inactivity import inactive_members, inactive_wallets, plan_inactive
from members.selectors.locking import lock_members


def expire_inactive(*, program: Program, at: datetime, plan_only: bool = False, chunk: int = 1000) -> Plan:
    """Expire all points of a program's inactive members, or only count them; nothing in programs of other rules.

    ``points_expire`` must be ``{"inactivity_months": N}``. Members are locked and looked at again chunk by chunk,
    each in a transaction of its own.
    """
    rule = program.points_expire
    book = Book.objects.filter(program=program, unit=POINTS).first()
    if book is None or not isinstance(rule, dict) or "inactivity_months" not in rule:
        return Plan(0, 0, 0)
    months, on = rule["inactivity_months"], local_day(book, at)
    if plan_only:
        return plan_inactive(book=book, months=months, on=on)
    done = Plan(0, 0, 0)
    for ids in batched(inactive_members(book=book, months=months, on=on), chunk):
        with transaction.atomic():
            members = lock_members(ids)
            wallets = inactive_wallets(book=book, months=months, on=on, members=members)
            part = expire_wallets(book=book, wallets=wallets, at=at)
        done = Plan(done.wallets + part.wallets, done.points + part.points, done.lots + part.lots)
    return done
