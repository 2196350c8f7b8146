"""Addresses of the API: version 1, its description, the pages of problem types, and a refusal for all the rest."""

from django.urls import include, path, re_path

from loyalty.api import hooks, pages

urlpatterns = [
    path("api/v1/", include("loyalty.api.v1.urls")),
    path("hooks/suppliers/<uuid:uuid>/", hooks.supplier_hook, name="supplier-hook"),
    path("problems/", pages.problem_types, name="problem-types"),
    path("problems/<str:name>", pages.problem_type, name="problem-type"),
    re_path(r"^api(?:/|$)", pages.nothing_here),
]
