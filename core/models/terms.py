"""The terms of programs: what members accept when they join."""

from typing import ClassVar

from django.db import models
from modeltranslation.manager import MultilingualManager
from modeltranslation.utils import build_localized_fieldname

from core.models.programs import Program


class Terms(models.Model):
    """A version of a program's terms. It is never changed, so that it always says what was accepted.

    Those in force are ``Program.terms``; texts are kept apart from the program, which is read all the time.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="versions_of_terms")
    version = models.PositiveIntegerField()
    since = models.DateTimeField()
    text = models.TextField()

    objects = MultilingualManager()

    class Meta:
        """Versions count from one."""

        verbose_name_plural = "terms"
        constraints: ClassVar = [models.UniqueConstraint("program", "version", name="terms_version_once")]

    def __str__(self) -> str:
        """Name the version."""
        return f"v{self.version}"

    def spoken(self, language: str) -> tuple[str, str]:
        """The language, or the first of the program's that they are written in, and the text in it."""
        for code in (language, *self.program.languages):
            text = getattr(self, build_localized_fieldname("text", code), None)
            if text:
                return code, text
        return language, self.text
