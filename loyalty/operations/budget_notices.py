"""Who is told that a budget runs out: finance of the program or of the budget's place, and who owns the campaign."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import BudgetAlert, Campaign, CampaignStep
from core.models import OutboxMessage, Program, User
from dealers.models import Budget, StaffNotice, StaffRole
from dealers.services.staff_notices import tell_staff
from loyalty.identity import rights

FINANCE = (StaffRole.Role.FINANCE, StaffRole.Role.FINANCE_APPROVER)
OWNING = (CampaignStep.Action.SUBMIT, CampaignStep.Action.LOAD)


def tell_budgets(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Tell people of alerts, each person once an alert."""
    alerts = BudgetAlert.objects.select_related("account", "campaign", "program").in_bulk(
        [message.payload["alert"] for message in messages]
    )
    for message in messages:
        alert = alerts[message.payload["alert"]]
        tell_staff(
            program_id=alert.program_id,
            users=concerned(alert),
            kind=StaffNotice.Kind.BUDGET_LOW,
            key=f"budget:{alert.pk}",
            values=message.payload,
            at=at,
        )


def concerned(alert: BudgetAlert) -> set[int]:
    """Ids of the users to be told."""
    roles = StaffRole.objects.filter(program=alert.program, role__in=FINANCE, user__is_active=True)
    finance = User.objects.filter(pk__in=roles.values("user"))
    if alert.campaign is not None:
        whole = {user.pk for user in finance if rights.may_everywhere(user, "budgets.view", alert.program)}
        return whole | _owner(alert.campaign, alert.program)
    budget = Budget.objects.filter(program=alert.program, code=alert.account.code.removeprefix("budget:")).first()
    return {user.pk for user in finance if budget is not None and _sees(user, budget)}


def _sees(user: User, budget: Budget) -> bool:
    """Whether the user's roles reach a budget."""
    rows = Budget.objects.filter(pk=budget.pk)
    return rights.restrict(user, "budgets.view", rows).exists()


def _owner(campaign: Campaign, program: Program) -> set[int]:
    """Who submitted or loaded the campaign last, if still with the program."""
    steps = CampaignStep.objects.filter(campaign=campaign, action__in=OWNING, by__is_active=True)
    step = steps.select_related("by").order_by("-id").first()
    if step is None or step.by is None or not rights.may(step.by, "campaigns.view", program):
        return set()
    return {step.by.pk}
