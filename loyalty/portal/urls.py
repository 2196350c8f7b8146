"""Addresses of the portal, under /p/{program}/."""

from django.urls import path

from loyalty.portal.brand import BrandIcon, BrandSheet, Manifest
from loyalty.portal.choose import Choose
from loyalty.portal.join import Join
from loyalty.portal.landing import LandingPage
from loyalty.portal.language import LanguageChoice
from loyalty.portal.sign_in import Code, PasswordSignIn, SignIn, SignOut

app_name = "portal"
urlpatterns = [
    path("", LandingPage.as_view(), name="home"),
    path("join/", Join.as_view(), name="join"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", Code.as_view(), name="code"),
    path("sign-in/password/", PasswordSignIn.as_view(), name="password"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("choose/", Choose.as_view(), name="choose"),
    path("language/", LanguageChoice.as_view(), name="language"),
    path("brand.css", BrandSheet.as_view(), name="brand"),
    path("icon.svg", BrandIcon.as_view(), name="icon"),
    path("manifest.webmanifest", Manifest.as_view(), name="manifest"),
]
