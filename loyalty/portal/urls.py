"""Addresses of the portal, under /p/{program}/."""

from django.urls import path

from loyalty.portal.brand import brand_sheet, manifest
from loyalty.portal.landing import LandingPage
from loyalty.portal.language import LanguageChoice

app_name = "portal"
urlpatterns = [
    path("", LandingPage.as_view(), name="home"),
    path("language/", LanguageChoice.as_view(), name="language"),
    path("brand.css", brand_sheet, name="brand"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
