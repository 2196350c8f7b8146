"""What people who run a program are told: shown in the office, and sent by e-mail."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Program


class StaffNotice(models.Model):
    """Something a user should know for a program, put into words in the reader's language when it is read.

    ``values`` are what the words name: codes, decimal strings, numbers. ``key``: it is told once. ``mailed_at``: when
    it went out by e-mail.
    """

    class Kind(models.TextChoices):
        """What happened."""

        BUDGET_LOW = "budget_low", _("Budget low")
        STOCK_LOW = "stock_low", _("Codes run out")
        SUPPLIER_LOW = "supplier_low", _("Float of a supplier low")
        SUPPLIER_LOCKED = "supplier_locked", _("Secret of a supplier cannot be read")
        ORDER_WAITS = "order_waits", _("Order at a supplier waits for people")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_notices", db_index=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=120)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        """Read by user and program, newest first; told once."""

        constraints: ClassVar = [models.UniqueConstraint("user", "key", name="staff_notice_told_once")]
        indexes: ClassVar = [models.Index(fields=["user", "program", "-id"], name="staff_notice_user")]

    def __str__(self) -> str:
        """Say what happened."""
        return f"{self.get_kind_display()}, {self.key}"
