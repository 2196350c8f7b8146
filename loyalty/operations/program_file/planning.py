"""What a file would change: entries to create, to change and to retire."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from loyalty.operations.program_file.reading import Fault
from members.services.tiers import Moves, moves_as_json


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of one section: codes and their canonical content."""

    create: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    retire: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def written(self) -> dict[str, Any]:
        """What is created or changed."""
        return self.create | self.change


def compare(now: dict[str, Any], wanted: dict[str, Any]) -> Changes:
    """The way from what is to what is wanted."""
    return Changes(
        create={code: item for code, item in wanted.items() if code not in now},
        change={code: item for code, item in wanted.items() if code in now and now[code] != item},
        retire=tuple(code for code in now if code not in wanted),
        unchanged=sum(code in now and now[code] == item for code, item in wanted.items()),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a file changes, as ``section/code``, or why it cannot.

    ``moves``: how many members change tiers because the ladder does, by (from, to) codes.
    """

    create: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    retire: tuple[str, ...] = ()
    unchanged: int = 0
    errors: tuple[Fault, ...] = ()
    moves: Moves = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The shape of ``--json``."""
        return {
            "create": list(self.create),
            "change": list(self.change),
            "retire": list(self.retire),
            "unchanged": self.unchanged,
            "moves": moves_as_json(self.moves),
            "errors": [fault.as_json() for fault in self.errors],
        }

    def as_text(self, file: str) -> str:
        """For people: what is wrong, or what changes and how much stays."""
        if self.errors:
            lines = [f"{file}:{fault.line}: {fault.path or 'file'}: {fault.message}" for fault in self.errors]
            many = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
            return "\n".join([*lines, f"{many}; nothing was changed"])
        marks = (("+", self.create), ("~", self.change), ("-", self.retire))
        lines = [f"{mark} {name}" for mark, names in marks for name in names]
        lines += [f"  {before or 'no tier'} -> {after}: {many} members" for (before, after), many in self.moves.items()]
        counts = f"{len(self.create)} to create, {len(self.change)} to change, {len(self.retire)} to retire"
        return "\n".join([*lines, f"{counts}, {self.unchanged} unchanged"])


def summary(changes: Sequence[tuple[str, Changes]]) -> Plan:
    """The plan of all sections, by name."""

    def names(kind: str) -> tuple[str, ...]:
        return tuple(entry(name, code) for name, changed in changes for code in getattr(changed, kind))

    return Plan(names("create"), names("change"), names("retire"), sum(changed.unchanged for _, changed in changes))


def entry(section: str, code: str) -> str:
    """How a plan names an entry."""
    return f"{section}/{code}" if code else section
