"""Re-rating as jobs, for people who do not wait at a command line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.models import CampaignVersion, Rerating
from campaigns.services.rerating_proposals import check_proposal, propose_rerating
from campaigns.services.reratings import approve_rerating, undo_rerating
from core.models import Job, User
from core.services import jobs
from core.tasks import run_job

KIND = "campaigns.rerate"
STEPS: dict[str, Callable[..., object]] = {"approve": approve_rerating, "undo": undo_rerating}


def start_proposal(
    *, version: CampaignVersion, since: datetime, until: datetime, policy: str, because: str, by: User
) -> Job:
    """Queue the working out of a proposal. Raises Invalid as ``propose_rerating`` does."""
    check_proposal(policy=policy, because=because, since=since, until=until)
    arguments: dict[str, object] = {
        "step": "propose",
        "version": version.pk,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "policy": policy,
        "because": because,
        "by": by.pk,
    }
    return jobs.start(kind=KIND, program_id=version.program_id, arguments=arguments, wake=run_job.delay)


def start_step(*, rerating: Rerating, step: str, by: User) -> Job:
    """Queue the posting or undoing of a correction."""
    arguments: dict[str, object] = {"step": step, "rerating": rerating.pk, "by": by.pk}
    return jobs.start(kind=KIND, program_id=rerating.program_id, arguments=arguments, wake=run_job.delay)


def run(progress: jobs.Progress) -> dict[str, object]:
    """Work one step; the report names the correction."""
    asked: dict[str, Any] = progress.job.arguments
    by, at = User.objects.get(pk=asked["by"]), timezone.now()
    if asked["step"] in STEPS:
        rerating = Rerating.objects.get(pk=asked["rerating"])
        STEPS[asked["step"]](rerating=rerating, by=by, at=at)
        return {"rerating": rerating.pk}
    version = CampaignVersion.objects.select_related("campaign__program").get(pk=asked["version"])
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    found = propose_rerating(
        version=version, since=since, until=until, policy=asked["policy"], because=asked["because"], by=by, at=at,
        report=progress.report,
    )  # fmt: skip
    return {"rerating": found.pk}
