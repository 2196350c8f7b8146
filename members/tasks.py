"""What the clock starts for members."""

from celery import shared_task
from django.utils import timezone

from core.models import Program
from members.services.reviews import review_tonight
from members.services.rolling import roll_facts
from members.services.signals import forget_signals as forget


@shared_task
def roll_all_facts() -> None:
    """Bring the sums of all members to their markets' present day; each hour it is midnight somewhere."""
    for program in Program.objects.order_by("pk"):
        roll_facts(program=program, at=timezone.now())


@shared_task
def review_all_tiers() -> None:
    """Review the tiers of all markets in which a day has begun, on sums of that day."""
    at = timezone.now()
    for program in Program.objects.order_by("pk"):
        roll_facts(program=program, at=at)
        review_tonight(program=program, at=at)


@shared_task
def forget_signals() -> None:
    """Forget devices, browsers and payment instruments that members were not seen with for long."""
    forget(at=timezone.now())
