"""Addresses of version 1; docs/security.md says who may call which."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from loyalty.api.v1 import badges, events, goals, me, members, segments, tiers, wallets

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
    path("members/<str:member>/goals", goals.GoalsView.as_view(), name="goals"),
    path("segments/<str:code>/members", segments.SegmentMembersView.as_view(), name="segment-members"),
    path("me", me.MeProfileView.as_view(), name="me"),
    path("me/memberships", me.MeMembershipsView.as_view(), name="me-memberships"),
    path("me/wallet", me.MeWalletView.as_view(), name="me-wallet"),
    path("me/ledger", me.MeLedgerView.as_view(), name="me-ledger"),
    path("me/tier", me.MeTierView.as_view(), name="me-tier"),
    path("me/badges", me.MeBadgesView.as_view(), name="me-badges"),
    path("me/goals", me.MeGoalsView.as_view(), name="me-goals"),
    path("me/consents", me.MeConsentsView.as_view(), name="me-consents"),
]
