"""Statements of suppliers and outlets: what they say was delivered or used, beside what we know."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Job, Program
from rewards.models.suppliers import SupplierOrder
from rewards.models.uses import VoucherUse
from rewards.models.vouchers import Voucher


class Statement(models.Model):
    """A list of deliveries (of a supplier) or uses (of an outlet or dealer) from ``since`` through ``until``.

    ``party`` is the supplier's code, or that of the outlet or dealer. Amounts are smallest units of ``currency``; two
    amounts that differ by no more than ``tolerance_minor`` are taken for the same. ``raw`` is the file, encrypted,
    only until it is read.
    """

    class Kind(models.TextChoices):
        """Whose it is."""

        SUPPLIER = "supplier", _("Supplier")
        OUTLET = "outlet", _("Outlet or dealer")

    class State(models.TextChoices):
        """Where it stands; only a matched one counts."""

        READING = "reading", pgettext_lazy("statement", "Being read")
        PREVIEW = "preview", pgettext_lazy("statement", "To be confirmed")
        MATCHED = "matched", pgettext_lazy("statement", "Matched")
        FAULTY = "faulty", pgettext_lazy("statement", "Not a table")
        DISCARDED = "discarded", pgettext_lazy("statement", "Discarded")

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    party = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField()
    currency = models.CharField(max_length=3)
    tolerance_minor = models.PositiveBigIntegerField(default=0)
    file_name = models.CharField(max_length=200)
    sha256 = models.BinaryField(max_length=32)
    state = models.CharField(max_length=9, choices=State, default=State.READING)
    raw = models.BinaryField(null=True)
    fault = models.CharField(max_length=20, default="", blank=True)
    fault_name = models.CharField(max_length=200, default="", blank=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    imported_at = models.DateTimeField()
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    matched_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, related_name="+", null=True, db_index=False)

    class Meta:
        """A file is matched once for a party; it is kept while it is read and no longer."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                "program", "kind", "party", "sha256",
                name="statement_matched_once", condition=models.Q(state="matched"),
            ),
            models.CheckConstraint(
                name="statement_keeps_no_file_once_read", condition=models.Q(raw=None) | models.Q(state="reading")
            ),
            models.CheckConstraint(
                name="statement_ends_after_it_starts", condition=models.Q(until__gte=models.F("since"))
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["program", "-id"], name="statement_by_program")]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="statement_goes_forward",
                field="state",
                transitions=[
                    ("reading", "preview"), ("reading", "faulty"), ("reading", "discarded"), ("preview", "matched"),
                    ("preview", "discarded"),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """The party and the file."""
        return f"{self.party}, {self.file_name}"


class StatementLine(models.Model):
    """A line of a statement, and what it was matched with; a negative ``number``: ours, that the statement lacks.

    ``reference`` is an order's number as it was written, or the masked end of a voucher's code, of which ``digest``
    is the keyed hash: the code itself is not kept. ``voucher`` or ``order`` is whom the reference names, ``use`` which
    use of the voucher is meant. ``expected_minor`` is what we know (None: nothing of the amount), ``difference_minor``
    what they say less that. A difference is ``open`` until one person proposes to close it and another confirms.
    """

    class Match(models.TextChoices):
        """What matching found."""

        EXACT = "exact", pgettext_lazy("match", "Exact")
        TOLERANT = "tolerant", pgettext_lazy("match", "Within tolerance")
        UNMATCHED = "unmatched", pgettext_lazy("match", "Not matched")
        DUPLICATE = "duplicate", pgettext_lazy("match", "Duplicate")

    class Reason(models.TextChoices):
        """Why a line is not matched, or only within the tolerance."""

        NONE = "", "–"
        UNKNOWN = "unknown", _("We know no such reference")
        OTHER_PARTY = "other-party", _("It belongs to another party")
        NOT_USED = "not-used", _("It was not used or delivered")
        ALREADY = "already", _("Another statement has it already")
        TWICE = "twice", _("It is in this statement twice")
        AMOUNT = "amount", _("The amounts differ")
        NO_AMOUNT = "no-amount", _("We know no amount of it")
        DAY = "day", _("The days differ")
        CURRENCY = "currency", _("The currencies differ")
        MISSING = "missing", _("We have it, the statement has not")

    class State(models.TextChoices):
        """Whether somebody has to look at it."""

        CLEAR = "clear", pgettext_lazy("difference", "Nothing to do")
        OPEN = "open", pgettext_lazy("difference", "Open")
        PROPOSED = "proposed", pgettext_lazy("difference", "To be confirmed")
        CLOSED = "closed", pgettext_lazy("difference", "Closed")

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines", db_index=False)
    number = models.IntegerField()
    reference = models.CharField(max_length=100, default="", blank=True)
    digest = models.BinaryField(max_length=32, null=True)
    on = models.DateField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=12, default="", blank=True)
    detail = models.CharField(max_length=80, default="", blank=True)
    match = models.CharField(max_length=9, choices=Match, default="", blank=True)
    reason = models.CharField(max_length=11, choices=Reason, default=Reason.NONE, blank=True)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="+", null=True, db_index=False)
    use = models.ForeignKey(VoucherUse, models.PROTECT, related_name="+", null=True, db_index=False)
    order = models.ForeignKey(SupplierOrder, models.PROTECT, related_name="+", null=True, db_index=False)
    expected_minor = models.BigIntegerField(null=True)
    difference_minor = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.CLEAR)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False)
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, default="", blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """What was used or ordered is matched once; two people close a difference, and then it does not change."""

        constraints: ClassVar = [
            models.UniqueConstraint("statement", "number", name="statement_line_once"),
            models.UniqueConstraint(
                "use", name="use_matched_once", condition=models.Q(match__in=["exact", "tolerant"])
            ),
            models.UniqueConstraint(
                "order", name="order_matched_once", condition=models.Q(match__in=["exact", "tolerant"])
            ),
            models.CheckConstraint(
                name="matched_line_says_with_what",
                condition=~models.Q(match__in=["exact", "tolerant"])
                | models.Q(use__isnull=False)
                | models.Q(order__isnull=False),
            ),
            models.CheckConstraint(
                name="difference_is_closed_by_two",
                condition=models.Q(state__in=["clear", "open"], closed_by=None, confirmed_by=None)
                | models.Q(~models.Q(note=""), state="proposed", closed_by__isnull=False, confirmed_by=None)
                | models.Q(
                    ~models.Q(note=""), ~models.Q(closed_by=models.F("confirmed_by")), state="closed",
                    closed_by__isnull=False, confirmed_by__isnull=False,
                ),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["voucher"], name="line_by_voucher", condition=models.Q(voucher__isnull=False)),
            models.Index(fields=["use"], name="line_by_use", condition=models.Q(use__isnull=False)),
            models.Index(fields=["order"], name="line_by_order", condition=models.Q(order__isnull=False)),
            models.Index(
                fields=["statement", "id"], name="difference_open", condition=models.Q(state__in=["open", "proposed"])
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="closed_difference_stays", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="closed")
            ),
        ]

    def __str__(self) -> str:
        """Name the line."""
        return f"{self.statement_id}:{self.number}"
