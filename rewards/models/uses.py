"""What outlets took of vouchers, and who guesses codes."""

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from dealers.models import Outlet
from rewards.models.vouchers import Voucher


class VoucherUse(models.Model):
    """That an outlet took a voucher, or a part of its value, or gave back (``undoes``) what it had taken.

    Rows are never changed. ``amount_minor`` of ``currency`` is what was taken of a stored value; of another voucher
    the amount of the bill, if the outlet said it. ``client`` of the API or ``user`` at the counter did it; ``scanned``:
    a phone showed it, else the code was typed.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="uses", db_index=False)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="voucher_uses", db_index=False)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", db_default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    client = models.CharField(max_length=80, default="", db_default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False)
    scanned = models.BooleanField()
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone", null=True)

    class Meta:
        """Found by voucher and by outlet, the latest first."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="voucher_use_amount_has_a_currency",
                condition=models.Q(amount_minor=None, currency="")
                | models.Q(models.Q(amount_minor__gte=0), ~models.Q(currency="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["voucher", "-id"], name="voucher_use_by_voucher"),
            models.Index(fields=["outlet", "-id"], name="voucher_use_by_outlet"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="voucher_use_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="voucher_use_is_final", exclude=["user"]),
            pgtrigger.Trigger(
                name="plain_voucher_is_used_once",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.undoes_id IS NULL"),
                func="""
                    PERFORM FROM rewards_voucher v
                     WHERE v.id = NEW.voucher_id AND v.value_minor IS NULL FOR NO KEY UPDATE;
                    IF FOUND AND EXISTS (
                        SELECT FROM rewards_voucheruse u WHERE u.voucher_id = NEW.voucher_id AND u.undoes_id IS NULL
                           AND NOT EXISTS (SELECT FROM rewards_voucheruse n WHERE n.undoes_id = u.id)
                    ) THEN
                        RAISE EXCEPTION 'voucher % was used before, and that was not undone', NEW.voucher_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'plain_voucher_is_used_once';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        """Name it as the API does."""
        return str(self.uuid)


class VoucherVoid(models.Model):
    """That an outlet took a voucher out of use for good: where, when and who, as of a use.

    Rows are never changed. Vouchers that became void otherwise (cancelled, taken back, erased) have none.
    """

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="voiding")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    client = models.CharField(max_length=80, default="", db_default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False)
    scanned = models.BooleanField()

    class Meta:
        """Found by voucher; once."""

        triggers: ClassVar = [
            pgtrigger.Protect(name="voucher_void_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="voucher_void_is_final", exclude=["user"]),
        ]

    def __str__(self) -> str:
        """Name it by its voucher."""
        return str(self.voucher_id)


class CodeMiss(models.Model):
    """That somebody asked for a code that nobody has: a client of the API, or a person at a counter (``who``)."""

    who = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        """Counted by who it was, the latest first."""

        indexes: ClassVar = [models.Index(fields=["who", "-at"], name="code_miss_by_who")]

    def __str__(self) -> str:
        """Say who and when."""
        return f"{self.who} {self.at}"
