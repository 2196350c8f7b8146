"""Personal data of members: here and nowhere else."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from members.models.members import Member


class MemberIdentity(models.Model):
    """Who a member is. Erasure deletes the row. ``name_folded`` is the name without case and accents, for search.

    ``nickname`` is how the member chose to appear before others; without one nobody sees who it is.
    ``contact_changed_at``: when e-mail or phone last became another one, a second way to be reached was added, or the
    last one was removed; what is added after that is a change too.
    """

    member = models.OneToOneField(Member, models.CASCADE, related_name="identity", primary_key=True)
    name = models.CharField(max_length=200, default="", blank=True)
    name_folded = models.CharField(max_length=200, default="", blank=True)
    nickname = models.CharField(max_length=30, default="", db_default="", blank=True)
    email = models.EmailField(default="", blank=True)
    phone = models.CharField(max_length=20, default="", blank=True)
    birth_date = models.DateField(null=True, blank=True)
    contact_changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Found by part of a name, by phone and by address; families share both."""

        verbose_name_plural = "member identities"

        indexes: ClassVar = [
            GinIndex(OpClass("name_folded", "gin_trgm_ops"), name="identity_name"),
            models.Index(fields=["phone"], name="identity_phone"),
            models.Index(models.functions.Lower("email"), name="identity_email"),
        ]


class MemberSignal(models.Model):
    """A device, browser or payment instrument that a member was seen with, as a keyed hash.

    Partner systems name devices and instruments, apps their device at sign-in. A browser has a name of ours, and may
    be shared: a counter's, a family's. ``last_seen_on`` may be a month behind (``members.services.signals``); what was
    not seen for long is forgotten.
    """

    class Kind(models.TextChoices):
        """What it is."""

        DEVICE = "device"
        INSTRUMENT = "instrument"
        BROWSER = "browser"

    member = models.ForeignKey(Member, models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=12, choices=Kind)
    digest = models.BinaryField(max_length=32)
    first_seen_at = models.DateTimeField()
    last_seen_on = models.DateField()

    class Meta:
        """A signal is kept once a member and found from its hash; the oldest ones are forgotten."""

        constraints: ClassVar = [models.UniqueConstraint("digest", "kind", "member", name="signal_once")]
        indexes: ClassVar = [models.Index(fields=["last_seen_on"], name="signal_last_seen")]
