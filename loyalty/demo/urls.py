"""Addresses of the list of programs and of the demonstration."""

from django.urls import path

from loyalty.demo.mails import Mails
from loyalty.demo.programs import Brands, Programs

app_name = "demo"
urlpatterns = [
    path("", Programs.as_view(), name="programs"),
    path("programs.css", Brands.as_view(), name="brands"),
    path("demo/mail", Mails.as_view(), name="mail"),
]
