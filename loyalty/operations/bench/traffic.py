"""Events as partners would send them: the same mix as the history, of members drawn at random."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

BATCH = 1000
SOURCE = "/bench/traffic"
CATEGORIES = ("food", "transport", "shopping", "other")
KINDS = ("payment.completed", "wallet.topped_up", "bill.paid", "service.visited")
WEIGHTS = (55, 20, 15, 10)
RUPIAH = 12_048  # for a dollar
SINGAPORE = 3  # of five members

type Raw = dict[str, object]


def batches(*, run: str, events: int, members: int, at: datetime, size: int = BATCH) -> Iterator[list[Raw]]:
    """So many events of the last five minutes, made batch by batch; ``run`` makes their ids new."""
    chance = random.Random(run)  # noqa: S311  # no secret
    for start in range(0, events, size):
        numbers = range(start, min(start + size, events))
        yield [event(chance, f"{run}-{number}", members, at) for number in numbers]


def event(chance: random.Random, key: str, members: int, at: datetime) -> Raw:
    """One event."""
    member = chance.randint(1, members)
    (kind,) = chance.choices(KINDS, WEIGHTS)
    is_local = member % 5 < SINGAPORE
    data: Raw = {}
    if kind != "service.visited":
        cents = chance.randint(500, 15_500) * (1 if is_local else RUPIAH)
        data = {"amount": f"{cents // 100}.{cents % 100:02d}", "currency": "SGD" if is_local else "IDR"}
    if kind == "payment.completed":
        data["category"] = chance.choice(CATEGORIES)
    if chance.random() < 0.5:  # noqa: PLR2004  # half of them
        data["outlet"] = "SG-1" if is_local else "ID-1"
    return {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "type": kind,
        "subject": f"M-{member:07d}",
        "time": (at - timedelta(seconds=chance.randint(0, 300))).isoformat(),
        "data": data,
    }
