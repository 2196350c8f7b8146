"""What categories and kinds of rewards are called."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.rules.categories import plain_name

CATEGORY_NAMES: Mapping[str, Promise] = {
    "food": _("Food & drinks"),
    "groceries": _("Groceries"),
    "shopping": _("Shopping"),
    "fashion": _("Fashion"),
    "beauty": _("Beauty"),
    "health": _("Health & spa"),
    "home": _("Home & living"),
    "electronics": _("Electronics"),
    "entertainment": _("Entertainment"),
    "travel": _("Travel & rides"),
    "fuel": _("Fuel & charging"),
    "motoring": _("Car care"),
    "telecom": _("Mobile & data"),
    "bills": _("Bills & utilities"),
    "business": _("Business & office"),
}


def category_name(code: str) -> str:
    """The name of a category in the language that is spoken; of a program's own, its code."""
    return str(CATEGORY_NAMES.get(code, plain_name(code)))


class Kind(models.TextChoices):
    """What a reward is."""

    VOUCHER = "voucher", _("Voucher")
    GIFT_CARD = "gift_card", _("Gift card")
    PREPAID_CREDIT = "prepaid_credit", _("Prepaid credit")
    EXPERIENCE = "experience", _("Experience")
    MERCHANDISE = "merchandise", _("Merchandise")
    CASHBACK = "cashback", _("Cashback")
    ENTITLEMENT = "entitlement", _("Benefit")


class Stock(models.TextChoices):
    """Where pieces come from."""

    CODES = "codes", _("List of codes")
    GENERATED = "generated", _("Codes made here")
    UNLIMITED = "unlimited", _("Unlimited")
    SUPPLIER = "supplier", _("Supplier")


class Per(models.TextChoices):
    """The period in which a member may take a number of a reward."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")
    LIFETIME = "lifetime", _("Lifetime")
