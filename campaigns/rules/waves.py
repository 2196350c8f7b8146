"""In which order the events of a batch are worked: runs of events together, each reversal of a member on its own."""

from collections.abc import Iterable
from typing import Protocol


class Owned(Protocol):
    """Something of one member."""

    member_id: int


type Step[T: Owned] = tuple[bool, T]  # is it a reversal?


def strict_waves[T: Owned](steps: Iterable[Step[T]]) -> list[list[Step[T]]]:
    """Runs of events in order, each reversal alone."""
    waves: list[list[Step[T]]] = []
    for step in steps:
        if waves and not step[0] and not waves[-1][0][0]:
            waves[-1].append(step)
        else:
            waves.append([step])
    return waves


def loose_waves[T: Owned](steps: Iterable[Step[T]]) -> list[list[Step[T]]]:
    """Wave n holds each member's n-th run of events, or its next reversal; even waves events, odd ones reversals."""
    waves: dict[int, list[Step[T]]] = {}
    at_wave: dict[int, int] = {}
    for is_reversal, one in steps:
        wave = _next_wave(at_wave.get(one.member_id, -1), is_reversal=is_reversal)
        at_wave[one.member_id] = wave
        waves.setdefault(wave, []).append((is_reversal, one))
    return [waves[wave] for wave in sorted(waves)]


def _next_wave(last: int, *, is_reversal: bool) -> int:
    """The wave after a member's last one; events go on in the same wave, each reversal has its own."""
    if is_reversal:
        return last + 1 + last % 2
    return last if last >= 0 and last % 2 == 0 else last + 1
