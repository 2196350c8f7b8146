"""Who may do what for a program."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program, Region
from dealers.models.network import Dealer, Outlet


@pghistory.track()
class StaffRole(models.Model):
    """A user's role in a program, for all of it or for one region, dealer or outlet.

    ``loyalty/identity/rights.py`` says what each role may see and do; ``docs/security.md`` is the table.
    """

    class Role(models.TextChoices):
        """What people who run a program are."""

        MARKETER = "marketer", _("Marketer")
        CAMPAIGN_APPROVER = "campaign_approver", _("Campaign approver")
        FINANCE = "finance", _("Finance")
        FINANCE_APPROVER = "finance_approver", _("Finance approver")
        SUPPORT = "support", _("Support")
        CHANNEL_MANAGER = "channel_manager", _("Channel manager")
        REGIONAL_MANAGER = "regional_manager", _("Regional manager")
        DEALER_MANAGER = "dealer_manager", _("Dealer manager")
        OUTLET_ADVISER = "outlet_adviser", _("Outlet adviser")
        LEADERSHIP = "leadership", _("Leadership")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_roles")
    program = models.ForeignKey(Program, models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, related_name="staff_roles", null=True, blank=True)
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="staff_roles", null=True, blank=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="staff_roles", null=True, blank=True)

    class Meta:
        """A role is held once, and every scoped role names its scope."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "program", "role", "region", "dealer", "outlet"],
                name="staff_role_held_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="scoped_role_names_its_scope",
                condition=(
                    models.Q(role="regional_manager", region__isnull=False)
                    | models.Q(role="dealer_manager", dealer__isnull=False)
                    | models.Q(role="outlet_adviser", outlet__isnull=False)
                    | ~models.Q(role__in=["regional_manager", "dealer_manager", "outlet_adviser"])
                ),
            ),
        ]

    def __str__(self) -> str:
        """Say who is what, and where."""
        return f"{self.user}: {self.get_role_display()}, {self.program.code}"
