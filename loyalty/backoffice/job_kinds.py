"""What kinds of jobs are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.services import rerating_jobs, simulations
from loyalty.backoffice import reward_imports
from loyalty.operations import proving
from rewards.services import code_lists, statements

KINDS: dict[str, Promise] = {
    proving.KIND: _("Proof of the books"),
    "tiers.ladder": _("Change of the ladder"),
    simulations.KIND: _("Simulation"),
    rerating_jobs.KIND: _("Correction of awards"),
    code_lists.KIND: _("List of codes"),
    reward_imports.KIND: _("Import of rewards"),
    statements.KIND: _("Statement"),
    "demo.seed": _("Filling of the demonstration"),
}


def job_name(kind: str) -> str:
    """What people call a kind of job."""
    return str(KINDS.get(kind, kind))
