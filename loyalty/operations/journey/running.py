"""From the data set to the program ``journey``: the same services as everybody's, in the same order."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.services.intake import take_in
from core.models import Program
from core.refusals import Invalid
from loyalty.operations.journey.reading import Basket, Journey
from loyalty.operations.program_file.loading import load_program
from members.selectors.members import present_members
from members.services.enrolment import enrol_members
from members.services.segments import set_segment_members

BATCH = 1000
SOURCE = "/completejourney"
ENROLLED_AT = datetime(2017, 1, 1, tzinfo=ZoneInfo("America/New_York"))  # before the first till opens

type Told = Callable[[str, int, int], None]


def run_journey(*, journey: Journey, file: Path, at: datetime, told: Told) -> Program:
    """Load the program, enrol the households and send every basket; what is there already stays as it is.

    ``told(what, done, total)`` hears how far it is. Raises the ``Refusal`` of the first member or event that is
    refused: the data set has none.
    """
    plan = load_program(raw=file.read_bytes(), at=at, why="manage.py demo journey")
    if plan.errors:
        raise Invalid(plan.as_text(file.name))
    program = Program.objects.get(code="journey")
    enrol(program, journey.households, at, told)
    address(program, journey.addressed, at)
    for done, events in enumerate(batches(journey.baskets)):
        told("sending baskets", done * BATCH, len(journey.baskets))
        for answer in take_in(program=program, events=events, at=at):
            if answer.refusal:
                raise answer.refusal
    return program


def enrol(program: Program, households: Sequence[int], at: datetime, told: Told) -> None:
    """Every household is a member from the first day of the year."""
    for done, some in enumerate(batched(households, BATCH)):
        told("enrolling households", done * BATCH, len(households))
        requests = [
            {
                "external_id": name_of(household),
                "market": "US",
                "name": f"Household {household}",
                "enrolled_at": ENROLLED_AT.isoformat(),
            }
            for household in some
        ]
        for result in enrol_members(program=program, requests=requests, at=at):
            if result.refusal:
                raise result.refusal


def address(program: Program, households: Sequence[int], at: datetime) -> None:
    """Put the households of campaign 18 that are members into its list, those of an earlier run too."""
    names = [name_of(household) for household in households]
    present = present_members(program).filter(external_id__in=names).values_list("external_id", flat=True)
    set_segment_members(program=program, code="C18", external_ids=list(present), at=at)


def name_of(household: int) -> str:
    """The external id of a household: HH-000001."""
    return f"HH-{household:06d}"


def batches(baskets: Sequence[Basket]) -> Iterator[list[dict[str, object]]]:
    """Events, a thousand at a time."""
    for some in batched(baskets, BATCH):
        yield [event_of(basket) for basket in some]


def event_of(basket: Basket) -> dict[str, object]:
    """A basket as its till would report it (CloudEvents)."""
    return {
        "specversion": "1.0",
        "id": str(basket.basket_id),
        "source": SOURCE,
        "type": "purchase.completed",
        "subject": name_of(basket.household),
        "time": basket.time.astimezone(UTC).isoformat(),
        "data": {"amount": str(basket.amount), "currency": "USD"},
    }
