"""What may happen to a member."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program
from core.models.texts import Translated


class EventType(Translated):
    """A kind of event that may be posted. ``qualifying`` events count as activity and toward amount facts.

    ``data`` declares what an event carries: a list of ``{"code", "type", "choices"?}``.
    """

    class Amount(models.TextChoices):
        """Whether events carry an amount."""

        REQUIRED = "required", _("Required")
        OPTIONAL = "optional", _("Optional")
        NONE = "none", _("None")

    program = models.ForeignKey(Program, models.CASCADE, related_name="event_types")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    amount = models.CharField(max_length=8, choices=Amount)
    qualifying = models.BooleanField()
    data = models.JSONField(default=list, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes are unique in a program."""

        constraints: ClassVar = [models.UniqueConstraint("program", "code", name="event_type_code_once")]

    def __str__(self) -> str:
        """Name the type by its code."""
        return self.code
