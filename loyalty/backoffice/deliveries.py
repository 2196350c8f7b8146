"""Deliveries of redemptions: what went out, what did not and why, and once more for a member who asks."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.models import User
from core.refusals import Refusal
from loyalty.backoffice.base import Part, Records
from loyalty.backoffice.columns import Shade, short
from loyalty.identity import rights
from loyalty.operations.deliveries import Addresses, resend
from rewards.models import Delivery, Redemption

LABELS: Mapping[str, str] = {"queued": "info", "sent": "success", "failed": "danger"}
SEND = "members.change"


@admin.register(Delivery)
class DeliveryAdmin(Records):
    """Deliveries, newest first. Addresses are not kept."""

    list_display = (
        "shown_redemption",
        "channel",
        "shown_state",
        "first",
        "attempts",
        "last_error",
        "created_at",
        "sent_at",
    )
    list_filter = ("state", "channel")
    list_select_related = ("redemption",)
    search_fields = ("redemption__uuid__exact",)
    fields = (
        "redemption", "channel", "shown_state", "first", "asked_by", "attempts", "last_error", "created_at", "next_at",
        "sent_at",
    )  # fmt: skip
    readonly_fields = fields

    @display(description=_("state"), label=LABELS)
    def shown_state(self, row: Delivery) -> Shade:
        """In words and colour."""
        return Shade(row.state, row.get_state_display())

    @display(description=_("redemption"))
    def shown_redemption(self, row: Delivery) -> str:
        """Which one went out."""
        return short(row.redemption.uuid)


class DeliveryPart(Part):
    """What went out to the member of a redemption."""

    model = Delivery
    fields = ("channel", "state", "first", "asked_by", "attempts", "last_error", "created_at", "sent_at")
    readonly_fields = fields
    ordering = ("-pk",)


def channels_for(request: HttpRequest, row: Redemption) -> list[tuple[str, str]]:
    """How the reader may have a redemption sent again."""
    if row.state != Redemption.State.ISSUED or not _may_send(request, row):
        return []
    return [(name, str(Delivery.Channel(name).label)) for name in Addresses.of(row.member).channels()]


def send_again(request: HttpRequest, rows: Any, pk: int) -> HttpResponse:
    """Have one of these redemptions sent again, or say why not."""
    row: Redemption = get_object_or_404(rows, pk=pk)
    channel = request.POST.get("channel", "")
    if not _may_send(request, row) or not isinstance(request.user, User) or channel not in Delivery.Channel.values:
        raise Http404
    try:
        resend(redemption=row, channel=channel, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, gettext("It goes out within seconds."))
    return redirect("admin:rewards_redemption_change", pk)


def _may_send(request: HttpRequest, row: Redemption) -> bool:
    return rights.restrict(request.user, SEND, Redemption.objects.filter(pk=row.pk)).exists()
