"""Addresses of the portal, under /p/{program}/."""

from django.urls import path

from loyalty.portal.activity import ActivityPage, Statement
from loyalty.portal.badges import BadgesPage
from loyalty.portal.brand import BrandIcon, BrandSheet, Manifest
from loyalty.portal.choose import Choose
from loyalty.portal.earn import EarnPage
from loyalty.portal.home import HomePage
from loyalty.portal.join import Join
from loyalty.portal.language import LanguageChoice
from loyalty.portal.notices import NoticesPage
from loyalty.portal.profile import LeavePage, MyData, ProfilePage
from loyalty.portal.sign_in import Code, PasswordSignIn, SignIn, SignOut
from loyalty.portal.terms import TermsPage
from loyalty.portal.tier import TierPage

app_name = "portal"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    path("earn/", EarnPage.as_view(), name="earn"),
    path("activity/", ActivityPage.as_view(), name="activity"),
    path("activity/statement.csv", Statement.as_view(), name="statement"),
    path("tier/", TierPage.as_view(), name="tier"),
    path("badges/", BadgesPage.as_view(), name="badges"),
    path("notices/", NoticesPage.as_view(), name="notices"),
    path("profile/", ProfilePage.as_view(), name="profile"),
    path("profile/my-data.json", MyData.as_view(), name="my-data"),
    path("profile/leave/", LeavePage.as_view(), name="leave"),
    path("join/", Join.as_view(), name="join"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", Code.as_view(), name="code"),
    path("sign-in/password/", PasswordSignIn.as_view(), name="password"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("choose/", Choose.as_view(), name="choose"),
    path("terms/", TermsPage.as_view(), name="terms"),
    path("language/", LanguageChoice.as_view(), name="language"),
    path("brand.css", BrandSheet.as_view(), name="brand"),
    path("icon.svg", BrandIcon.as_view(), name="icon"),
    path("manifest.webmanifest", Manifest.as_view(), name="manifest"),
]
