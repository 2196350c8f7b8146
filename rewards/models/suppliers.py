"""Suppliers of rewards, and what was ordered from them."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Program
from rewards.models.codes import decrypted, encrypted
from rewards.models.redemptions import Redemption
from rewards.rules.supplying import Locked


class Supplier(models.Model):
    """Somebody from whom pieces of rewards are ordered; rewards name it by ``code``.

    ``secret`` and ``webhook_secret`` are encrypted like codes of vouchers. ``balance_minor`` is what was left of the
    prepaid float at ``balance_at``, None = never asked; below ``low_minor`` people are told, once since ``low_since``.
    While it is ``paused`` nothing is asked of it, and its rewards are not to be had; what was ordered waits, and its
    time to answer begins anew at ``resumed_at``. ``uuid`` names it in the address of its webhook.
    """

    class Adapter(models.TextChoices):
        """How it is spoken to."""

        VOUCHERS = "vouchers", _("Vouchers (OAuth, purchase orders)")
        TOPUPS = "topups", _("Mobile top-ups (API key)")

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="suppliers", db_index=False)
    code = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=120)
    adapter = models.CharField(max_length=10, choices=Adapter)
    base_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200, default="", blank=True)
    secret = models.BinaryField(default=b"", editable=False)
    webhook_secret = models.BinaryField(default=b"", editable=False)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(null=True, blank=True, editable=False)
    balance_at = models.DateTimeField(null=True, blank=True, editable=False)
    low_minor = models.BigIntegerField(null=True, blank=True)
    low_since = models.DateTimeField(null=True, blank=True, editable=False)
    answer_within_minutes = models.PositiveIntegerField(default=60)
    paused = models.BooleanField(default=False)
    paused_because = models.CharField(max_length=200, default="", blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        """A code is unique in a program; a pause has a reason."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "code", name="supplier_code_once"),
            models.CheckConstraint(
                name="supplier_paused_says_why",
                condition=models.Q(models.Q(paused=True), ~models.Q(paused_because=""))
                | models.Q(paused=False, paused_because=""),
            ),
            models.CheckConstraint(
                name="supplier_has_time_to_answer", condition=models.Q(answer_within_minutes__range=(1, 10_080))
            ),
        ]

    def __str__(self) -> str:
        """Name it as people do."""
        return self.name

    def opened(self, name: str) -> str:
        """One of its secrets in the clear, empty if there is none. Raises Locked if no key of ours opens it."""
        stored = bytes(getattr(self, name))
        try:
            return decrypted(stored) if stored else ""
        except ValueError as error:
            raise Locked(name) from error

    def keep(self, name: str, secret: str) -> None:
        """Set one of its secrets; save it yourself."""
        setattr(self, name, encrypted(secret))


