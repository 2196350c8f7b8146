"""Personal data of members: here and nowhere else."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from members.models.members import Member


class MemberIdentity(models.Model):
    """Who a member is. Erasure deletes the row. ``name_folded`` is the name without case and accents, for search."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="identity", primary_key=True)
    name = models.CharField(max_length=200, default="", blank=True)
    name_folded = models.CharField(max_length=200, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    phone = models.CharField(max_length=20, default="", blank=True)
    birth_date = models.DateField(null=True, blank=True)

    class Meta:
        """Found by part of a name, by phone and by address; families share both."""

        verbose_name_plural = "member identities"

        indexes: ClassVar = [
            GinIndex(OpClass("name_folded", "gin_trgm_ops"), name="identity_name"),
            models.Index(fields=["phone"], name="identity_phone"),
            models.Index(models.functions.Lower("email"), name="identity_email"),
        ]


class MemberSignal(models.Model):
    """A device or payment instrument that a member was seen with, as a keyed hash."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=12, choices=[("device", "device"), ("instrument", "instrument")])
    digest = models.BinaryField(max_length=32)
    first_seen_at = models.DateTimeField()

    class Meta:
        """A signal is kept once a member and found from its hash."""

        constraints: ClassVar = [models.UniqueConstraint("digest", "kind", "member", name="signal_once")]
