"""What keepers of things are handed, and what they must do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from campaigns.rules.judgement import Award, Judgement
from campaigns.rules.state import JudgedEvent
from campaigns.rules.takebacks import Taken
from campaigns.services.configuration import Configuration


class Given(NamedTuple):
    """A thing that an event gives, and its place among the effects of the event's answer."""

    judgement: Judgement
    place: int
    award: Award


class Gone(NamedTuple):
    """A reversal takes a thing that an event had given; ``once``: of a milestone that is lost, its window."""

    reversal: JudgedEvent
    event_id: int
    once: str
    taking: Taken


class Keeper(Protocol):
    """Writes things of one kind and takes them back, set-based; the members' rows are held."""

    def give(self, configuration: Configuration, given: Sequence[Given], at: datetime, /) -> None:
        """Write what was awarded. The statements travel together with others: read no answers where it can be helped.

        Rows that members share come after the members' own and before total counters.
        """

    def take(self, configuration: Configuration, gone: Sequence[Gone], at: datetime, /) -> Sequence[Gone]:
        """Take back what can be taken back; return what stays."""

    def told(self, effect: Mapping[str, object], /, *, stays: bool) -> Mapping[str, object]:
        """What the reversal says of a thing beside its effect."""
