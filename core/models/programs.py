"""Programs, their markets and regions, and the rates between their currencies."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from modeltranslation.manager import MultilingualManager

from core.models.revisions import Revised
from core.models.texts import Translated


class Program(models.Model):
    """One loyalty program. ``currency`` is the base in which amounts are compared and reported.

    ``points_expire`` is ``"never"``, ``{"months": 12, "at": "month_end" | "day"}`` or ``{"inactivity_months": 12}``;
    ``points_forms`` are what points are called where a language counts in several forms,
    ``{language: {category: text}}`` with the plural categories of CLDR; ``points_name`` is for all other numbers.
    ``liability_value`` is the value of one point in the base currency. ``revision`` counts changes of configuration:
    it is written by triggers and tells processes when to read the configuration anew.
    ``joining`` says who joins by themselves: ``{"as"?, "categories"?: [{"code", "name": {language: text}}]}``, see
    ``members.rules.joining``; ``terms`` are those in force, if there are any.
    """

    class Reversal(models.TextChoices):
        """What becomes of points that a reversed award cannot find any more."""

        DEBT = "debt", _("Debt")
        FORGIVE = "forgive", _("Forgive")
        ONLY_PENDING = "only_pending", _("Only pending")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    languages = ArrayField(models.CharField(max_length=8))
    currency = models.CharField(max_length=3)
    timezone = models.CharField(max_length=64)
    points_name = models.CharField(max_length=60)
    points_forms = models.JSONField(default=dict, blank=True)
    points_expire = models.JSONField(default=dict)
    pending_days = models.PositiveSmallIntegerField(default=0)
    liability_value = models.DecimalField(max_digits=18, decimal_places=8)
    reversal = models.CharField(max_length=16, choices=Reversal, default=Reversal.DEBT)
    holdout_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    brand = models.JSONField(default=dict, blank=True)
    tier_review = models.JSONField(default=dict, blank=True)
    joining = models.JSONField(default=dict, blank=True)
    terms = models.ForeignKey("core.Terms", models.SET_NULL, related_name="+", null=True, blank=True)
    revision = models.BigIntegerField(default=0, editable=False)

    objects = MultilingualManager()

    class Meta:
        """A holdout is a share of the members."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="program_holdout_is_a_percentage",
                condition=models.Q(holdout_percent__gte=0, holdout_percent__lte=100),
            )
        ]

    def __str__(self) -> str:
        """Name the program by its code."""
        return self.code


@pghistory.track()
class Rate(Revised):
    """Base units for one unit of ``currency``, from a day on until the next rate begins."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=24, decimal_places=12)

    class Meta(Revised.Meta):
        """One positive rate a currency and day."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "currency", "valid_from", name="rate_once_a_day"),
            models.CheckConstraint(name="rate_is_positive", condition=models.Q(rate__gt=0)),
        ]


class Market(Translated):
    """A country the program runs in, with its currency, time zone and languages."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="markets")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    timezone = models.CharField(max_length=64)
    languages = ArrayField(models.CharField(max_length=8))
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="market_code_once")]

    def __str__(self) -> str:
        """Name the market by its code."""
        return self.code


class Region(Translated):
    """A part of a market."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="regions")
    market = models.ForeignKey(Market, models.PROTECT, related_name="regions")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="region_code_once")]

    def __str__(self) -> str:
        """Name the region by its code."""
        return self.code
