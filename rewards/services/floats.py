"""Prepaid floats of suppliers: asked about every ten minutes, and told of when they run low."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from core.rules.money import to_text
from core.services.outbox import Message, publish
from rewards.models import Supplier
from rewards.rules.supplying import Locked, NotReached, TurnedDown, Unsure
from rewards.services.pauses import pause_locked
from rewards.services.suppliers.doors import door

EVERY = timedelta(minutes=10)
LOW = "supplier.low"
log = structlog.get_logger(__name__)


def ask_balances(*, at: datetime) -> int:
    """Ask the suppliers that were not asked for ten minutes what is left; how many said it."""
    due = Supplier.objects.filter(Q(balance_at=None) | Q(balance_at__lte=at - EVERY), paused=False)
    return sum(_ask(supplier, at) for supplier in due.select_related("program").order_by("pk"))


def _ask(supplier: Supplier, at: datetime) -> bool:
    try:
        minor, currency = door(supplier).balance()
    except Locked:
        pause_locked(supplier=supplier, at=at)
        return False
    except (NotReached, Unsure, TurnedDown) as error:
        log.warning("no_balance", supplier=supplier.code, error=str(error))
        return False
    if currency != supplier.currency:
        log.warning("balance_in_another_currency", supplier=supplier.code, currency=currency)
        return False
    note_balance(supplier=supplier, minor=minor, at=at)
    return True


@transaction.atomic
def note_balance(*, supplier: Supplier, minor: int, at: datetime) -> None:
    """Write what is left of a float; people are told once each time it falls below its threshold."""
    row = Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
    low = row.low_minor is not None and minor < row.low_minor
    if low and row.low_since is None:
        told: dict[str, object] = {
            "supplier": row.code,
            "name": row.name,
            "left": to_text(minor, row.currency),
            "currency": row.currency,
            "since": at.isoformat(),
        }
        publish([Message(LOW, row.program_id, told)])
    row.low_since = (row.low_since or at) if low else None
    row.balance_minor, row.balance_at = minor, at
    row.save(update_fields=["balance_minor", "balance_at", "low_since"])
