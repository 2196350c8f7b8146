"""Events: post them, one or many; read what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.events import StoredEvent, find_event, list_events
from campaigns.selectors.traces import read_traces
from campaigns.services.intake import Answer, take_in
from loyalty.api.problems import problem
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import CLOUD_EVENT, CLOUD_EVENTS, JSON, MOST_ITEMS, items, read_json
from loyalty.api.v1.description import PAGE, Body, Success, described, query
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.parameters import read_flag, read_moment_parameter, read_text, read_word
from loyalty.api.v1.schema import Schema, page, record, ref
from loyalty.api.v1.schema import items as listed
from members.selectors.members import find_member

LONGEST_SEQUENCE = 18

LISTED = record({"event": ref("Event"), "outcome": ref("Outcome")})
STORED = record({"event": ref("Event"), "outcome": ref("Outcome"), "trace": listed(ref("TraceLine"))})
MANY = listed(ref("Event"), maxItems=MOST_ITEMS)
BATCH: Schema = {"oneOf": [MANY, record({"events": MANY})]}
RESULTS = record({"results": listed({"anyOf": [ref("Outcome"), ref("RejectedEvent")]})})
TRACE = query("trace", "1 adds the trace: why each rule fired or did not", enum=["0", "1", "true", "false"])


class EventsView(ApiView):
    """Events of the program."""

    scopes = {"POST": "events:write", "GET": "events:read"}

    @described(
        "Post an event",
        tag="Events",
        body=Body(ref("Event"), examples.EVENT, (JSON, CLOUD_EVENT)),
        answers={
            201: Success("Processed: what the event brought", ref("Outcome"), examples.OUTCOME),
            200: Success("Seen before: the stored outcome", ref("Outcome"), examples.OUTCOME | {"duplicate": True}),
            202: Success("A reversal that waits for its original", ref("Outcome"), examples.WAITING),
        },
        refusals=["event-conflict", "already-reversed"],
        parameters=[TRACE],
    )
    def post(self, request: Request) -> Response:
        """Post one event and read what it brought.

        `(source, id)` is its name for ever: the same content again changes nothing, other content is a conflict.
        """
        event: Any = read_json(request, (JSON, CLOUD_EVENT))
        traced = read_flag(request, "trace")
        (answer,) = take_in(program=self.program, events=[event], at=self.at, trace=traced)
        if answer.refusal:
            raise answer.refusal
        (outcome,) = _outcomes([answer], traced=traced)
        return Response(outcome, status=_status(answer))

    @described(
        "List events",
        tag="Events",
        answers={200: Success("A page of events", page(LISTED), {"items": [examples.LISTED], "next": None})},
        refusals=["not-found", "validation"],
        parameters=[
            query("member", "Events of this member only: external id or `uuid:…`"),
            query("after", "A `sequence`: events taken in after it; or a time: events that happened after it"),
            *PAGE,
        ],
    )
    def get(self, request: Request) -> Response:
        """List events in the order of processing."""
        reference = read_word(request, "member")
        member = find_member(program=self.program, reference=reference) if reference is not None else None
        asked = read_page(request, f"events:{self.program.pk}:{member.pk if member else ''}")
        sequence, since = _after(request)
        begin = asked.after if isinstance(asked.after, int) else sequence
        rows = list_events(program=self.program, limit=asked.limit + 1, after=begin, member=member, since=since)
        shown = rows[: asked.limit]
        more = len(rows) > asked.limit
        return Response(asked.document([_listed(row) for row in shown], shown[-1].sequence if more else None))


class EventsBatchView(ApiView):
    """Many events at once."""

    scopes = {"POST": "events:write"}

    @described(
        "Post many events",
        tag="Events",
        body=Body(BATCH, [examples.EVENT], (JSON, CLOUD_EVENTS)),
        answers={200: Success("Outcome or rejection of each, in order", RESULTS, {"results": [examples.OUTCOME]})},
        parameters=[TRACE],
    )
    def post(self, request: Request) -> Response:
        """Post up to 5,000 events; each is answered as if it had come alone, in the order sent.

        One bad event harms no other. After a crash send the batch again.
        """
        traced = read_flag(request, "trace")
        events: Any = items(read_json(request, (JSON, CLOUD_EVENTS)), "events")[0]
        answers = take_in(program=self.program, events=events, at=self.at, trace=traced)
        results = [
            _rejected(index, event, answer, request.path) if answer.refusal else outcome
            for index, (event, answer, outcome) in enumerate(
                zip(events, answers, _outcomes(answers, traced=traced), strict=True)
            )
        ]
        return Response({"results": results})


class EventView(ApiView):
    """One stored event."""

    scopes = {"GET": "events:read"}

    @described(
        "Read an event",
        tag="Events",
        answers={200: Success("The event, its outcome and trace", STORED, examples.STORED)},
        refusals=["not-found", "validation"],
        parameters=[
            query("source", "`source` of the event", required=True, maxLength=200),
            query("id", "`id` of the event", required=True, maxLength=200),
        ],
    )
    def get(self, request: Request) -> Response:
        """Read one event with its outcome and trace: lines that fired for ever, the others for 90 days."""
        source, key = read_text(request, "source"), read_text(request, "id")
        found = find_event(program=self.program, source=source, key=key)
        return Response({"event": found.event, "outcome": found.outcome, "trace": found.trace})


def _status(answer: Answer) -> int:
    if answer.duplicate:
        return 200
    return 202 if answer.status == "waiting" else 201


def _outcomes(answers: Sequence[Answer], *, traced: bool) -> list[dict[str, Any]]:
    """Bodies of answers; those of events that were known already get the trace that was kept."""
    bodies = [answer.body or {} for answer in answers]
    if not traced:
        return bodies
    kept = read_traces([answer.body["sequence"] for answer in answers if answer.duplicate and answer.body])
    return [
        body | {"trace": kept[body["sequence"]] if answer.duplicate else answer.trace}
        for body, answer in zip(bodies, answers, strict=True)
    ]


def _rejected(index: int, event: object, answer: Answer, instance: str) -> dict[str, object]:
    """What stands in a batch's results for an event that was refused; names as they were sent, if they were texts."""
    sent = event if isinstance(event, Mapping) else {}
    named = {name: value if isinstance(value := sent.get(name), str) else None for name in ("source", "id")}
    refusal = problem(answer.refusal, instance=instance) if answer.refusal else None
    return {"index": index, **named, "status": "rejected", "problem": refusal}


def _after(request: Request) -> tuple[int, Any]:
    """``after``: the sequence of the last event seen, or a moment that the events' times come after."""
    text = request.query_params.get("after", "0")
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_SEQUENCE:
        return int(text), None
    return 0, read_moment_parameter(request, "after")


def _listed(row: StoredEvent) -> dict[str, object]:
    return {"event": row.event, "outcome": row.outcome}
