"""What was ordered from suppliers: the queue of people, and what two of them settle or give up."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Records
from loyalty.backoffice.columns import Shade
from loyalty.backoffice.finding import member_ids
from loyalty.backoffice.reasons import ReasonForm
from loyalty.display import formats
from loyalty.identity import rights
from rewards.models import SupplierOrder
from rewards.models.suppliers import FOR_PEOPLE
from rewards.services.settling import propose_settling, send_back, settle
from rewards.services.supplying import wake

LABELS: Mapping[str, str] = {
    "waiting": "info",
    "sent": "info",
    "delivered": "success",
    "refused": "warning",
    "cancelled": "warning",
    "unclear": "danger",
    "late": "danger",
    "proposed": "warning",
    "overdue": "danger",
}
State = SupplierOrder.State
NAMED = 100  # orders of different suppliers with one number, at most
CLOSED = {State.DELIVERED, State.LATE, State.SETTLED}
RUN, APPROVE = "suppliers.run", "suppliers.approve"
STEPS: Mapping[str, str] = {"propose": RUN, "confirm": APPROVE, "send-back": APPROVE}
SETTLED: Mapping[str, str] = {
    "propose": gettext_noop("Proposed to settle it"),
    "confirm": gettext_noop("Confirmed that it is settled"),
    "send-back": gettext_noop("Sent the proposal to settle it back"),
}


class PeopleFilter(admin.SimpleListFilter):
    """Orders that wait for people, by their index."""

    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """There is one thing to ask for."""
        return [("people", _("People"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The chosen ones."""
        return queryset.filter(FOR_PEOPLE) if self.value() else queryset


@admin.register(SupplierOrder)
class SupplierOrderAdmin(Records):
    """Orders; those that are unclear, overdue or were delivered too late wait for people, and two of these settle.

    Two also give up what was never sent.
    """

    list_display = (
        "po_number",
        "shown_member",
        "shown_reward",
        "supplier",
        "shown_state",
        "attempts",
        "next_at",
        "created_at",
    )
    list_filter = (PeopleFilter, "state", "supplier")
    list_select_related = ("supplier", "redemption__member", "redemption__reward")
    search_fields = ("po_number",)
    search_help_text = _("Order number, or name, phone, e-mail, plate, VIN or member id")
    fields = (
        "po_number", "shown_member", "shown_reward", "supplier", "shown_state", "number", "shown_cost", "attempts",
        "last_error", "created_at", "sent_at", "heard_at", "next_at", "overdue_since", "closed_at", "note",
        "proposed_by", "proposed_at", "confirmed_by", "confirmed_at",
    )  # fmt: skip
    readonly_fields = fields
    change_form_outer_before_template = "backoffice/supplier_order.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Those of the number, ours or theirs, or else of the members that the term names."""
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        numbered = SupplierOrder.objects.filter(Q(po_number=wanted) | Q(number=wanted)).values_list("pk", flat=True)
        if found := list(numbered[:NAMED]):
            return queryset.filter(pk__in=found), False
        return queryset.filter(redemption__member__in=list(member_ids(request.user, wanted))), False

    def get_urls(self) -> list[Any]:
        """What people do has addresses of its own."""
        ask = self.admin_site.admin_view(require_POST(self.ask_again))
        close = self.admin_site.admin_view(require_POST(self.settle))
        return [
            path("<int:pk>/ask/", ask, name="rewards_supplierorder_ask"),
            path("<int:pk>/settle/", close, name="rewards_supplierorder_settle"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what its reader may do."""
        row = self.get_object(request, object_id)
        own = _steps(request, row) if isinstance(row, SupplierOrder) else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**own, **(extra_context or {})})
        return response

    def ask_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the supplier asked now."""
        row = self._row(request, pk, RUN)
        if _can_ask(row) and wake(orders=SupplierOrder.objects.filter(pk=row.pk), at=timezone.now()):
            messages.success(request, gettext("The supplier is asked within seconds."))
        else:
            messages.error(request, gettext("Nothing is left to ask."))
        return redirect("admin:rewards_supplierorder_change", pk)

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a step of settling: one person says why, another confirms or sends back; who and why is kept."""
        step, by = request.POST.get("step", ""), request.user
        if step not in STEPS or not isinstance(by, User):
            raise Http404
        row, at = self._row(request, pk, STEPS[step]), timezone.now()
        acts: Mapping[str, Callable[[], SupplierOrder]] = {
            "propose": lambda: propose_settling(order=row, by=by, note=request.POST.get("because", ""), at=at),
            "confirm": lambda: settle(order=row, by=by, at=at),
            "send-back": lambda: send_back(order=row, by=by),
        }
        try:
            acts[step]()
        except Refusal as refusal:
            messages.error(request, str(refusal.errors[0].detail if refusal.errors else refusal.detail))
        else:
            self.log_change(request, row, SETTLED[step])
            messages.success(request, gettext("Done."))
        return redirect("admin:rewards_supplierorder_change", pk)

    def _row(self, request: HttpRequest, pk: int, right: str) -> SupplierOrder:
        row = self.get_queryset(request).filter(pk=pk).first()
        if not isinstance(row, SupplierOrder) or not _may(request, row, right):
            raise Http404
        return row

    @display(description=_("member"))
    def shown_member(self, row: SupplierOrder) -> str:
        """For whom."""
        return str(row.redemption.member)

    @display(description=_("reward"))
    def shown_reward(self, row: SupplierOrder) -> str:
        """What."""
        return str(row.redemption.reward)

    @display(description=_("state"), label=LABELS)
    def shown_state(self, row: SupplierOrder) -> Shade:
        """In words and colour."""
        if row.overdue_since:
            return Shade("overdue", gettext("Overdue"))
        if row.is_given_up_by_one:
            return Shade("proposed", pgettext("difference", "To be confirmed"))
        return Shade(row.state, row.get_state_display())

    @display(description=_("cost"))
    def shown_cost(self, row: SupplierOrder) -> str:
        """What the supplier charged."""
        return "–" if row.cost_minor is None else formats.amount(row.cost_minor, row.currency)


def _steps(request: HttpRequest, row: SupplierOrder) -> dict[str, Any]:
    """What the reader may do with an order."""
    runs, ends, is_proposed = _may(request, row, RUN), row.may_be_settled, row.proposed_by_id is not None
    confirms = ends and is_proposed and row.proposed_by_id != request.user.pk and _may(request, row, APPROVE)
    choices = [("confirm", _("Confirm")), ("send-back", _("Send back"))]
    return {
        "asks": runs and _can_ask(row),
        "reason": ReasonForm() if runs and ends and not is_proposed else None,
        "decisions": choices if confirms else [],
    }


def _can_ask(row: SupplierOrder) -> bool:
    """Whether the supplier would be asked: not while it is paused, nor for what somebody proposes to give up."""
    return row.state not in CLOSED and not row.supplier.paused and not row.is_given_up_by_one


def _may(request: HttpRequest, row: SupplierOrder, right: str) -> bool:
    return rights.restrict(request.user, right, SupplierOrder.objects.filter(pk=row.pk)).exists()