class SupplierOrder(models.Model):
    """What was ordered for a redemption: one order, whatever happens, under a ``po_number`` that never changes.

    ``next_at``: when it is looked at again, None = nothing is left to do. ``sent_at``: since when the supplier may
    know of it; without it nothing has ever reached it. One that its supplier does not know is ``waiting`` again while
    its member is frozen. ``heard_at``: when it last said that it works on it. ``overdue_since``: since when its time is
    over, and it can be neither cancelled nor refunded, because the supplier works on it. ``number`` is the supplier's
    own name of the order, ``last_error`` a code or a word of ours, never what the supplier wrote. What waits for people
    is settled by two: one says why (``note``), another confirms; so is what its supplier does not have, and it is not
    sent while somebody proposes to give it up. Guarded by the member's lock.
    """

    class State(models.TextChoices):
        """Where it stands. ``late`` and ``unclear`` are for people: they were refunded, and may have been delivered."""

        WAITING = "waiting", pgettext_lazy("order", "Waiting")
        SENT = "sent", pgettext_lazy("order", "Sent")
        DELIVERED = "delivered", pgettext_lazy("order", "Delivered")
        REFUSED = "refused", pgettext_lazy("order", "Refused")
        CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")
        UNCLEAR = "unclear", pgettext_lazy("order", "Unclear")
        LATE = "late", pgettext_lazy("order", "Delivered too late")
        SETTLED = "settled", pgettext_lazy("order", "Settled by people")

    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="order")
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="orders", db_index=False)
    po_number = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=100, default="")
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="")
    last_error = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    overdue_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(_("reason"), max_length=500, default="", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    proposed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """A number is used once a supplier; what is due is found at once; two people settle."""

        constraints: ClassVar = [
            models.UniqueConstraint("po_number", "supplier", name="supplier_order_number_once"),
            models.CheckConstraint(
                name="supplier_order_closed_says_when",
                condition=models.Q(state__in=("waiting", "sent"), closed_at=None)
                | models.Q(~models.Q(state__in=("waiting", "sent")), closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="supplier_order_open_is_looked_at_again",
                condition=~models.Q(state__in=("waiting", "sent")) | models.Q(next_at__isnull=False),
            ),
            models.CheckConstraint(
                name="overdue_supplier_order_is_open",
                condition=models.Q(overdue_since=None) | models.Q(state="sent"),
            ),
            models.CheckConstraint(
                name="supplier_order_is_settled_by_two",
                condition=models.Q(models.Q(confirmed_by=None), ~models.Q(state="settled"))
                | models.Q(
                    ~models.Q(proposed_by=models.F("confirmed_by")),
                    proposed_by__isnull=False,
                    confirmed_by__isnull=False,
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="supplier_order_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["supplier", "-id"], name="supplier_order_by_supplier"),
            models.Index(fields=["state", "-id"], name="supplier_order_by_state"),
            models.Index(fields=["number"], name="supplier_order_by_number"),
            models.Index(
                fields=["-id"],
                name="supplier_order_for_people",
                condition=models.Q(state__in=("late", "unclear"))
                | models.Q(overdue_since__isnull=False)
                | models.Q(state="waiting", proposed_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="supplier_order_goes_forward",
                field="state",
                transitions=[
                    ("waiting", "sent"),
                    ("waiting", "refused"),
                    ("waiting", "cancelled"),
                    ("sent", "waiting"),
                    ("sent", "delivered"),
                    ("sent", "refused"),
                    ("sent", "cancelled"),
                    ("sent", "unclear"),
                    ("sent", "late"),
                    ("refused", "late"),
                    ("cancelled", "late"),
                    ("unclear", "cancelled"),
                    ("unclear", "late"),
                    ("unclear", "settled"),
                    ("late", "settled"),
                ],
            ),
        ]

    def __str__(self) -> str:
        """Name it as the supplier knows it."""
        return self.po_number

    @property
    def waits_for_people(self) -> bool:
        """Whether people have to look after it."""
        return self.state in REFUNDED or self.overdue_since is not None or self.is_given_up_by_one

    @property
    def is_given_up_by_one(self) -> bool:
        """Whether it was never sent and one person proposes to give it up: it is held until another decides."""
        return self.state == self.State.WAITING and self.proposed_by_id is not None

    @property
    def may_be_settled(self) -> bool:
        """Whether two people may end it: it waits for them, or was never sent."""
        return self.waits_for_people or self.state == self.State.WAITING

    @property
    def waits_since(self) -> datetime | None:
        """Since when people have to look after it."""
        return self.overdue_since or self.closed_at or self.proposed_at


REFUNDED = (SupplierOrder.State.LATE, SupplierOrder.State.UNCLEAR)  # and perhaps delivered: people settle who pays
GIVEN_UP_BY_ONE = models.Q(state=SupplierOrder.State.WAITING, proposed_by__isnull=False)  # another has to confirm
FOR_PEOPLE = models.Q(state__in=REFUNDED) | models.Q(overdue_since__isnull=False) | GIVEN_UP_BY_ONE
