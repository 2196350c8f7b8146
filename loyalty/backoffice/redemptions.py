"""Redemptions: what members bought, what waits for whom, and the second person's decision; the program's policy."""

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin import ChoicesFieldListFilter
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Bounded, ReadOnly, Records
from loyalty.backoffice.columns import ClientColumn, Shade, as_uuid, ids_beginning, money, short
from loyalty.backoffice.deliveries import DeliveryPart, channels_for, send_again
from loyalty.backoffice.finding import member_ids
from loyalty.backoffice.reasons import ReasonForm
from loyalty.backoffice.templatetags.office import change_page
from loyalty.backoffice.voucher_words import voucher_rows
from loyalty.display import formats
from loyalty.identity import rights
from loyalty.operations.redemption_review import DECISIONS, cancel, decide, may_cancel, may_decide
from members.models import Member
from members.rules.facts import local_date
from rewards.models import Redemption, RedemptionPolicy

LABELS: Mapping[str, str | None] = {"pending": "warning", "issued": "success", "cancelled": None}
WORDS: Mapping[str, Promise] = {"approve": _("Approve"), "reject": _("Reject")}
DONE: Mapping[str, str] = {"approve": gettext_noop("Approved it"), "reject": gettext_noop("Rejected it")}


class WaitsFilter(ChoicesFieldListFilter):
    """For whom redemptions wait: only pending ones do, and these have an index."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The chosen ones."""
        waiting = any(self.lookup_val or ())
        found = super().queryset(request, queryset.filter(state=Redemption.State.PENDING) if waiting else queryset)
        return queryset.none() if found is None else found


