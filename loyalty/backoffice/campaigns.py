"""Campaigns: their texts, their versions, and the steps of their life."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.models import Campaign, CampaignStep, CampaignVersion
from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Part, Texts
from loyalty.backoffice.columns import StateColumn
from loyalty.operations.campaign_life import steps_for, take_step

LABELS: dict[str, str | Promise] = {
    "submit": _("Submit for review"),
    "approve": _("Approve"),
    "reject": _("Send back"),
    "pause": _("Pause"),
    "resume": _("Resume"),
    "end": _("End for good"),
}


class ReasonForm(forms.Form):
    """Why a step is taken."""

    because = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=UnfoldAdminTextInputWidget)


class VersionPart(Part):
    """Versions of a campaign."""

    model = CampaignVersion
    fields = ("number", "created_at", "definition", "festival_days")
    readonly_fields = fields
    ordering: ClassVar[tuple[str, ...]] = ("-number",)


class StepPart(Part):
    """Who did what, when and why."""

    model = CampaignStep
    fields = ("action", "from_state", "to_state", "by", "operator", "because", "at")
    readonly_fields = fields
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)


@admin.register(Campaign)
class CampaignAdmin(StateColumn, Texts):
    """Campaigns; what they do comes from the program file, the steps of their life are taken here too."""

    list_display = ("code", "name", "shown_state", "program", "retired")
    list_filter = ("program", "state", "retired")
    search_fields = ("code", "name")
    texts: tuple[str, ...] = ("name", "text", "terms")
    inlines = (StepPart, VersionPart)
    change_form_outer_before_template = "backoffice/campaign_steps.html"

    def get_urls(self) -> list[Any]:
        """Steps have an address of their own."""
        step = self.admin_site.admin_view(require_POST(self.step))
        return [path("<int:pk>/step/", step, name="campaigns_campaign_step"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with the steps that its reader may take next."""
        campaign = self.get_object(request, object_id)
        steps = _steps(request, campaign) if isinstance(campaign, Campaign) else []
        context = {"steps": [(name, LABELS[name]) for name in steps], "reason": ReasonForm(), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def step(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a step, or say why not."""
        campaign = self.get_queryset(request).select_related("program").filter(pk=pk).first()
        action, reason = request.POST.get("action", ""), ReasonForm(request.POST)
        if campaign is None or not isinstance(request.user, User) or action not in _steps(request, campaign):
            raise Http404
        because = reason.cleaned_data["because"] if reason.is_valid() else ""
        try:
            take_step(action=action, campaign=campaign, by=request.user, because=because, at=timezone.now())
        except Refusal as refusal:
            for text in _sentences(refusal):
                messages.error(request, text)
        else:
            messages.success(request, gettext("Done."))
        return redirect("admin:campaigns_campaign_change", pk)


def _steps(request: HttpRequest, campaign: Campaign) -> list[str]:
    return steps_for(request.user, campaign) if isinstance(request.user, User) else []


def _sentences(refusal: Refusal) -> list[str]:
    """Why it was refused, and every place that is wrong."""
    wrong = [error for error in refusal.errors if error.detail != refusal.detail]
    return [str(refusal.detail), *(f"{error.pointer.strip('/')}: {error.detail}" for error in wrong)]
