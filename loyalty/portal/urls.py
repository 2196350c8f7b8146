"""Addresses of the portal, under /p/{program}/."""

from django.urls import path

from loyalty.portal.accept import AcceptPage
from loyalty.portal.activity import ActivityPage, Statement
from loyalty.portal.badges import BadgesPage
from loyalty.portal.brand import AppIcon, BrandIcon, BrandSheet, Manifest
from loyalty.portal.card import CardPage
from loyalty.portal.choose import Choose
from loyalty.portal.earn import EarnPage
from loyalty.portal.freeze import FreezePage
from loyalty.portal.friends import FriendsPage, Invitation
from loyalty.portal.home import HomePage
from loyalty.portal.join import Join
from loyalty.portal.language import LanguageChoice
from loyalty.portal.leaderboards import LeaderboardPage, LeaderboardsPage
from loyalty.portal.notices import NoticesPage
from loyalty.portal.profile import LeavePage, MyData, ProfilePage
from loyalty.portal.redeem import RedeemPage
from loyalty.portal.redemptions import RedemptionPage, RedemptionsPage
from loyalty.portal.reward import RewardPage
from loyalty.portal.rewards import RewardsPage
from loyalty.portal.sign_in import Code, PasswordSignIn, SignIn, SignOut
from loyalty.portal.terms import TermsPage
from loyalty.portal.tier import TierPage
from loyalty.portal.vouchers import VoucherPage, VouchersPage

app_name = "portal"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    path("earn/", EarnPage.as_view(), name="earn"),
    path("rewards/", RewardsPage.as_view(), name="rewards"),
    path("rewards/<str:code>/", RewardPage.as_view(), name="reward"),
    path("rewards/<str:code>/redeem/", RedeemPage.as_view(), name="redeem"),
    path("redemptions/", RedemptionsPage.as_view(), name="redemptions"),
    path("redemptions/<uuid:redemption>/", RedemptionPage.as_view(), name="redemption"),
    path("activity/", ActivityPage.as_view(), name="activity"),
    path("activity/statement.csv", Statement.as_view(), name="statement"),
    path("tier/", TierPage.as_view(), name="tier"),
    path("badges/", BadgesPage.as_view(), name="badges"),
    path("card/", CardPage.as_view(), name="card"),
    path("vouchers/", VouchersPage.as_view(), name="vouchers"),
    path("vouchers/<uuid:voucher>/", VoucherPage.as_view(), name="voucher"),
    path("leaderboards/", LeaderboardsPage.as_view(), name="leaderboards"),
    path("leaderboards/<str:code>/", LeaderboardPage.as_view(), name="leaderboard"),
    path("friends/", FriendsPage.as_view(), name="friends"),
    path("r/<str:code>", Invitation.as_view(), name="invitation"),
    path("notices/", NoticesPage.as_view(), name="notices"),
    path("profile/", ProfilePage.as_view(), name="profile"),
    path("profile/my-data.json", MyData.as_view(), name="my-data"),
    path("profile/freeze/", FreezePage.as_view(), name="freeze"),
    path("profile/leave/", LeavePage.as_view(), name="leave"),
    path("join/", Join.as_view(), name="join"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", Code.as_view(), name="code"),
    path("sign-in/password/", PasswordSignIn.as_view(), name="password"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("choose/", Choose.as_view(), name="choose"),
    path("accept/", AcceptPage.as_view(), name="accept"),
    path("terms/", TermsPage.as_view(), name="terms"),
    path("language/", LanguageChoice.as_view(), name="language"),
    path("brand.css", BrandSheet.as_view(), name="brand"),
    path("icon.svg", BrandIcon.as_view(), name="icon"),
    path("icon-<int:size>.png", AppIcon.as_view(), name="app-icon"),
    path("manifest.webmanifest", Manifest.as_view(), name="manifest"),
]