@admin.register(Redemption)
class RedemptionAdmin(ClientColumn, Records):
    """Redemptions, newest first; those that wait for approval are decided on their pages."""

    list_display = ("shown_id", "member", "reward", "quantity", "shown_points", "shown_state", "channel", "at")
    list_filter = ("program", "state", ("waits_for", WaitsFilter), "channel")
    list_select_related = ("member", "reward")
    search_fields = ("member",)
    search_help_text = _("Random id, reference, or the member: name, phone, e-mail, plate, VIN, member id")
    fields = (
        "uuid", "program", "member", "reward", "quantity", "shown_value", "shown_points", "shown_state",
        "shown_unseen", "shown_vouchers", "channel", "at", "recorded_at", "issued_at", "cancelled_at", "because",
        "asked_by", "note", "decided_by", "shown_client", "reference",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (DeliveryPart,)
    change_form_outer_before_template = "backoffice/redemption.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        """Without what nobody reads."""
        rows: QuerySet[Redemption] = super().get_queryset(request)
        return rows.defer("fingerprint")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The one of this id or number, those of this reference, or those of the members that the term names."""
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        named = Q(member__in=member_ids(request.user, wanted)) | (Q(reference=wanted) & ~Q(reference=""))
        if uuid := as_uuid(wanted):
            named |= Q(uuid=uuid)
        elif ids := ids_beginning(wanted):
            named |= Q(uuid__range=ids)
        return queryset.filter(named), False

    def get_urls(self) -> list[Any]:
        """Deciding, cancelling and sending again have addresses of their own."""
        decided = self.admin_site.admin_view(require_POST(self.decide))
        cancelled = self.admin_site.admin_view(require_POST(self.cancel))
        again = self.admin_site.admin_view(require_POST(self.again))
        return [
            path("<int:pk>/decide/", decided, name="rewards_redemption_decide"),
            path("<int:pk>/give-back/", cancelled, name="rewards_redemption_cancel"),
            path("<int:pk>/again/", again, name="rewards_redemption_again"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what the reader may do."""
        row = self.get_object(request, object_id)
        channels = channels_for(request, row) if isinstance(row, Redemption) else []
        reason = ReasonForm() if _is_cancellable(request, row) else None
        context = {"decisions": _decisions(request, row), "channels": channels, "reason": reason}
        context["frozen"] = isinstance(row, Redemption) and _is_held_up(row)
        context |= extra_context or {}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or reject, or say why not; who did it is written down."""
        row = self.get_queryset(request).filter(pk=pk).first()
        decision, user = request.POST.get("decision", ""), request.user
        if row is None or decision not in DECISIONS or not isinstance(user, User) or not may_decide(user, row):
            raise Http404
        try:
            decide(redemption=row, decision=decision, by=user, at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal.errors[0].detail if refusal.errors else refusal.detail))
        else:
            self.log_change(request, row, DONE[decision])
            messages.success(request, gettext("Done."))
        return redirect("admin:rewards_redemption_change", pk)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel it and give the points back, or say why not; who did it and why is written down."""
        row, by = self.get_queryset(request).filter(pk=pk).first(), request.user
        if row is None or not isinstance(by, User) or not may_cancel(by, row):
            raise Http404
        try:
            cancel(redemption=row, reason=request.POST.get("because", ""), by=by, at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal.errors[0].detail if refusal.errors else refusal.detail))
        else:
            self.log_change(request, row, gettext_noop("Cancelled it"))
            messages.success(request, gettext("Done."))
        return redirect("admin:rewards_redemption_change", pk)

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it to the member once more."""
        return send_again(request, self.get_queryset(request), pk)

    @display(description=_("State"), label=LABELS)
    def shown_state(self, row: Redemption) -> Shade:
        """In words and colour, with what it waits for."""
        state = str(row.get_state_display())
        return Shade(row.state, f"{state} · {row.get_waits_for_display()}" if row.waits_for else state)

    @admin.display(description=_("random id"))
    def shown_id(self, row: Redemption) -> str:
        """Its beginning."""
        return short(row.uuid)

    @admin.display(description=_("points"))
    def shown_points(self, row: Redemption) -> str:
        """What it cost."""
        return formats.number(row.points)

    @admin.display(description=_("redeemed besides, unseen"))
    def shown_unseen(self, row: Redemption) -> str:
        """Points of the member's others that counted when it had to be approved."""
        return formats.number(row.unseen_points) if row.unseen_points else "–"

    @admin.display(description=_("vouchers"))
    def shown_vouchers(self, row: Redemption) -> SafeString | str:
        """What came of it, each with the end of its code, its state, and the way to its page."""
        today = local_date(timezone.now(), ZoneInfo(row.member.market.timezone))
        found = voucher_rows(row.vouchers.order_by("pk"), today)
        lines = ((change_page(one["row"]), one["code"], one["state_name"]) for one in found)
        return format_html_join(mark_safe("<br>"), '<a class="text-link" href="{}">{}</a> · {}', lines) or "–"

    @admin.display(description=_("value of a piece"))
    def shown_value(self, row: Redemption) -> str:
        """Where it has one."""
        return money(row.value_minor, row.currency)


def _decisions(request: HttpRequest, row: Model | None) -> list[tuple[str, Promise]]:
    """What the reader may decide."""
    if not isinstance(row, Redemption) or row.waits_for != Redemption.WaitsFor.APPROVAL:
        return []
    user = request.user
    if not isinstance(user, User) or not may_decide(user, row):
        return []
    return [one for one in WORDS.items() if one[0] != "approve" or not _is_held_up(row)]


def _is_held_up(row: Redemption) -> bool:
    """Whether it waits, and its member is frozen."""
    return row.state == Redemption.State.PENDING and row.member.status == Member.Status.FROZEN


def _is_cancellable(request: HttpRequest, row: Model | None) -> bool:
    """Whether the reader may cancel it, and its state does not say already that nobody can."""
    if not isinstance(row, Redemption) or row.state == Redemption.State.CANCELLED:
        return False
    user = request.user
    return row.waits_for != Redemption.WaitsFor.SUPPLIER and isinstance(user, User) and may_cancel(user, row)


@admin.register(RedemptionPolicy)
class RedemptionPolicyAdmin(Bounded, ReadOnly):
    """What each program demands before points are spent."""

    bounds: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "approve_from_points": {"min_value": 1},
        "together_hours": {"max_value": 720},
        "cooling_hours": {"max_value": 720},
    }
    list_display = ("program", "approve_from_points", "together_hours", "cooling_hours")
    list_select_related = ("program",)
    search_fields = ("program__code", "program__name")
    fields = ("program", "approve_from_points", "together_hours", "cooling_hours")
    readonly_fields = ("program",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators."""
        return rights.may_change(request.user, RedemptionPolicy, obj)
