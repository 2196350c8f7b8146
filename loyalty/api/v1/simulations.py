"""Simulations: what campaigns would have given for the events that came."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.services.simulations import KIND, document, start_simulation
from campaigns.services.trials import Trial, trial_of
from core.models import Job
from core.refusals import FieldError, Invalid, NotFound
from core.rules.texts import is_storable
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import read_json
from loyalty.api.v1.description import Body, Success, described, path
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import MOMENT, WHOLE, Schema, null_or, record, text
from loyalty.operations.simulation import moment_of, trial_of_file

LONGEST_ID = 18
ASKED: Schema = {
    "type": "object",
    "required": ["from", "to"],
    "properties": {
        "campaign": text(),
        "file": {
            "description": "A program file, as its text or as JSON",
            "anyOf": [{"type": "string"}, {"type": "object"}],
        },
        "from": text(),
        "to": text(),
    },
}
SIMULATION = record(
    {
        "id": text(),
        "state": text(),
        "progress": record({"done": WHOLE, "total": WHOLE}),
        "campaign": null_or(text()),
        "from": MOMENT,
        "to": MOMENT,
        "report": null_or({"type": "object", "additionalProperties": True}),
        "error": null_or(text()),
    }
)


class SimulationsView(ApiView):
    """Simulations of the program."""

    scopes = {"POST": "simulations:write"}

    @described(
        "Start a simulation",
        tag="Simulations",
        body=Body(ASKED, {"campaign": "double-weekend", "from": "2026-10-01", "to": "2026-11-01"}),
        answers={202: Success("It is queued; read it until it is done", SIMULATION, examples.SIMULATION)},
        refusals=["validation"],
        repeatable=True,
    )
    @repeatable()
    def post(self, request: Request) -> Response:
        """Replay the events of an interval against a campaign, a program file, or the campaigns as they were.

        `from` is in, `to` is out; days begin in the program's time zone. Nothing but the report is written.
        """
        asked = read_json(request)
        if not isinstance(asked, dict):
            raise Invalid(errors=[FieldError("", "invalid", _("Send a JSON object."))])
        interval = {name: moment_of(_text(asked, field), self.program, field) for name, field in INTERVAL}
        trial = self._trial(asked)
        name = str(asked.get("campaign") or "") or ", ".join(draft.code for draft in trial.drafts)
        job = start_simulation(program=self.program, trial=trial, name=name, **interval)
        location = f"/api/v1/simulations/{job.pk}"
        return Response(document(job), status=202, headers={"Location": location})

    def _trial(self, asked: dict[str, Any]) -> Trial:
        """What is tried out."""
        campaign, file = asked.get("campaign"), asked.get("file")
        if campaign is not None and file is not None:
            raise Invalid(errors=[FieldError("/file", "invalid", _("Send a campaign or a file, not both."))])
        if campaign is not None:
            row = Campaign.objects.filter(program=self.program, code=_code(campaign)).first()
            if row is None:
                raise Invalid(
                    errors=[FieldError("/campaign", "unknown", _("The program has no campaign of this code."))]
                )
            return trial_of(row)
        return self._of_file(file) if file is not None else Trial()

    def _of_file(self, file: object) -> Trial:
        raw = file if isinstance(file, str) else json.dumps(file)
        program, trial = trial_of_file(raw.encode(errors="replace"))
        if program != self.program:
            raise Invalid(errors=[FieldError("/file", "invalid", _("The file is about another program."))])
        return trial


class SimulationView(ApiView):
    """One simulation."""

    scopes = {"GET": "simulations:write"}

    @described(
        "Read a simulation",
        tag="Simulations",
        answers={200: Success("How far it is, and its report once it is done", SIMULATION, examples.SIMULATION)},
        refusals=["not-found"],
        parameters=[path("simulation", "Id of a simulation", "17")],
    )
    def get(self, _request: Request, simulation: str) -> Response:
        """Read how far a simulation is; `state` is queued, running, done, failed or cancelled."""
        rows = Job.objects.filter(program=self.program, kind=KIND)
        is_id = simulation.isascii() and simulation.isdecimal() and len(simulation) <= LONGEST_ID
        job = rows.filter(pk=simulation).first() if is_id else None
        if job is None:
            raise NotFound(_("There is no such simulation"))
        return Response(document(job))


INTERVAL = (("since", "from"), ("until", "to"))


def _text(asked: dict[str, Any], field: str) -> str:
    value = asked.get(field)
    if not isinstance(value, str):
        code = "invalid" if field in asked else "required"
        detail = _("Send a day as 2026-11-01, or a moment as 2026-11-01T00:00:00+08:00.")
        raise Invalid(errors=[FieldError(f"/{field}", code, detail)])
    return value


def _code(value: object) -> str:
    return value if isinstance(value, str) and is_storable(value) else ""
