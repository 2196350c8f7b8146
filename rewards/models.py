"""The catalogue of rewards."""

from typing import ClassVar

from django.db import models

from core.models import Program
from core.models.texts import Translated


class Reward(Translated):
    """Something a member can be given or can spend points on; ``definition`` holds what the program file says of it."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="rewards")
    code = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    category = models.CharField(max_length=40)
    brand = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    text = models.TextField(default="", blank=True)
    terms = models.TextField(default="", blank=True)
    definition = models.JSONField(default=dict)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="reward_code_once")]

    def __str__(self) -> str:
        """Name the reward by its code."""
        return self.code
