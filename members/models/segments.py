"""Segments: members picked by a condition or named in a list."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program
from core.models.texts import Translated
from members.models.keeping import ClockTimestamp
from members.models.members import Member


class Segment(Translated):
    """A set of members: ``condition`` segments by ``where``, ``list`` segments by ``SegmentMember`` rows."""

    class Kind(models.TextChoices):
        """How members get in."""

        CONDITION = "condition", _("Condition")
        LIST = "list", _("List")

    program = models.ForeignKey(Program, models.CASCADE, related_name="segments")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    where = models.JSONField(null=True, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="segment_code_once")]

    def __str__(self) -> str:
        """Name the segment by its code."""
        return self.code


class SegmentMember(models.Model):
    """A member is in a segment, since a moment."""

    pk = models.CompositePrimaryKey("segment", "member")
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="segment_rows")
    since = models.DateTimeField(db_default=ClockTimestamp())
