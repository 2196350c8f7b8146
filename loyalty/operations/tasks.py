"""What the clock starts across rooms."""

from collections.abc import Sequence

from celery import shared_task
from django.utils import timezone

from loyalty.operations import mails, nightly
from loyalty.operations.proving import start_proofs


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
