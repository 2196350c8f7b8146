"""Texts of members' configuration, and its history with every language."""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from members.models import EventType, Segment, Tier


@register((EventType, Segment, Tier))
class NamedTexts(TranslationOptions):
    """Names."""

    fields = ("name",)


pghistory.track()(EventType)
pghistory.track()(Segment)
pghistory.track()(Tier)
