"""Texts of the network, and its history with every language."""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from dealers.models import Dealer, Outlet


@register((Dealer, Outlet))
class NetworkTexts(TranslationOptions):
    """Names."""

    fields = ("name",)


pghistory.track()(Dealer)
pghistory.track()(Outlet)
