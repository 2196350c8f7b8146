"""What somebody with these roles wants to see first, in one program at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.models import Program
from dealers.models import StaffRole
from loyalty.backoffice import panels
from loyalty.identity import rights
from loyalty.operations.referral_review import APPROVE

type Read = Callable[[HttpRequest, Program], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: what it shows, and the permission that it takes, for all of the program if ``whole``."""

    permission: str
    read: Read = lambda _request, _program: {}
    whole: bool = True

    def shown_to(self, request: HttpRequest, program: Program) -> bool:
        """Whether the reader may see it."""
        may = rights.may_everywhere if self.whole else rights.may
        return may(request.user, self.permission, program)


PANELS: Mapping[str, Panel] = {
    "notices": Panel("office.view", panels.notices, whole=False),
    "search": Panel("members.view", whole=False),
    "figures": Panel("insights.view", panels.figures),
    "proofs": Panel("ledger.view", panels.proofs),
    "campaigns": Panel("campaigns.view", panels.campaigns, whole=False),
    "budgets": Panel("budgets.view", panels.budgets, whole=False),
    "pace": Panel("budgets.view", panels.pace),
    "approvals": Panel("redemptions.approve", panels.approvals, whole=False),
    "orders": Panel("suppliers.view", panels.waiting_orders, whole=False),
    "refusals": Panel("budgets.view", panels.refusals),
    "referrals": Panel(APPROVE, panels.held_referrals, whole=False),
    "reversals": Panel("events.view", panels.late_reversals, whole=False),
    "stock": Panel("rewards.view", panels.stock, whole=False),
    "jobs": Panel("jobs.view", panels.jobs),
    "health": Panel("system.view", panels.health),
}
_MARKETING = ("campaigns", "stock", "figures", "budgets", "jobs")
_FINANCE = ("approvals", "orders", "proofs", "figures", "budgets", "refusals", "search", "jobs")
_NETWORK = ("search", "figures", "budgets", "campaigns")
# What comes first for whom; superusers see what administrators see, and the books.
ORDER: Mapping[str, tuple[str, ...]] = {
    "marketer": _MARKETING,
    "campaign_approver": ("campaigns", "referrals", "figures", "budgets", "jobs"),
    "finance": _FINANCE,
    "finance_approver": ("approvals", "orders", "proofs", "referrals", *_FINANCE[3:]),
    "support": ("search", "orders", "reversals", "campaigns"),
    "channel_manager": _NETWORK,
    "regional_manager": _NETWORK,
    "dealer_manager": ("budgets", "campaigns"),
    "leadership": ("figures", "pace", "proofs", "campaigns", "budgets"),
    "administrator": ("health", "orders", "stock", "jobs", "search", "proofs", "campaigns"),
}


def landing(request: HttpRequest) -> dict[str, Any]:
    """The reader's programs, the chosen one, and its panels."""
    programs = list(rights.programs_of(request.user))
    wanted = request.GET.get("program")
    program = next((found for found in programs if found.code == wanted), programs[0] if programs else None)
    return {
        "programs": programs,
        "program": program,
        "panels": _panels(request, program) if program else [],
        "may_run": program is not None and rights.may(request.user, "jobs.run", program),
    }


def _panels(request: HttpRequest, program: Program) -> list[dict[str, Any]]:
    wanted = [name for role in _roles(request, program) for name in ORDER.get(role, ())]
    names = dict.fromkeys(["notices", *wanted])  # what is new comes first for everybody
    shown = [name for name in names if PANELS[name].shown_to(request, program)]
    return [{"template": f"backoffice/landing/{name}.html", **PANELS[name].read(request, program)} for name in shown]


def _roles(request: HttpRequest, program: Program) -> list[str]:
    if request.user.is_superuser:
        return ["administrator", "leadership", "finance_approver"]
    roles = StaffRole.objects.filter(user=request.user.pk, program=program)
    return list(roles.order_by("pk").values_list("role", flat=True))
