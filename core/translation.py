"""Texts of core that operators write in several languages.

History is tracked here, after the language columns exist, so that it holds every language.
"""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from core.models import Market, Program, Region, Terms


@register(Program)
class ProgramTexts(TranslationOptions):
    """Program name and what its points are called."""

    fields = ("name", "points_name")


@register((Market, Region))
class PlaceTexts(TranslationOptions):
    """Names of places."""

    fields = ("name",)


@register(Terms)
class TermsTexts(TranslationOptions):
    """What is accepted."""

    fields = ("text",)


pghistory.track(exclude=["revision"])(Program)
pghistory.track()(Market)
pghistory.track()(Region)
