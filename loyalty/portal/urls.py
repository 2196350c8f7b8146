"""Addresses of the portal, under /p/{program}/."""

from django.urls import path

from loyalty.portal.brand import BrandIcon, BrandSheet, Manifest
from loyalty.portal.landing import LandingPage
from loyalty.portal.language import LanguageChoice

app_name = "portal"
urlpatterns = [
    path("", LandingPage.as_view(), name="home"),
    path("language/", LanguageChoice.as_view(), name="language"),
    path("brand.css", BrandSheet.as_view(), name="brand"),
    path("icon.svg", BrandIcon.as_view(), name="icon"),
    path("manifest.webmanifest", Manifest.as_view(), name="manifest"),
]
