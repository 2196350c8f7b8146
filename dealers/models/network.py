"""The network: dealers, their outlets, contracts and budgets."""

from typing import ClassVar

import pghistory
from django.db import models

from core.models import Market, Program, Region
from core.models.revisions import Revised
from core.models.texts import Translated


class Dealer(Translated):
    """A company that runs outlets and shares the cost of the program."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="dealers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    market = models.ForeignKey(Market, models.PROTECT, related_name="dealers")
    region = models.ForeignKey(Region, models.PROTECT, related_name="dealers", null=True, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="dealer_code_once")]

    def __str__(self) -> str:
        """Name the dealer by its code."""
        return self.code


class Outlet(Translated):
    """A place where members earn or redeem; it belongs to a dealer, or stands alone as a partner's."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="outlets")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    market = models.ForeignKey(Market, models.PROTECT, related_name="outlets")
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="outlets", null=True, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="outlet_code_once")]

    def __str__(self) -> str:
        """Name the outlet by its code."""
        return self.code


@pghistory.track()
class Contract(Revised):
    """What a point is worth between a dealer and the program from a day on, in the base currency.

    ``earn_value`` is what the dealer pays for a point it funds, ``redeem_value`` what it gets for one redeemed with it;
    ``share_percent`` is its share of joint campaigns.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="contracts")
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="contracts")
    valid_from = models.DateField()
    earn_value = models.DecimalField(max_digits=18, decimal_places=8)
    redeem_value = models.DecimalField(max_digits=18, decimal_places=8)
    share_percent = models.DecimalField(max_digits=5, decimal_places=2)
    retired = models.BooleanField(default=False)

    class Meta(Revised.Meta):
        """One contract a dealer and first day."""

        constraints: ClassVar = [models.UniqueConstraint("dealer", "valid_from", name="contract_once_a_day")]


@pghistory.track()
class Budget(Revised):
    """A purse in the budget tree; its value lives in ledger accounts ``budget:<code>``, one a unit.

    ``points`` and ``money`` (currency → minor units) are what was allocated in all, not what is left.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="budgets")
    code = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)
    points = models.BigIntegerField(default=0)
    money = models.JSONField(default=dict, blank=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="budgets", null=True, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="budgets", null=True, blank=True)
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="budgets", null=True, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Revised.Meta):
        """One tree a program."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "code", name="budget_code_once"),
            models.UniqueConstraint(
                fields=["program"],
                name="budget_tree_has_one_root",
                condition=models.Q(parent__isnull=True, retired=False),
            ),
        ]

    def __str__(self) -> str:
        """Name the budget by its code."""
        return self.code
