"""Vouchers: the codes that give a reward, in stock and in members' hands."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Program
from dealers.models import Outlet
from members.models import Member
from rewards.models.codes import decrypted
from rewards.models.entitlements import Entitlement
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward


class Voucher(models.Model):
    """A code that gives a reward once: nobody's as long as it is in stock, then a member's.

    ``uuid`` names it outside, from the moment it is issued. The code is encrypted in ``cipher``, and the PIN that a
    partner gave with it, if any, in ``pin_cipher``; ``digest`` is the code's keyed hash, by which it is found
    (``rewards.models.codes``). ``expires_on`` is the last good day in the zone of
    the member's market; a voucher that is ``ready`` on a later day has expired, and nothing is written for that.
    ``event_id`` and ``place`` tell which effect of which event gave it, or ``entitlement`` which benefit of a tier, or
    ``redemption`` what bought it. A voucher with stored value is worth ``value_minor`` of ``currency``, in stock too,
    and has ``left_minor`` of it left; it is used when nothing is left. What outlets took stands in ``VoucherUse``.
    """

    class State(models.TextChoices):
        """What is stored; ``rewards.rules.vouchers.shown_state`` adds what follows from the day."""

        STOCK = "stock", pgettext_lazy("code", "In stock")
        READY = "ready", _("Ready")
        USED = "used", pgettext_lazy("voucher", "Used")
        VOID = "void", _("Void")

    uuid = models.UUIDField(null=True, unique=True)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="vouchers", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="vouchers", null=True, db_index=False)
    state = models.CharField(max_length=5, choices=State)
    cipher = models.BinaryField()
    pin_cipher = models.BinaryField(null=True, editable=False)
    digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    used_at = models.DateTimeField(null=True)
    used_outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+", null=True, db_index=False)
    voided_at = models.DateTimeField(null=True)
    event_id = models.BigIntegerField(null=True)
    place = models.PositiveSmallIntegerField(null=True)
    entitlement = models.ForeignKey(Entitlement, models.PROTECT, related_name="vouchers", null=True, db_index=False)
    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="vouchers", null=True, db_index=False)
    value_minor = models.BigIntegerField(null=True)
    left_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", db_default="")

    class Meta:
        """A code exists once in a program, an effect gives one voucher, and what was issued is never stock again."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "digest", name="voucher_code_once"),
            models.UniqueConstraint("event_id", "place", name="voucher_issued_once"),
            models.CheckConstraint(
                name="voucher_in_stock_is_nobodys",
                condition=models.Q(state="stock", member=None, uuid=None, issued_at=None)
                | models.Q(~models.Q(state="stock"), member__isnull=False, uuid__isnull=False, issued_at__isnull=False),
            ),
            models.CheckConstraint(
                name="voucher_used_says_when",
                condition=models.Q(state="used", used_at__isnull=False)
                | models.Q(~models.Q(state="used"), used_at=None, used_outlet=None),
            ),
            models.CheckConstraint(
                name="voucher_void_says_when",
                condition=models.Q(state="void", voided_at__isnull=False)
                | models.Q(~models.Q(state="void"), voided_at=None),
            ),
            models.CheckConstraint(
                name="voucher_never_worth_less_than_nothing",
                condition=models.Q(value_minor=None, left_minor=None, currency="")
                | models.Q(
                    models.Q(value_minor__gt=0, left_minor__gte=0, left_minor__lte=models.F("value_minor")),
                    ~models.Q(currency=""),
                ),
            ),
            models.CheckConstraint(
                name="voucher_is_used_when_nothing_is_left",
                condition=models.Q(left_minor=None)
                | models.Q(state="ready", left_minor__gt=0)
                | models.Q(state="used", left_minor=0)
                | models.Q(state__in=["stock", "void"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "-id"], name="voucher_by_member", condition=models.Q(member__isnull=False)),
            models.Index(
                fields=["entitlement"], name="voucher_by_entitlement", condition=models.Q(entitlement__isnull=False)
            ),
            models.Index(
                fields=["redemption"], name="voucher_by_redemption", condition=models.Q(redemption__isnull=False)
            ),
            models.Index(fields=["reward", "id"], name="voucher_stock", condition=models.Q(state="stock")),
            models.Index(
                fields=["reward", "currency", "value_minor", "id"],
                name="voucher_stock_of_value",
                condition=models.Q(state="stock", value_minor__isnull=False),
            ),
            models.Index(fields=["reward", "state", "expires_on"], name="voucher_figures"),
            models.Index(fields=["-id"], name="voucher_void", condition=models.Q(state="void")),
            models.Index(
                fields=["program", "-id"], name="voucher_by_program", condition=models.Q(member__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="voucher_goes_forward",
                field="state",
                transitions=[("stock", "ready"), ("ready", "used"), ("ready", "void"), ("used", "ready")],
            ),
            pgtrigger.Trigger(
                name="voucher_is_ready_again_when_its_use_is_undone",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(old__state="used", new__state="ready"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM rewards_voucheruse n WHERE n.undoes_id = (
                            SELECT max(u.id) FROM rewards_voucheruse u
                            WHERE u.voucher_id = NEW.id AND u.undoes_id IS NULL
                        )
                    ) THEN
                        RAISE EXCEPTION 'voucher % was used, and that was not undone', NEW.uuid;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        """Name the voucher without its code."""
        return str(self.uuid or self.pk)

    @property
    def code(self) -> str:
        """The code in the clear."""
        return decrypted(self.cipher)

    @property
    def pin(self) -> str:
        """The PIN that belongs to it, empty if there is none."""
        return decrypted(self.pin_cipher) if self.pin_cipher else ""
