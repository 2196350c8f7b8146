"""Texts of rewards, and their history with every language."""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from rewards.models import Reward


@register(Reward)
class RewardTexts(TranslationOptions):
    """What members read about a reward."""

    fields = ("name", "text", "terms")


pghistory.track(exclude=["search"])(Reward)
