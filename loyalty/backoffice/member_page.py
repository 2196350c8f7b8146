"""Member 360: everything about one member on one page, in tabs whose addresses can be shared."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from unfold.admin import ModelAdmin

from campaigns.selectors.holdings import member_holdings
from campaigns.services.configuration import current_configuration
from loyalty.backoffice.member_tabs import TABS
from loyalty.identity import rights
from loyalty.identity.fresh import demand_fresh
from members.models import Member, MemberIdentity

PARTS = ("program", "market", "region", "tier", "identity", "merchant", "user")


def member_page(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page; 404 for members that the reader may not see."""
    member = _member(admin, request, object_id)
    tabs = {name: tab for name, tab in TABS.items() if rights.may(request.user, tab.permission, member.program)}
    name = request.GET.get("tab", "overview")
    if name not in tabs:
        raise Http404
    with timezone.override(member.market.timezone):
        at = timezone.now()
        context = {
            **admin.admin_site.each_context(request),
            **_header(request, member),
            **tabs[name].read(request, member, at),
            "opts": admin.opts,
            "title": str(member),
            "original": member,
            "tabs": tabs,
            "tab": name,
            "body": f"backoffice/member/{name}.html",
            "holdings": _holdings(request, member),
        }
        return TemplateResponse(request, "backoffice/member.html", context).render()


def reveal(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Contact data in full, to somebody who showed who they are just now; it is written down that they looked."""
    demand_fresh(request)
    member = _member(admin, request, str(object_id))
    if request.method != "POST" or not _may_know(request, member):
        raise Http404
    admin.log_change(request, member, gettext_noop("Looked at the contact data"))
    context = {**admin.admin_site.each_context(request), "member": member, "opts": admin.opts, "title": str(member)}
    return TemplateResponse(request, "backoffice/member/contact.html", context)


def _member(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Member:
    rows = admin.get_queryset(request).select_related(*PARTS)
    member: Member | None = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
    if member is None:
        raise Http404
    return member


def _header(request: HttpRequest, member: Member) -> dict[str, Any]:
    """Who it is, as far as the reader may know; contact data only hinted at."""
    known = _may_know(request, member)
    identity: MemberIdentity | None = getattr(member, "identity", None) if known else None
    merchant = getattr(member, "merchant", None) if known else None
    name = (merchant and merchant.trading_name) or (identity and identity.name) or ""
    return {"member": member, "identity": identity, "merchant": merchant, "name": name, "may_know": known}


def _may_know(request: HttpRequest, member: Member) -> bool:
    """Whether the reader may know who this member is."""
    return rights.may_at(request.user, "personal_data.view", program_id=member.program_id, region_id=member.region_id)


def _holdings(request: HttpRequest, member: Member) -> Any:
    if not rights.may(request.user, "ledger.view", member.program):
        return None
    rates = current_configuration(member.program_id).program.rates
    return member_holdings(program=member.program, member=member, rates=rates, at=timezone.now())
