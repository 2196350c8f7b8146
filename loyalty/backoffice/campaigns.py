"""Campaigns: their texts, their versions, and the steps of their life."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.models import Campaign, CampaignStep, CampaignVersion
from campaigns.selectors.states import with_state
from campaigns.services.checks import check_campaign
from campaigns.services.publishing import Finding
from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Part, Texts
from loyalty.backoffice.budgets import drawing, paces_for
from loyalty.backoffice.budgets import shown as shown_pace
from loyalty.backoffice.columns import STATES
from loyalty.backoffice.reasons import ReasonForm
from loyalty.identity import rights
from loyalty.operations.campaign_life import steps_for, take_step

LABELS: dict[str, str | Promise] = {
    "submit": _("Submit for review"),
    "approve": _("Approve"),
    "reject": _("Send back"),
    "pause": _("Pause"),
    "resume": _("Resume"),
    "end": _("End for good"),
}


class NoteForm(ReasonForm):
    """Why a step is taken, for those who want to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let it be left out."""
        super().__init__(*args, **kwargs)
        self.fields["because"].required = False


class StateFilter(admin.SimpleListFilter):
    """By the state that people read, which follows from dates."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All states."""
        return [(state.value, str(state.label)) for state in Campaign.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that are in the chosen one now."""
        return queryset.filter(shown=self.value()) if self.value() else queryset


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
class CampaignAdmin(Texts):
    """Campaigns; what they do comes from the program file, the steps of their life are taken here too."""

    list_display = ("code", "name", "shown_state", "program", "retired")
    list_filter = ("program", StateFilter, "retired")
    search_fields = ("code", "name")
    texts: tuple[str, ...] = ("name", "text", "terms")
    hidden: tuple[str, ...] = ("state",)
    inlines = (StepPart, VersionPart)
    change_form_outer_before_template = "backoffice/campaign_head.html"

    class Media:
        """Charts."""

        css: ClassVar = {"all": ("css/office.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        """With the state that follows from dates."""
        return with_state(super().get_queryset(request), timezone.now())

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The state in words, and all columns but the texts."""
        return ("state_words", *super().get_readonly_fields(request, obj))

    @display(description=_("State"))
    def state_words(self, row: Any) -> str:
        """What a campaign is now, on its page."""
        return str(Campaign.State(row.shown).label)

    @display(description=_("State"), label=STATES)
    def shown_state(self, row: Any) -> tuple[str, str]:
        """What a campaign is now."""
        return row.shown, str(Campaign.State(row.shown).label)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What a second person is to read, or has read, stays as it is: drafts alone."""
        is_draft = not isinstance(obj, Campaign) or obj.state == Campaign.State.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: Any) -> None:
        """Write the texts of a draft that nobody has submitted meanwhile."""
        if Campaign.objects.select_for_update().filter(pk=obj.pk, state=Campaign.State.DRAFT).first() is None:
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        """Steps have an address of their own."""
        step = self.admin_site.admin_view(require_POST(self.step))
        return [path("<int:pk>/step/", step, name="campaigns_campaign_step"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what is to be known before it is published, and the steps that its reader may take next."""
        campaign = self.get_object(request, object_id)
        steps = _steps(request, campaign) if isinstance(campaign, Campaign) else []
        context = {
            "state": _shown_state(campaign) if isinstance(campaign, Campaign) else (),
            "is_fixed": self._is_fixed(request, campaign),
            "steps": [(name, LABELS[name]) for name in steps],
            "reason": NoteForm(),
            "findings": _findings(campaign) if isinstance(campaign, Campaign) else [],
            "paces": _paces(request, campaign) if isinstance(campaign, Campaign) else [],
            **(extra_context or {}),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def _is_fixed(self, request: HttpRequest, campaign: Model | None) -> bool:
        """Whether its reader could change the texts if it were still a draft."""
        may_change = rights.may_change(request.user, Campaign, campaign)
        return may_change and not self.has_change_permission(request, campaign)

    def step(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a step, or say why not."""
        campaign = self.get_queryset(request).select_related("program").filter(pk=pk).first()
        action, because = request.POST.get("action", ""), request.POST.get("because", "")
        if campaign is None or not isinstance(request.user, User) or action not in _steps(request, campaign):
            raise Http404
        try:
            take_step(action=action, campaign=campaign, by=request.user, because=because, at=timezone.now())
        except Refusal as refusal:
            for text in _sentences(refusal):
                messages.error(request, text)
        else:
            messages.success(request, gettext("Done."))
        return redirect("admin:campaigns_campaign_change", pk)


def _shown_state(campaign: Any) -> tuple[str | None, str]:
    """Colour and words."""
    return STATES[campaign.shown], str(Campaign.State(campaign.shown).label)


def _steps(request: HttpRequest, campaign: Campaign) -> list[str]:
    return steps_for(request.user, campaign) if isinstance(request.user, User) else []


def _findings(campaign: Campaign) -> list[Finding]:
    """What its check finds, as long as it is not published."""
    waits = campaign.state in {Campaign.State.DRAFT, Campaign.State.IN_REVIEW} and not campaign.retired
    return check_campaign(campaign, timezone.now()) if waits else []


def _paces(request: HttpRequest, campaign: Campaign) -> list[dict[str, Any]]:
    """The campaign's own budget in each unit, for whom it is to see."""
    rows = paces_for(request, campaign.program, "campaign", campaign.pk)
    return [{"link": shown_pace(row).link, **drawing(row)} for row in rows]


def _sentences(refusal: Refusal) -> list[str]:
    """Why it was refused, and every place that is wrong."""
    wrong = [error for error in refusal.errors if error.detail != refusal.detail]
    return [str(refusal.detail), *(f"{error.pointer.strip('/')}: {error.detail}" for error in wrong)]
