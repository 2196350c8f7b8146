"""Codes that a partner delivered, waiting to be issued."""

from collections.abc import Sequence

from rewards.models import Reward, Voucher
from rewards.models.codes import digest, encrypted
from rewards.rules.prices import Value

BATCH = 5_000


def stock_codes(*, reward: Reward, codes: Sequence[str], value: Value | None = None) -> None:
    """Put codes into stock, in their order, each of a value. One that the program has or had is an IntegrityError."""
    minor, currency = value or (None, "")
    rows = [
        Voucher(
            program_id=reward.program_id,
            reward=reward,
            state=Voucher.State.STOCK,
            cipher=encrypted(code),
            digest=digest(code),
            value_minor=minor,
            left_minor=minor,
            currency=currency,
        )
        for code in codes
    ]
    Voucher.objects.bulk_create(rows, batch_size=BATCH)
