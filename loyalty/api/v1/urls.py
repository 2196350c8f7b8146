"""Addresses of version 1; docs/security.md says who may call which."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from loyalty.api.v1 import badges, events, members, segments, tiers, wallets

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("events", events.EventsView.as_view(), name="events"),
    path("events/batch", events.EventsBatchView.as_view(), name="events-batch"),
    path("events/one", events.EventView.as_view(), name="event"),
    path("members", members.MembersView.as_view(), name="members"),
    path("members/batch", members.MembersBatchView.as_view(), name="members-batch"),
    path("members/<str:member>", members.MemberView.as_view(), name="member"),
    path("members/<str:member>/wallet", wallets.WalletView.as_view(), name="wallet"),
    path("members/<str:member>/ledger", wallets.LedgerView.as_view(), name="ledger"),
    path("members/<str:member>/tier", tiers.TierView.as_view(), name="tier"),
    path("members/<str:member>/badges", badges.BadgesView.as_view(), name="badges"),
    path("segments/<str:code>/members", segments.SegmentMembersView.as_view(), name="segment-members"),
]
