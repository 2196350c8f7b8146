"""What the clock starts across rooms."""

from celery import shared_task
from django.utils import timezone

from loyalty.operations import nightly


@shared_task
def settle_books() -> None:
    """Mature and expire; each hour it is midnight somewhere."""
    nightly.settle_books(at=timezone.now())


@shared_task
def prove_books() -> None:
    """Prove the ledger."""
    nightly.prove_books()
