"""Which terms members accepted."""

from typing import ClassVar

from django.db import models

from core.models import Terms
from members.models.members import Member


class AcceptedTerms(models.Model):
    """A member accepted a version of the terms, as they were shown in this language."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="accepted_terms", db_index=False)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        """A version is accepted once."""

        verbose_name_plural = "accepted terms"
        constraints: ClassVar = [models.UniqueConstraint("member", "terms", name="terms_accepted_once")]
