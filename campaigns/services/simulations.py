"""Simulations as jobs: asked for, watched, cancelled, read; what one says of a version is kept as its forecast."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import CampaignVersion, Forecast
from campaigns.services.simulation import check_interval, simulate
from campaigns.services.trials import Draft, Trial
from core.models import Job, Program
from core.rules.moments import show_moment
from core.services import jobs
from core.tasks import run_job

KIND = "campaigns.simulate"

type Report = dict[str, Any]


def start_simulation(*, program: Program, trial: Trial, since: datetime, until: datetime, name: str = "") -> Job:
    """Queue a simulation; ``name`` says in a word what it tries out. Raises Invalid for an interval that is none."""
    check_interval(since, until)
    arguments: dict[str, object] = {
        "name": name,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "drafts": [
            {"code": one.code, "definition": dict(one.definition), "version": one.version.pk if one.version else None}
            for one in trial.drafts
        ],
        "gone": sorted(trial.gone),
    }
    return jobs.start(kind=KIND, program_id=program.pk, arguments=arguments, wake=run_job.delay)


def run(progress: jobs.Progress) -> dict[str, object]:
    """Work one; its report is that of ``simulate``."""
    job = progress.job
    program = Program.objects.get(pk=job.program_id or 0)
    since, until = interval_of(job)
    trial = _trial(job.arguments)
    report = simulate(program=program, trial=trial, since=since, until=until, report=progress.report)
    for draft in trial.drafts:
        if draft.version:
            _keep(draft.version, job, report)
    return report


def interval_of(job: Job) -> tuple[datetime, datetime]:
    """From when (in) until when (out) a job simulates."""
    return datetime.fromisoformat(job.arguments["since"]), datetime.fromisoformat(job.arguments["until"])


def _trial(arguments: dict[str, Any]) -> Trial:
    ids = [draft["version"] for draft in arguments["drafts"] if draft["version"]]
    versions = CampaignVersion.objects.select_related("campaign__program").in_bulk(ids)
    drafts = (Draft(d["code"], d["definition"], versions.get(d["version"])) for d in arguments["drafts"])
    return Trial(tuple(drafts), frozenset(arguments["gone"]))


@transaction.atomic
def _keep(version: CampaignVersion, job: Job, report: Report) -> None:
    """Keep what was said of a version; a job that is run again says it once."""
    rows = [row["simulated"] for row in report["by_campaign"] if row["campaign"] == version.campaign.code]
    figures = rows[0] if rows else {"awards": 0, "points": 0, "status_points": 0, "money": {}, "things": {}}
    since, until = interval_of(job)
    Forecast.objects.filter(job=job, version=version).delete()
    Forecast.objects.create(version=version, job=job, since=since, until=until, figures=figures, made_at=timezone.now())


def document(job: Job) -> Report:
    """A simulation as the API prints it."""
    since, until = interval_of(job)
    return {
        "id": str(job.pk),
        "state": job.state,
        "progress": {"done": job.steps_done, "total": job.steps_total},
        "campaign": job.arguments["name"] or None,
        "from": show_moment(since),
        "to": show_moment(until),
        "report": job.report or None,
        "error": job.error or None,
    }
