"""Festivals that a market keeps on other days than the calendars say."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Market, Program
from core.models.revisions import Revised

MOST_SHIFTED = 7  # days


@pghistory.track()
class FestivalShift(Revised):
    """A festival that was announced for another day in a market: ``days`` later (or earlier) than it was calculated.

    ``falls_on`` is the calculated first day, so that a year with two Ramadans can shift either.
    """

    class Festival(models.TextChoices):
        """Festivals that campaigns know."""

        RAMADAN = "ramadan", _("Ramadan")
        EID_AL_FITR = "eid-al-fitr", _("Eid al-Fitr")
        EID_AL_ADHA = "eid-al-adha", _("Eid al-Adha")
        TET = "tet", _("Tết")
        SONGKRAN = "songkran", _("Songkran")
        HARI_RAYA = "hari-raya", _("Hari Raya")
        LUNAR_NEW_YEAR = "lunar-new-year", _("Lunar New Year")
        DIWALI = "diwali", _("Diwali")
        CHRISTMAS = "christmas", _("Christmas")
        NATIONAL_DAY = "national-day", _("National Day")

    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    market = models.ForeignKey(Market, models.CASCADE, related_name="+")
    festival = models.CharField(max_length=20, choices=Festival)
    falls_on = models.DateField()
    days = models.SmallIntegerField()

    class Meta(Revised.Meta):
        """One shift a festival and time; no shift is no row."""

        constraints: ClassVar = [
            models.UniqueConstraint("market", "festival", "falls_on", name="festival_shifted_once"),
            models.CheckConstraint(
                name="festival_is_shifted_a_little",
                condition=models.Q(days__gte=-MOST_SHIFTED, days__lte=MOST_SHIFTED) & ~models.Q(days=0),
            ),
        ]

    def __str__(self) -> str:
        """Name festival and market."""
        return f"{self.festival} {self.falls_on}, {self.market_id}"
