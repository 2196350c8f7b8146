"""The chart of accounts: what follows from an account's purpose, and how codes are formed."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Nature:
    """``floor`` None = may go negative; ``lots`` = made of lots; ``shared`` = touched by many members' movements."""

    floor: int | None
    lots: bool
    shared: bool


CHART = {
    "mint": Nature(floor=None, lots=False, shared=True),
    "budget": Nature(floor=0, lots=False, shared=True),
    "campaign": Nature(floor=0, lots=False, shared=True),
    "wallet": Nature(floor=0, lots=True, shared=False),
    "pending": Nature(floor=0, lots=True, shared=False),
    "debt": Nature(floor=None, lots=False, shared=False),
    "redeemed": Nature(floor=0, lots=False, shared=True),
    "breakage": Nature(floor=0, lots=False, shared=True),
    "adjustment": Nature(floor=None, lots=False, shared=True),
    "migration": Nature(floor=None, lots=False, shared=True),
    "settlement": Nature(floor=None, lots=False, shared=True),
}

# The first word of an account's code; the purposes that a member owns have his random id after it.
PREFIX = {"wallet": "member", "pending": "pending", "debt": "debt"}

# What a journal can say it is; with a debt repaid inside it, a reading shows `repay` as well.
KINDS = frozenset({"fund", "award", "spend", "refund", "reverse", "expire", "mature", "adjust", "migrate", "transfer"})


def owned_code(purpose: str, owner: UUID) -> str:
    """Code of a member's wallet, pending or debt account."""
    return f"{PREFIX[purpose]}:{owner}"
