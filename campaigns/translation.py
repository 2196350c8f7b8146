"""Texts of campaigns, and their history with every language."""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from campaigns.models import Badge, Campaign, Leaderboard


@register(Campaign)
class CampaignTexts(TranslationOptions):
    """What members read about a campaign."""

    fields = ("name", "text", "terms")


@register(Badge)
class BadgeTexts(TranslationOptions):
    """Names."""

    fields = ("name",)


@register(Leaderboard)
class LeaderboardTexts(TranslationOptions):
    """Names."""

    fields = ("name",)


pghistory.track()(Campaign)
pghistory.track()(Badge)
pghistory.track()(Leaderboard)
