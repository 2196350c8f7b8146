"""What spans all rooms: programs and their places, money, messages out, jobs, API clients, users."""

from core.models.caches import CacheEntry
from core.models.clients import ApiClient, IdempotentAnswer, RequestPace, UserPace
from core.models.definitions import Definition
from core.models.heartbeats import Heartbeat
from core.models.jobs import Job
from core.models.outbox import ConsumedMessage, OutboxMessage
from core.models.programs import Market, Program, Rate, Region
from core.models.terms import Terms
from core.models.tokens import TokenUse
from core.models.users import User

__all__ = [
    "ApiClient",
    "CacheEntry",
    "ConsumedMessage",
    "Definition",
    "Heartbeat",
    "IdempotentAnswer",
    "Job",
    "Market",
    "OutboxMessage",
    "Program",
    "Rate",
    "Region",
    "RequestPace",
    "Terms",
    "TokenUse",
    "User",
    "UserPace",
]
