"""What the clock starts across rooms."""

import time
from collections.abc import Sequence

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from core.models import OutboxMessage
from core.tasks import consumer
from loyalty.operations import budget_notices, deliveries, mails, nightly, staff_mails, stock_notices, supplier_notices
from loyalty.operations.proving import start_proofs
from rewards.models import Redemption

DELIVERY_SECONDS = 60  # after so long another task goes on


@shared_task
def settle_books() -> None:
    """Mature and expire; each hour it is midnight somewhere."""
    nightly.settle_books(at=timezone.now())


@shared_task
def prove_books() -> None:
    """Prove the ledger."""
    start_proofs()


@shared_task
def mail_notices(message_ids: Sequence[int]) -> None:
    """Send by e-mail what members were told; a consumer of the outbox that cannot be rolled back."""
    mails.mail_all(message_ids=message_ids, at=timezone.now())


@consumer
def tell_budgets(messages: Sequence[OutboxMessage]) -> None:
    """Tell people that budgets run out."""
    budget_notices.tell_budgets(messages=messages, at=timezone.now())


@consumer
def tell_stock(messages: Sequence[OutboxMessage]) -> None:
    """Tell people that codes run out."""
    stock_notices.tell_stock(messages=messages, at=timezone.now())


@consumer
def tell_floats(messages: Sequence[OutboxMessage]) -> None:
    """Tell people that floats of suppliers run low."""
    supplier_notices.tell_floats(messages=messages, at=timezone.now())


@consumer
def tell_locked(messages: Sequence[OutboxMessage]) -> None:
    """Tell people that secrets of suppliers cannot be read."""
    supplier_notices.tell_locked(messages=messages, at=timezone.now())


@consumer
def tell_orders(messages: Sequence[OutboxMessage]) -> None:
    """Tell people that orders at suppliers wait for them."""
    supplier_notices.tell_orders(messages=messages, at=timezone.now())


@shared_task
def mail_staff(message_ids: Sequence[int]) -> None:
    """Send by e-mail what staff were told; a consumer of the outbox that cannot be rolled back."""
    staff_mails.mail_staff(message_ids=message_ids, at=timezone.now())


@consumer
def queue_deliveries(messages: Sequence[OutboxMessage]) -> None:
    """Have what was redeemed delivered to its members, and begin after the commit."""
    uuids = [message.payload["redemption"] for message in messages]
    rows = Redemption.objects.filter(uuid__in=uuids).select_related("member__user").order_by("pk")
    deliveries.queue_deliveries(redemptions=list(rows), at=timezone.now())
    transaction.on_commit(send_deliveries.delay, robust=True)


@shared_task
def send_deliveries() -> None:
    """Send deliveries that are due, a minute at most."""
    began = time.monotonic()
    while time.monotonic() < began + DELIVERY_SECONDS and deliveries.send_next(at=timezone.now()):
        pass
