"""Badges and who earned them."""

from typing import ClassVar

from django.db import models

from core.models import Program
from core.models.texts import Translated
from members.models import Member


class Badge(Translated):
    """A sign of achievement; ``icon`` names a picture of the icon set."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="badges")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    icon = models.CharField(max_length=60, default="", blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="badge_code_once")]

    def __str__(self) -> str:
        """Name the badge by its code."""
        return self.code


class MemberBadge(models.Model):
    """A member earned a badge by an event; a reversal of that event takes it back (the row goes).

    ``once`` names the window of a goal in which the badge is given once; empty: once for ever.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="badges", db_index=False)
    badge = models.ForeignKey(Badge, models.PROTECT, related_name="+")
    event_id = models.BigIntegerField()
    earned_at = models.DateTimeField()
    once = models.CharField(max_length=600, default="", db_default="")

    class Meta:
        """Once a member, or once in each window; found by the event that gave it."""

        constraints: ClassVar = [models.UniqueConstraint("member", "badge", "once", name="badge_earned_once")]
        indexes: ClassVar = [models.Index(fields=["event_id"], name="member_badge_event")]
