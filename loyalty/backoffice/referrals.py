"""Referrals: who brought whom, what guards saw, and the reviewer's decision."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.selectors.referrals import referral_views
from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Part, Records
from loyalty.backoffice.columns import Shade
from loyalty.backoffice.finding import member_ids
from loyalty.backoffice.reasons import ReasonForm
from loyalty.display.referral_words import GUARDS, STATES, what_was_seen
from loyalty.identity import rights
from loyalty.operations.referral_review import may_review, review
from members.models import Member, Referral, ReferralReview

LABELS: Mapping[str, str] = {"clear": "info", "held": "warning", "approved": "success", "refused": "danger"}
DECISIONS: Mapping[str, Promise] = {"approve": _("Approve"), "reject": _("Reject")}


class ReviewPart(Part):
    """Who decided what, when and why."""

    model = ReferralReview
    fields = ("decision", "by", "because", "at")
    readonly_fields = fields
    ordering = ("-pk",)


@admin.register(Referral)
class ReferralAdmin(Records):
    """The queue of those held back, and all others."""

    list_display = ("id", "friend", "referrer", "shown_verdict", "shown_reason", "joined_at", "qualified_at")
    list_filter = ("program", "verdict", "reason")
    list_select_related = ("friend", "referrer")
    search_fields = ("friend",)
    search_help_text = _("Name, phone, e-mail, plate, VIN or member id")
    fields = (
        "program",
        "friend",
        "referrer",
        "verdict",
        "shown_reason",
        "joined_at",
        "met_at",
        "due_at",
        "qualified_at",
    )
    readonly_fields = fields
    inlines = (ReviewPart,)
    change_form_outer_before_template = "backoffice/referral.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Referrals of the members that the term names, at either end."""
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        found = list(member_ids(request.user, wanted))
        return queryset.filter(Q(friend__in=found) | Q(referrer__in=found)), False

    def get_urls(self) -> list[Any]:
        """Deciding has an address of its own."""
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<int:pk>/review/", decide, name="members_referral_review"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with the evidence, and the decision for whoever may take it."""
        row = self.get_object(request, object_id)
        context = {**_context(request, row), **(extra_context or {})} if isinstance(row, Referral) else extra_context
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or reject, or say why not."""
        row = self.get_queryset(request).filter(pk=pk).first()
        decision, user = request.POST.get("decision", ""), request.user
        if row is None or decision not in DECISIONS or not isinstance(user, User) or not may_review(user, row):
            raise Http404
        because = request.POST.get("because", "")
        try:
            review(referral=row, decision=decision, by=user, because=because, at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal.detail))
        else:
            messages.success(request, gettext("Done."))
        return redirect("admin:members_referral_change", pk)

    @display(description=pgettext_lazy("referral", "Verdict"), label=LABELS)
    def shown_verdict(self, row: Referral) -> Shade:
        """In words and colour."""
        return Shade(row.verdict, row.get_verdict_display())

    @display(description=_("Reason"))
    def shown_reason(self, row: Referral) -> str:
        """Which guard, or that a person decided."""
        return str(GUARDS[row.reason]) if row.reason else "–"


def _context(request: HttpRequest, row: Referral) -> dict[str, Any]:
    (view,) = referral_views([row.pk])
    decides = isinstance(request.user, User) and may_review(request.user, row)
    return {
        "view": view,
        "state": STATES[view.state],
        "seen": _seen(request, view.evidence),
        "decisions": _open(row) if decides else [],
        "reason": ReasonForm(),
    }


def _open(row: Referral) -> list[tuple[str, Promise]]:
    """What can still be decided."""
    if row.reason == Referral.Reason.REVIEW:
        return []
    held = row.verdict in {Referral.Verdict.HELD, Referral.Verdict.REFUSED}
    return [(name, text) for name, text in DECISIONS.items() if held or name == "reject"]


def _seen(request: HttpRequest, evidence: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What guards saw, with links to the members that the reader may see; one query."""
    uuids = {uuid for one in evidence for uuid in one["with"]}
    rows = rights.visible(request.user, Member.objects.filter(uuid__in=uuids)) if uuids else Member.objects.none()
    known = {str(row.uuid): row for row in rows}
    return [
        {
            **what_was_seen(one),
            "members": [known[uuid] for uuid in one["with"] if uuid in known],
            "with": len(one["with"]),
            "all": len(one["with"]),
        }
        for one in evidence
    ]
