"""What follows from what happened: in the story it follows in the same week, as the worker would have let it."""

from itertools import batched

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from core.models import ConsumedMessage, OutboxMessage, Program

CONSUMERS = (
    "campaigns.tasks.reconsider_referrals",
    "campaigns.tasks.derive_events",
    "campaigns.tasks.derive_friends",
    "rewards.tasks.entitle_members",
)
ROUNDS = 5  # something can follow from what followed
BATCH = 500


def follow(program: Program) -> None:
    """Let joining, tiers, badges and friends be events now; what would be sent to people waits for the worker."""
    for _ in range(ROUNDS):
        told = [_told(program, consumer) for consumer in CONSUMERS]
        if not any(told):
            return


def _told(program: Program, consumer: str) -> bool:
    topics = [topic for topic, consumers in settings.OUTBOX.items() if consumer in consumers]
    done = ConsumedMessage.objects.filter(message_id=OuterRef("pk"), consumer=consumer)
    waiting = OutboxMessage.objects.filter(~Exists(done), program=program, topic__in=topics).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True))
    for some in batched(ids, BATCH):
        import_string(consumer)(list(some))
    return bool(ids)
