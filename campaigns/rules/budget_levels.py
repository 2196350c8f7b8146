"""When a budget's use is told: at 80 and at 100 per cent, once each time it was filled. Pure Python."""

from dataclasses import dataclass

LEVELS = (80, 100)
FULL = 100


@dataclass(frozen=True, slots=True)
class Level:
    """What was last seen of an account: how much it had been given, and the highest level told since then."""

    filled: int
    told: int


@dataclass(frozen=True, slots=True)
class Told:
    """How much an account had been given, and how much of that was used, when it was told of."""

    filled: int
    used: int


def reached(*, filled: int, used: int, refused: bool) -> int:
    """The highest level of use. Who refused an award for want of value is used up, whatever small rest is left."""
    if refused or (filled > 0 and used >= filled):
        return FULL
    return max((level for level in LEVELS if filled > 0 and used * FULL >= filled * level), default=0)


def still_used_up(told: Told, *, filled: int, used: int) -> bool:
    """Whether a budget that was told of as used up is so yet: neither filled up nor paid back since."""
    return filled <= told.filled and used >= told.used


def look(before: Level | None, *, filled: int, used: int, refused: bool) -> tuple[Level, list[int]]:
    """What is seen now, and the levels that must be told. Being filled up arms all of them anew."""
    told = before.told if before is not None and filled <= before.filled else 0
    now = reached(filled=filled, used=used, refused=refused)
    return Level(filled, max(told, now)), [level for level in LEVELS if told < level <= now]
