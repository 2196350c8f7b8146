"""The life of campaigns: every step is somebody's, is kept, and either happens whole or changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignStep, CampaignVersion
from campaigns.rules.life import FROM, running_state
from campaigns.selectors.versions import zones_in, zones_of
from campaigns.services.budget_alerts import watch_budgets
from campaigns.services.budgets import fill_budgets
from campaigns.services.checks import check_campaign, newest_version
from campaigns.services.festivals import settle_festivals
from campaigns.services.publishing import Finding
from core.models import Program, User
from core.refusals import FieldError, Invalid

type Action = CampaignStep.Action


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, and what is doubtful in what it published or handed on."""

    step: CampaignStep
    doubts: Sequence[Finding] = ()


@transaction.atomic
def submit_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """Hand a draft that passes its check to a second person, with its doubts. Raises Invalid with all that is wrong."""
    row = _locked(campaign, CampaignStep.Action.SUBMIT)
    doubts = _demand_check(row, at)
    return Taken(_step(row, CampaignStep.Action.SUBMIT, Campaign.State.IN_REVIEW, by, because, at), doubts)


@transaction.atomic
def approve_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """Publish what somebody else submitted: fill its budget, fix its festival days. Raises Invalid."""
    row = _locked(campaign, CampaignStep.Action.APPROVE)
    submitted = row.steps.filter(action=CampaignStep.Action.SUBMIT).order_by("-id").first()
    if submitted is not None and submitted.by_id == by.pk:
        raise _refusal("/by", _("Somebody else than who submitted the campaign must approve it."))
    doubts = _demand_check(row, at)
    return Taken(_launch(row, CampaignStep.Action.APPROVE, by, because, at), doubts)


@transaction.atomic
def reject_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """Give a campaign in review back as a draft. Raises Invalid."""
    row = _locked(campaign, CampaignStep.Action.REJECT)
    return Taken(_step(row, CampaignStep.Action.REJECT, Campaign.State.DRAFT, by, because, at))


@transaction.atomic
def pause_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """Let a campaign pay nothing for now. Raises Invalid."""
    row = _locked(campaign, CampaignStep.Action.PAUSE)
    return Taken(_step(row, CampaignStep.Action.PAUSE, Campaign.State.PAUSED, by, because, at))


@transaction.atomic
def resume_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """Let a paused campaign pay again. Raises Invalid."""
    row = _locked(campaign, CampaignStep.Action.RESUME)
    return Taken(_launch(row, CampaignStep.Action.RESUME, by, because, at))


@transaction.atomic
def end_campaign(*, campaign: Campaign, by: User, because: str = "", at: datetime) -> Taken:
    """End a campaign for good; what is left of its budget goes back at once. Raises Invalid."""
    row = _locked(campaign, CampaignStep.Action.END)
    watch_budgets(program=row.program, at=at)  # before what is left goes back
    step = _step(row, CampaignStep.Action.END, Campaign.State.ENDED, by, because, at)
    fill_budgets(program=row.program, at=at)
    return Taken(step)


def _locked(campaign: Campaign, action: Action) -> Campaign:
    """The campaign as it stands, held until the step is done, if the step may follow."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("program")
    row = rows.get(pk=campaign.pk)
    if row.retired:
        raise _refusal("/state", _("The campaign is retired: no program file names it any more."))
    if row.state not in FROM[action.value]:
        allowed = ", ".join(str(Campaign.State(state).label) for state in FROM[action.value])
        text = _("The campaign is %(state)s; this can only be done when it is: %(allowed)s.")
        raise _refusal("/state", text % {"state": row.get_state_display(), "allowed": allowed})
    return row


def _demand_check(campaign: Campaign, at: datetime) -> list[Finding]:
    """What the check finds doubtful, if it finds nothing wrong. Raises Invalid."""
    found = check_campaign(campaign, at)
    if errors := [finding for finding in found if finding.error]:
        detail = _("The campaign does not pass its check.")
        raise Invalid(detail, errors=[FieldError(f"/{one.path}", one.code, one.message) for one in errors])
    return found


def _refusal(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def _launch(row: Campaign, action: Action, by: User, because: str, at: datetime) -> CampaignStep:
    watch_budgets(program=row.program, at=at)  # before it is filled up
    definition = newest_version(row).definition
    zones = zones_in(definition, zones_of(row.program))
    step = _step(row, action, Campaign.State(running_state(definition, zones, at)), by, because, at)
    fill_budgets(program=row.program, at=at)
    settle_festivals(program=row.program, at=at)
    return step


def _step(  # noqa: PLR0917  # what a step consists of
    row: Campaign, action: Action, to: Campaign.State, by: User, because: str, at: datetime
) -> CampaignStep:
    before, row.state = row.state, to
    row.save(update_fields=["state"])
    version = newest_version(row)
    return CampaignStep.objects.create(
        campaign=row, version=version, action=action, from_state=before, to_state=to, by=by, because=because, at=at
    )


def states_of(program: Program) -> dict[int, str]:
    """The states of all campaigns, to be compared after a program file was loaded."""
    return dict(Campaign.objects.filter(program=program).values_list("pk", "state"))


def record_load(
    *, program: Program, before: Mapping[int, str], by: int | None, operator: str, because: str, at: datetime
) -> None:
    """Keep what a program file made of the states of campaigns; whoever loads one counts as approving it."""
    after = states_of(program)
    moved = {pk: state for pk, state in after.items() if before.get(pk, Campaign.State.DRAFT) != state}
    if not moved:
        return
    CampaignStep.objects.bulk_create(
        CampaignStep(
            campaign_id=pk, version_id=version, action=CampaignStep.Action.LOAD, operator=operator, because=because,
            from_state=before.get(pk, Campaign.State.DRAFT), to_state=moved[pk], by_id=by, at=at,
        )
        for pk, version in _newest_ids(moved)
    )  # fmt: skip


def _newest_ids(campaigns: Iterable[int]) -> list[tuple[int, int]]:
    rows = CampaignVersion.objects.filter(campaign__in=list(campaigns)).order_by("campaign_id", "-number")
    return list(rows.distinct("campaign_id").values_list("campaign_id", "pk"))
