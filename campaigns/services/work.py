"""An event on its way through the engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from campaigns.rules.answers import Body
from campaigns.rules.judgement import Line
from campaigns.rules.state import JudgedEvent
from campaigns.services.configuration import Configuration
from campaigns.services.reading import Incoming
from core.refusals import Refusal
from core.rules.money import convert
from core.services import prepared


@dataclass(slots=True, eq=False)
class Work:
    """An event on its way through: where it stood in the request, what was read, what became of it."""

    place: int
    incoming: Incoming
    member_id: int = 0
    market_id: int = 0
    event: JudgedEvent | None = None
    answer: Body | None = None
    refusal: Refusal | None = None
    is_duplicate: bool = False
    lines: list[Line] = field(default_factory=list)
    trace: list[Body] = field(default_factory=list)


def judged_event(configuration: Configuration, one: Work) -> JudgedEvent:
    """The event in the shape that rules read, still without its number."""
    incoming, program = one.incoming, configuration.program
    local = incoming.time.astimezone(configuration.markets[one.market_id].zone)
    kind = incoming.type
    return JudgedEvent(
        event_id=0,
        source=incoming.source,
        key=incoming.key,
        type_code=kind.code if kind else "event.reversed",
        type_id=kind.type_id if kind else 0,
        qualifying=bool(kind and kind.qualifying),
        member_id=one.member_id,
        time=incoming.time,
        local=local,
        day=local.date(),
        program_day=incoming.time.astimezone(program.zone).date(),
        amount_minor=incoming.amount_minor,
        currency=incoming.currency,
        amount_base=_base(configuration, incoming, local.date()),
        outlet=incoming.outlet,
        data=incoming.data,
    )


def _base(configuration: Configuration, incoming: Incoming, day: date) -> int | None:
    """The amount in the base currency at the rate of the event's local day, rounded half to even, once."""
    if incoming.amount_minor is None:
        return None
    program = configuration.program
    if incoming.currency == program.currency:
        return incoming.amount_minor
    rate = program.rates.on(incoming.currency, day)
    if rate is None:
        return None
    return convert(incoming.amount_minor, currency=incoming.currency, base=program.currency, rate=rate)


def numbered(event: JudgedEvent, event_id: int) -> JudgedEvent:
    """The event with the number that it was stored under."""
    event.event_id = event_id
    return event


def forget(refused: Sequence[Work]) -> None:
    """Remove events that turned out to be refused: nothing refused stays stored."""
    ids = [one.event.event_id for one in refused if one.event]
    if ids:
        with prepared.cursor() as cursor:
            cursor.execute("DELETE FROM campaigns_event WHERE id = ANY(%s)", [ids])
