"""Addresses of the list of programs and of the demonstration."""

from django.urls import URLPattern

app_name = "demo"
urlpatterns: list[URLPattern] = []
