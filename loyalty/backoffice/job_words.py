"""What a job reported, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.display import formats

type Report = Mapping[str, Any]
type Lines = list[tuple[str, str]]

LABELS: Mapping[str, Promise] = {
    "accepted": gettext_lazy("Rows accepted"),
    "happenings": gettext_lazy("Events"),
    "lines": gettext_lazy("Lines"),
    "new": gettext_lazy("Rows that are new"),
    "refused": gettext_lazy("Rows refused"),
    "reward": gettext_lazy("Reward"),
    "skip": gettext_lazy("Rows without a change"),
    "update": gettext_lazy("Rows changed"),
}
HIDDEN = frozenset({"ok", "party", "state"})  # the pages of lists and statements say them


def report_words(report: Report) -> Lines:
    """Lines of a label and what is said; empty where there are no words for all of it."""
    lines: list[tuple[str, str]] = []
    for name, found in report.items():
        if name in HIDDEN:
            continue
        say = SAID.get(name, _plain)
        if name not in LABELS and name not in SAID:
            return []
        lines += say(name, found)
    return lines


def _plain(name: str, found: Any) -> Iterator[tuple[str, str]]:
    yield str(LABELS[name]), formats.number(found) if isinstance(found, int) else str(found)


def _books(_name: str, found: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for book, wrong in sorted(found.items()):
        yield book, _("A book does not add up") + f": {_(', ').join(wrong)}" if wrong else _("The books add up")


def _moves(_name: str, found: list[Report]) -> Iterator[tuple[str, str]]:
    yield capfirst(_("tier changes")), formats.number(sum(one["members"] for one in found))
    for one in found:
        yield f"{one['from'] or '–'} → {one['to']}", formats.number(one["members"])


SAID: Mapping[str, Callable[[str, Any], Iterator[tuple[str, str]]]] = {"books": _books, "moves": _moves}
