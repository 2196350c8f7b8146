"""Lists of codes that a partner delivered: what was uploaded, what of it was taken in, and by whom."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Job
from rewards.models.rewards import Reward
from rewards.models.vouchers import Voucher


class CodeBatch(models.Model):
    """An uploaded list of codes of a reward.

    ``raw`` is the file, encrypted, only until it is read; then its rows wait as ``CodeLine``s for somebody to confirm
    what was shown. ``fault`` and ``fault_name``: why the file is no table (``core.rules.sheets.SheetFault``).
    ``sha256`` tells the same file when it comes again.
    """

    class State(models.TextChoices):
        """Where it stands; only ``loaded`` has put codes into stock."""

        READING = "reading", pgettext_lazy("code list", "Being read")
        PREVIEW = "preview", pgettext_lazy("code list", "To be confirmed")
        LOADING = "loading", pgettext_lazy("code list", "Being loaded")
        LOADED = "loaded", pgettext_lazy("code list", "Loaded")
        FAULTY = "faulty", pgettext_lazy("code list", "Not a table")
        DISCARDED = "discarded", pgettext_lazy("code list", "Discarded")

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="code_batches", db_index=False)
    file_name = models.CharField(max_length=200)
    sha256 = models.BinaryField(max_length=32)
    state = models.CharField(max_length=9, choices=State, default=State.READING)
    raw = models.BinaryField(null=True)
    fault = models.CharField(max_length=20, default="", blank=True)
    fault_name = models.CharField(max_length=200, default="", blank=True)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    uploaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False)
    loaded_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, related_name="+", null=True, db_index=False)

    class Meta:
        """The file is kept while it is read and no longer."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="code_list_keeps_no_file_once_read", condition=models.Q(raw=None) | models.Q(state="reading")
            ),
            models.CheckConstraint(
                name="loaded_code_list_says_who_and_when",
                condition=~models.Q(state="loaded") | models.Q(loaded_at__isnull=False, loaded_by__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["reward", "-id"], name="code_list_by_reward")]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="code_list_goes_forward",
                field="state",
                transitions=[
                    ("reading", "preview"), ("reading", "faulty"), ("reading", "discarded"), ("preview", "loading"),
                    ("preview", "loaded"), ("preview", "discarded"), ("loading", "preview"), ("loading", "loaded"),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """The file's name."""
        return self.file_name


class CodeLine(models.Model):
    """A row of a list of codes that waits to be confirmed, or was refused: then ``problem`` says why.

    ``number``: its row in the sheet. A refused row keeps no code, only its masked end (``shown``); ``detail`` is what
    the words on the problem mention.
    """

    batch = models.ForeignKey(CodeBatch, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    cipher = models.BinaryField(null=True)
    pin_cipher = models.BinaryField(null=True, editable=False)
    digest = models.BinaryField(max_length=32, null=True)
    expires_on = models.DateField(null=True)
    value_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    shown = models.CharField(max_length=20, default="", blank=True)
    problem = models.CharField(max_length=12, default="", blank=True)
    detail = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        """Once a row; a refused row keeps no code."""

        constraints: ClassVar = [
            models.UniqueConstraint("batch", "number", name="code_line_once"),
            models.CheckConstraint(
                name="refused_code_line_keeps_no_code",
                condition=models.Q(problem="", cipher__isnull=False, digest__isnull=False)
                | models.Q(~models.Q(problem=""), cipher=None, pin_cipher=None, digest=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "number"], name="code_line_refused", condition=~models.Q(problem=""))
        ]

    def __str__(self) -> str:
        """Name the row."""
        return f"{self.batch_id}:{self.number}"


class StockLevel(models.Model):
    """How far the codes of a watched reward have run down, as it was told last; ``level``: 0 enough, 1 low, 2 none.

    Where the reward has denominations, of each: ``value_minor`` of ``currency``.
    """

    class Level(models.IntegerChoices):
        """What was told."""

        ENOUGH = 0, pgettext_lazy("stock", "Enough")
        LOW = 1, pgettext_lazy("stock", "Low")
        OUT = 2, pgettext_lazy("stock", "Out")

    reward = models.ForeignKey(Reward, models.CASCADE, related_name="stock_levels", db_index=False)
    value_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", db_default="", blank=True)
    level = models.PositiveSmallIntegerField(choices=Level)
    since = models.DateTimeField()

    class Meta:
        """Once a reward, or once a value of it."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reward", "value_minor", "currency"], name="stock_level_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        """Name reward and level."""
        return f"{self.reward_id} {self.level}"


class CodeReveal(models.Model):
    """Somebody of the staff looked at the whole code of a voucher: who, when, why, in which request. For ever."""

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="reveals", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    because = models.CharField(max_length=500, verbose_name=_("reason"))
    request_id = models.CharField(max_length=80)

    class Meta:
        """Nobody looks without a reason; what was written stays."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(because=""), name="code_reveal_has_a_reason")
        ]
        indexes: ClassVar = [models.Index(fields=["voucher", "-id"], name="code_reveal_by_voucher")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="code_reveal_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        """Name voucher and moment."""
        return f"{self.voucher_id} {self.at}"
