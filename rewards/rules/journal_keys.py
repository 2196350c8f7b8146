"""What redemptions call their journals in the ledger."""

from uuid import UUID

SPENT, GIVEN_BACK = "redeem:", "unredeem:"


def spend_key(redemption: UUID) -> str:
    """Points that were spent, and in a money book cashback that was paid for them."""
    return f"{SPENT}{redemption}"


def refund_key(redemption: UUID) -> str:
    """Points that came back."""
    return f"{GIVEN_BACK}{redemption}"


def redemption_of(key: str) -> str | None:
    """The redemption (uuid) that a journal belongs to."""
    kind, _colon, name = key.partition(":")
    return name if f"{kind}:" in {SPENT, GIVEN_BACK} else None
