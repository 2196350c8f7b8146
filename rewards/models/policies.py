"""What a program demands before points are spent."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program


@pghistory.track()
class RedemptionPolicy(models.Model):
    """Redemptions of ``approve_from_points`` and more wait for somebody's approval (None: none does).

    Those of a member within ``together_hours`` count as one, as far as nobody has looked at them (0: each by itself).
    For ``cooling_hours`` after a member's e-mail address, phone or device became another one no points are spent. A
    program without a row has neither. No program file says this: it is set in the back office.
    """

    program = models.OneToOneField(Program, models.CASCADE, related_name="redemption_policy", primary_key=True)
    approve_from_points = models.BigIntegerField(_("approval from so many points"), null=True, blank=True)
    together_hours = models.PositiveSmallIntegerField(
        _("hours within which several count as one"),
        default=24,
        help_text=_("So that nobody gets past approval in parts. What was approved does not count. 0: each alone."),
    )
    cooling_hours = models.PositiveSmallIntegerField(_("hours of cooling"), default=0)

    class Meta:
        """At most thirty days, of cooling and of counting together."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="approval_begins_at_a_point",
                condition=models.Q(approve_from_points=None) | models.Q(approve_from_points__gt=0),
            ),
            models.CheckConstraint(name="cooling_has_an_end", condition=models.Q(cooling_hours__lte=720)),
            models.CheckConstraint(name="together_has_an_end", condition=models.Q(together_hours__lte=720)),
        ]

    def __str__(self) -> str:
        """Name the program."""
        return str(self.program)
