"""Events: post them, one or many; read what became of them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.events import StoredEvent, find_event, list_events
from campaigns.services.intake import Answer, take_in
from loyalty.api.problems import problem
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import CLOUD_EVENT, CLOUD_EVENTS, JSON, items, read_json
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.parameters import read_flag, read_moment_parameter, read_text
from members.selectors.members import find_member

LONGEST_SEQUENCE = 18


class EventsView(ApiView):
    """Events of the program."""

    scopes = {"POST": "events:write", "GET": "events:read"}

    def post(self, request: Request) -> Response:
        """Post one event."""
        event: Any = read_json(request, (JSON, CLOUD_EVENT))
        (answer,) = take_in(program=self.program, events=[event], at=self.at, trace=read_flag(request, "trace"))
        if answer.refusal:
            raise answer.refusal
        return Response(_outcome(answer, traced=read_flag(request, "trace")), status=_status(answer))

    def get(self, request: Request) -> Response:
        """List events in the order of processing."""
        reference = request.query_params.get("member")
        member = find_member(program=self.program, reference=reference) if reference is not None else None
        page = read_page(request, f"events:{self.program.pk}:{member.pk if member else ''}")
        sequence, since = _after(request)
        begin = page.after if isinstance(page.after, int) else sequence
        rows = list_events(program=self.program, limit=page.limit + 1, after=begin, member=member, since=since)
        shown = rows[: page.limit]
        more = len(rows) > page.limit
        return Response(page.document([_listed(row) for row in shown], shown[-1].sequence if more else None))


class EventsBatchView(ApiView):
    """Many events at once."""

    scopes = {"POST": "events:write"}

    def post(self, request: Request) -> Response:
        """Post up to 5,000 events; each is answered as if it had come alone."""
        traced = read_flag(request, "trace")
        events: Any = items(read_json(request, (JSON, CLOUD_EVENTS)), "events")[0]
        answers = take_in(program=self.program, events=events, at=self.at, trace=traced)
        results = [
            _rejected(index, event, answer, request.path) if answer.refusal else _outcome(answer, traced=traced)
            for index, (event, answer) in enumerate(zip(events, answers, strict=True))
        ]
        return Response({"results": results})


class EventView(ApiView):
    """One stored event."""

    scopes = {"GET": "events:read"}

    def get(self, request: Request) -> Response:
        """Read one event with its outcome and trace."""
        source, key = read_text(request, "source"), read_text(request, "id")
        found = find_event(program=self.program, source=source, key=key)
        return Response({"event": found.event, "outcome": found.outcome, "trace": found.trace})


def _status(answer: Answer) -> int:
    if answer.duplicate:
        return 200
    return 202 if answer.status == "waiting" else 201


def _outcome(answer: Answer, *, traced: bool) -> dict[str, Any]:
    body = answer.body or {}
    return body | {"trace": answer.trace} if traced else body


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
