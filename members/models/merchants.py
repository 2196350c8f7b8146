"""Members that are merchants."""

from django.db import models

from members.models.members import Member


class MerchantProfile(models.Model):
    """What is known of a merchant. ``agent`` is the external id of the agent who looks after it."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="merchant", primary_key=True)
    legal_name = models.CharField(max_length=200, default="", blank=True)
    trading_name = models.CharField(max_length=200, default="", blank=True)
    category = models.CharField(max_length=80, default="", blank=True)
    partner_type = models.CharField(max_length=80, default="", blank=True)
    agent = models.CharField(max_length=64, default="", blank=True)
    preferred = models.BooleanField(default=False)
