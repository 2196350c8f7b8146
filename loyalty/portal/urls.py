"""Addresses of the portal, under /p/{program}/."""

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
