"""Vehicles that members own."""

from typing import ClassVar

from django.db import models

from core.models import Program
from members.models.members import Member


class Vehicle(models.Model):
    """A car and its present owner; a VIN belongs to one member of a program at a time."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="vehicles")
    vin = models.CharField(max_length=40)
    plate = models.CharField(max_length=20, default="", blank=True)
    model = models.CharField(max_length=80, default="", blank=True)
    bought_on = models.DateField(null=True, blank=True)
    warranty_until = models.DateField(null=True, blank=True)

    class Meta:
        """Found by VIN and by plate."""

        constraints: ClassVar = [models.UniqueConstraint("program", "vin", name="vehicle_vin_once")]
        indexes: ClassVar = [models.Index(fields=["program", "plate"], name="vehicle_plate")]
