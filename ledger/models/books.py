"""A book: one unit of one program, kept apart from all others, and the record of its halts."""

from typing import ClassVar

from django.db import models

from core.models import Program

POINTS = "points"
STATUS = "status"


class Book(models.Model):
    """All accounts of one unit of a program; their balances sum to zero at every commit.

    ``unit`` is ``points``, ``status`` or an ISO 4217 currency; ``scale`` is how many decimals its smallest
    unit has (points 0, SGD 2, BHD 3). Days (expiry, maturity, accounting) are days in ``timezone``.
    ``open_from`` is the first day that still takes entries. A halted book refuses spending.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="books")
    code = models.CharField(max_length=90, unique=True)
    unit = models.CharField(max_length=6)
    scale = models.PositiveSmallIntegerField(default=0)
    timezone = models.CharField(max_length=40)
    open_from = models.DateField(null=True)
    halted = models.BooleanField(db_default=False)

    class Meta:
        """One book a program and unit."""

        constraints: ClassVar = [models.UniqueConstraint("program", "unit", name="book_once_per_unit")]

    def __str__(self) -> str:
        """Name the book, as in ``demo:points``."""
        return self.code


class BookHalt(models.Model):
    """A halt or a resumption of a book's spending, and on whose word.

    A halt is written by the proofs and names what failed; a resumption names a reason and two different
    users by their ids.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="halts")
    halted = models.BooleanField()
    because = models.TextField()
    by_user_id = models.BigIntegerField(null=True)
    approved_by_user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        """It takes two people to resume."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(halted=True)
                | (
                    models.Q(by_user_id__isnull=False)
                    & models.Q(approved_by_user_id__isnull=False)
                    & ~models.Q(by_user_id=models.F("approved_by_user_id"))
                ),
                name="resuming_takes_two_people",
            ),
        ]
