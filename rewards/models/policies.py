"""What a program demands before points are spent."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program


@pghistory.track()
class RedemptionPolicy(models.Model):
    """Redemptions of ``approve_from_points`` and more wait for somebody's approval (None: none does).

    Several of a member within 24 hours count as one, as far as nobody has looked at them (``rewards.rules.approvals``).
    For ``cooling_hours`` after a member's e-mail address, phone or device became another one no points are spent. A
    program without a row has neither. No program file says this: it is set in the back office.
    """

    program = models.OneToOneField(Program, models.CASCADE, related_name="redemption_policy", primary_key=True)
    approve_from_points = models.BigIntegerField(
        _("approval from so many points"),
        null=True,
        blank=True,
        help_text=_("Several of a member within 24 hours count as one, as far as nobody has approved them."),
    )
    cooling_hours = models.PositiveSmallIntegerField(_("hours of cooling"), default=0)

    class Meta:
        """At most thirty days of cooling."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="approval_begins_at_a_point",
                condition=models.Q(approve_from_points=None) | models.Q(approve_from_points__gt=0),
            ),
            models.CheckConstraint(name="cooling_has_an_end", condition=models.Q(cooling_hours__lte=720)),
        ]

    def __str__(self) -> str:
        """Name the program."""
        return str(self.program)
