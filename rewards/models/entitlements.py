"""What a tier entitles its members to, a year at a time."""

from typing import ClassVar

from django.db import models

from members.models import Member
from rewards.models.rewards import Reward


class Entitlement(models.Model):
    """A benefit (``code``) of a member's tier, from ``starts_on`` through ``expires_on`` (local days).

    Each time that it may be used is a voucher of the reward. The row stays when the tier is lost and its unused
    vouchers are void, so that whoever comes back within the year has not more than a year's worth.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="entitlements", db_index=False)
    code = models.CharField(max_length=40)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField()
    expires_on = models.DateField()

    class Meta:
        """One a benefit and year."""

        constraints: ClassVar = [
            models.UniqueConstraint("member", "code", "starts_on", name="entitlement_once_a_year"),
            models.CheckConstraint(
                name="entitlement_ends_after_it_starts", condition=models.Q(expires_on__gt=models.F("starts_on"))
            ),
        ]
