"""What the clock starts for members."""

from celery import shared_task
from django.utils import timezone

from core.models import Program
from members.services.rolling import roll_facts


@shared_task
def roll_all_facts() -> None:
    """Bring the sums of all members to their markets' present day; each hour it is midnight somewhere."""
    for program in Program.objects.order_by("pk"):
        roll_facts(program=program, at=timezone.now())
