"""Offers that members were given: read only, found by whose they are."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Offer
from loyalty.backoffice.columns import STATES, ClientColumn, offer_state
from loyalty.backoffice.members import OfMember


@admin.register(Offer)
class OfferAdmin(ClientColumn, OfMember):
    """Offers, newest first."""

    list_display = ("id", "campaign", "member", "shown_state", "at", "until", "completed_at", "reference")
    list_filter = ("program", "state")
    list_select_related = ("campaign", "member")
    search_fields = ("member",)
    fields = (
        "program", "campaign", "member", "state", "at", "until", "seen_at", "activated_at", "completed_at",
        "completed_by", "is_closed", "shown_client", "reference", "recorded_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without what nobody reads."""
        return super().get_queryset(request).defer("fingerprint")

    @display(description=_("State"), label=STATES)
    def shown_state(self, row: Offer) -> tuple[str, str]:
        """In words and colour; that it has expired follows from its end."""
        return offer_state(row)
