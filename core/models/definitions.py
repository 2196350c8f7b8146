"""Sections of a program file that are kept as they were written."""

from typing import ClassVar

import pghistory
from django.db import models

from core.models.programs import Program
from core.models.revisions import Revised


@pghistory.track()
class Definition(Revised):
    """One entry of a program file's section, in its canonical form, for features that read it as data."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="definitions")
    section = models.CharField(max_length=40)
    code = models.CharField(max_length=80)
    definition = models.JSONField()
    retired = models.BooleanField(default=False)

    class Meta(Revised.Meta):
        """One entry a section and code."""

        constraints: ClassVar = [models.UniqueConstraint("program", "section", "code", name="definition_once")]

    def __str__(self) -> str:
        """Name section and code."""
        return f"{self.section}/{self.code}"
