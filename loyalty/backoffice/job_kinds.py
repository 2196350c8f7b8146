"""What kinds of jobs are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.operations import proving

KINDS: dict[str, Promise] = {
    proving.KIND: _("Proof of the books"),
    "tiers.ladder": _("Change of the ladder"),
    "demo.seed": _("Filling of the demonstration"),
}


def job_name(kind: str) -> str:
    """What people call a kind of job."""
    return str(KINDS.get(kind, kind))
