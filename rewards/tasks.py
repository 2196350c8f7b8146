"""What the clock and the outbox start for rewards."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.models import OutboxMessage, Program
from core.tasks import consumer
from members.models import Member
from rewards.models import Redemption
from rewards.services.benefits import renew_benefits, settle_benefits
from rewards.services.code_lists import forget_old_lists
from rewards.services.floats import ask_balances as ask_due_balances
from rewards.services.pictures import forget_pictures as forget
from rewards.services.statements import forget_stopped_statements, match_all_again
from rewards.services.stock_levels import watch_stock
from rewards.services.supplying import place_orders as place
from rewards.services.supplying import work_next

WORK_SECONDS = 60  # after so long another task goes on
MISSED_AFTER, MOST_MISSED = timedelta(minutes=5), 500  # an order is placed within seconds
MOST_FAILURES = 20  # after so many errors something larger is wrong


@consumer
def entitle_members(messages: Sequence[OutboxMessage]) -> None:
    """Let members who joined or whose tier changed have what their tier brings."""
    by_program: defaultdict[int, set[int | str]] = defaultdict(set)
    for one in messages:
        by_program[one.program_id].update(
            one.payload["members"] if "members" in one.payload else [one.payload["member"]]
        )
    for program in Program.objects.filter(pk__in=by_program).order_by("pk"):
        ids = _ids(program, by_program[program.pk])
        settle_benefits(program=program, member_ids=ids, at=timezone.now())


def _ids(program: Program, names: set[int | str]) -> list[int]:
    """Messages name members by id or uuid."""
    ids, uuids = [n for n in names if isinstance(n, int)], [UUID(n) for n in names if isinstance(n, str)]
    found = Member.objects.filter(Q(pk__in=ids) | Q(uuid__in=uuids), program=program)
    return list(found.values_list("pk", flat=True))


@shared_task
def renew_all_benefits() -> None:
    """Begin new years of benefits in all markets in which a day has begun."""
    at = timezone.now()
    for program in Program.objects.order_by("pk"):
        renew_benefits(program=program, at=at)


@shared_task
def watch_all_stock() -> None:
    """Tell of codes that run out."""
    for program in Program.objects.order_by("pk"):
        watch_stock(program=program, at=timezone.now())


@consumer
def place_orders(messages: Sequence[OutboxMessage]) -> None:
    """Make the orders of redemptions at their suppliers, and begin with them after the commit."""
    uuids = [message.payload["redemption"] for message in messages]
    redemptions = Redemption.objects.filter(uuid__in=uuids).order_by("pk")
    place(redemptions=list(redemptions), at=timezone.now())
    transaction.on_commit(work_orders.delay, robust=True)


@shared_task
def place_missed_orders() -> None:
    """Make the orders that redemptions have waited for too long: whatever became of their messages, none is lost."""
    at = timezone.now()
    waiting = Redemption.objects.filter(state=Redemption.State.PENDING, waits_for=Redemption.WaitsFor.SUPPLIER)
    missed = waiting.filter(order=None, recorded_at__lt=at - MISSED_AFTER).select_related("reward").order_by("pk")
    with transaction.atomic():
        place(redemptions=list(missed[:MOST_MISSED]), at=at)


@shared_task
def work_orders() -> None:
    """Work on orders that are due, a minute at most; a supplier that is in trouble is left alone for the time.

    That it says no to one order is no trouble: it may deliver others. An error of ours with one order is raised at the
    end, and holds up no other.
    """
    began, troubled, failures = time.monotonic(), set[int](), list[Exception]()
    while time.monotonic() < began + WORK_SECONDS and len(failures) < MOST_FAILURES:
        try:
            worked = work_next(at=timezone.now(), skip=troubled)
        except Exception as error:  # noqa: BLE001  # kept, and raised with all others when the rest is done
            failures.append(error)
            continue
        if worked is None:
            break
        if worked.in_trouble:
            troubled.add(worked.order.supplier_id)
    if failures:
        raise ExceptionGroup("orders could not be worked on", failures)


@shared_task
def ask_balances() -> None:
    """Ask suppliers what is left of their floats."""
    ask_due_balances(at=timezone.now())


@shared_task
def match_statements() -> None:
    """Match differences again that are open: uses and orders may have come in."""
    match_all_again()


@shared_task
def forget_lists() -> None:
    """Discard lists of codes that nobody confirmed for a week, and statements that nobody will read."""
    forget_old_lists(before=timezone.now() - timedelta(days=7))
    forget_stopped_statements()


@shared_task
def forget_pictures() -> None:
    """Delete pictures that no reward has named for a day."""
    forget(before=timezone.now() - timedelta(days=1))
