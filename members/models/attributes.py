"""What a program wants to know of its members beyond the usual."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.models import Program
from core.models.revisions import Revised


@pghistory.track()
class Attribute(Revised):
    """A declared attribute of members; ``type``: text, integer, amount, boolean, date, or choice with ``choices``."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="attributes")
    code = models.CharField(max_length=40)
    type = models.CharField(max_length=10)
    choices = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Revised.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="attribute_code_once")]

    def __str__(self) -> str:
        """Name the attribute by its code."""
        return self.code
