"""What members consented to, and when they changed their minds."""

from typing import ClassVar

from django.db import models

from members.models.members import Member


class ConsentChange(models.Model):
    """A member gave or withdrew consent to a purpose. ``Member.consents`` are those given now."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="consent_changes", db_index=False)
    purpose = models.CharField(max_length=20)
    given = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        """Read by member, newest first."""

        indexes: ClassVar = [models.Index(fields=["member", "-id"], name="consent_change_member")]
