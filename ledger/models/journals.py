"""Journals and transfers: every movement of value, once and for ever."""

from typing import ClassVar

from django.db import models

from ledger.models.accounts import Account
from ledger.models.books import Book


class Xid(models.BigIntegerField):  # type: ignore[type-arg]  # Django's fields are not generic when it runs
    """The number of the transaction that wrote a row (``xid8``), set by the database."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 -- Django calls it so
        """Name PostgreSQL's type."""
        return "xid8"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Read it as a number."""
        return None if value is None else int(value)


class CurrentXid(models.Func):
    """The running transaction's number."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = Xid()


class StatementTimestamp(models.Func):
    """The database's time when the running statement arrived: after the locks taken before it."""

    function = "statement_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()


class Journal(models.Model):
    """One business fact, posted once: its key never comes back in its book.

    ``fingerprint`` is the sha256 of the request: the same key with the same one is a replay, with another a
    mismatch. ``occurred_at`` is when it happened, ``recorded_at`` when the database took it, ``effective_on``
    the accounting day: the book's local day, or the first open day when that is closed. ``xid`` orders readers.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="journals", db_index=False, db_constraint=False)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField()
    kind = models.CharField(max_length=10)
    occurred_at = models.DateTimeField()
    effective_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=StatementTimestamp())
    xid = Xid(db_default=CurrentXid(), editable=False)

    class Meta:
        """A key is used once; readers follow (xid, id)."""

        constraints: ClassVar = [
            models.UniqueConstraint("book", "key", name="journal_key_once"),
            models.CheckConstraint(condition=~models.Q(key=""), name="journal_has_a_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["xid", "id"], name="journal_followed"),
            models.Index(fields=["book"], name="journal_funds", condition=models.Q(kind="fund")),
        ]


class Transfer(models.Model):
    """One movement of a positive amount from one account to another of the same book; append-only.

    ``funder`` is the account that paid for the points in the first place and names, with ``expires_on`` (last
    good day) and ``available_on``, the lot they go to. A transfer that ``reverses`` another pays back its
    source; its ``expires_on`` is then the day until which what comes back is good at least. Member, campaign
    version, rule and event are plain ids for reading: the ledger knows nothing above it. The posting trigger
    checks all references (constraints would lock every hot account's row once more).
    """

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="transfers", db_constraint=False)
    src = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    dst = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    amount = models.BigIntegerField()
    expires_on = models.DateField(null=True)
    available_on = models.DateField(null=True)
    funder = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_index=False, db_constraint=False
    )
    member_id = models.BigIntegerField(null=True)
    campaign_version_id = models.BigIntegerField(null=True)
    rule = models.CharField(max_length=80, null=True)  # noqa: DJ001 -- null: no rule paid it
    event_id = models.BigIntegerField(null=True)

    class Meta:
        """Reading by account, by event and by what was reversed."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(condition=~models.Q(src=models.F("dst")), name="transfer_goes_elsewhere"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["src", "id"], name="transfer_src"),
            models.Index(fields=["dst", "id"], name="transfer_dst"),
            models.Index(fields=["reverses"], name="transfer_reverses", condition=models.Q(reverses__isnull=False)),
            models.Index(fields=["event_id"], name="transfer_event", condition=models.Q(event_id__isnull=False)),
        ]
