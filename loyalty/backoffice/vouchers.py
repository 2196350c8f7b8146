"""Vouchers: who was given which, and what became of them."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.models import User
from core.refusals import RateLimited, Refusal
from loyalty.backoffice.base import Part
from loyalty.backoffice.columns import as_uuid, short
from loyalty.backoffice.members import OfMember
from loyalty.backoffice.reasons import ReasonForm
from loyalty.backoffice.voucher_words import STATES, use_lines, value_words
from loyalty.identity import rights
from loyalty.identity.fresh import demand_fresh
from members.rules.facts import local_date
from rewards.models import CodeReveal, Voucher
from rewards.rules.codes import masked
from rewards.rules.vouchers import shown_state
from rewards.selectors.vouchers import voucher_ids
from rewards.services.misses import note_miss, refuse_guessing
from rewards.services.reveals import reveal_code


class RevealPart(Part):
    """Who looked at the whole code."""

    model = CodeReveal
    fields = ("by", "at", "because", "request_id")
    readonly_fields = fields
    ordering = ("-pk",)


@admin.register(Voucher)
class VoucherAdmin(OfMember):
    """Vouchers of members; codes are masked, and those in stock are nobody's."""

    list_display = ("shown_id", "member", "reward", "shown_code", "shown_state", "issued_at", "expires_on", "used_at")
    list_filter = ("program", "state")
    list_select_related = ("member__market", "reward", "used_outlet")
    search_fields = ("member",)
    search_help_text = _("Code, random id, or the member: name, phone, e-mail, plate, VIN, member id")
    fields = (
        "uuid", "program", "member", "reward", "shown_code", "shown_state", "issued_at", "expires_on", "used_at",
        "used_outlet", "voided_at", "shown_value", "shown_uses", "event_id", "entitlement",
    )  # fmt: skip

    inlines = (RevealPart,)
    change_form_outer_before_template = "backoffice/voucher.html"

    def get_urls(self) -> list[Any]:
        """Looking at the whole code and searching by it have addresses of their own."""
        look = self.admin_site.admin_view(require_POST(self.look))
        find = self.admin_site.admin_view(require_POST(self.find))
        return [
            path("<int:pk>/code/", look, name="rewards_voucher_code"),
            path("find/", find, name="rewards_voucher_find"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with the way to the whole code for whoever may see it."""
        row = self.get_object(request, object_id)
        may_look = isinstance(row, Voucher) and _may_look(request, row)
        more = {**(extra_context or {}), "reason": ReasonForm() if may_look else None}
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def look(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The whole code, to somebody who showed who they are just now and says why; it is written down."""
        demand_fresh(request)
        row, by = self.get_queryset(request).filter(pk=pk).first(), request.user
        if row is None or not isinstance(by, User) or not _may_look(request, row):
            raise Http404
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        because = request.POST.get("because", "")
        try:
            reveal_code(voucher=row, by=by, because=because, request_id=request_id, at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal.detail))
            return redirect("admin:rewards_voucher_change", pk)
        self.log_change(request, row, gettext_noop("Looked at the whole code"))
        context = {**self.admin_site.each_context(request), "voucher": row, "title": str(row)}
        return TemplateResponse(request, "backoffice/voucher_code.html", context, headers={"Cache-Control": "no-store"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        """Those that somebody holds."""
        rows: QuerySet[Voucher] = super().get_queryset(request)
        return rows.filter(member__isnull=False)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The one of this id, else those of the members that the term names; codes are for ``find`` alone."""
        if uuid := as_uuid(search_term.strip()):
            return queryset.filter(uuid=uuid), False
        return super().get_search_results(request, queryset, search_term)

    def find(self, request: HttpRequest) -> HttpResponse:
        """What was typed in the list's search: to the voucher of this code, however it was typed, else to the list.

        Only what names an id or a member goes into the address: whatever else it is may be a code with a slip.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.POST.get("q", "").strip()
        rows, place = self.get_queryset(request), "admin:rewards_voucher_changelist"
        who, at = f"staff:{request.user.pk}", timezone.now()
        try:
            refuse_guessing(who=who, at=at)
        except RateLimited as refusal:
            messages.error(request, str(refusal.detail))
            return redirect(place)
        found = list(rows.filter(pk__in=_of_code(request, wanted)).values_list("pk", flat=True))
        if len(found) == 1:
            return redirect("admin:rewards_voucher_change", found[0])
        if found:
            return redirect(reverse(place, query={"id__in": ",".join(map(str, found))}))
        if wanted and not as_uuid(wanted) and not self.of(request, wanted)["member__in"]:
            if any(sign.isdigit() for sign in wanted):  # a slip in a name is no guess at a code
                note_miss(who=who, at=at)
            messages.warning(request, gettext("Not found"))
            return redirect(place)
        asked = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken" and value}
        return redirect(reverse(place, query=asked))

    @admin.display(description=_("random id"))
    def shown_id(self, row: Voucher) -> str:
        """Its beginning."""
        return short(row.uuid)

    @admin.display(description=_("code"))
    def shown_code(self, row: Voucher) -> str:
        """Only its end."""
        return masked(row.code)

    @admin.display(description=_("state"))
    def shown_state(self, row: Voucher) -> str:
        """As of the member's day."""
        return str(STATES[shown_state(row.state, row.expires_on, _today(row))])

    @admin.display(description=_("stored value"))
    def shown_value(self, row: Voucher) -> str:
        """How much of it is left."""
        return value_words(row)

    @admin.display(description=_("uses"))
    def shown_uses(self, row: Voucher) -> SafeString | str:
        """What outlets took and gave back: the evidence of a dispute."""
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in use_lines(row))) or "–"


def _of_code(request: HttpRequest, code: str) -> list[int]:
    """Vouchers of this code in the reader's programs."""
    return list(voucher_ids(programs=rights.programs_of(request.user), code=code)) if code else []


def _may_look(request: HttpRequest, row: Voucher) -> bool:
    """Whether the reader may see the codes of this voucher's member."""
    region = row.member.region_id if row.member else None
    return rights.may_at(request.user, "codes.view", program_id=row.program_id, region_id=region)


def _today(row: Voucher) -> date:
    zone = row.member.market.timezone if row.member else "UTC"
    return local_date(timezone.now(), ZoneInfo(zone))
