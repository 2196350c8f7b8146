"""Proving books, halting the spending of one that does not add up, and resuming it."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.models import Program, User
from core.refusals import FieldError, Invalid
from ledger.models import Book
from ledger.selectors.proofs import Report, prove


def prove_or_halt(*, program: Program | None = None) -> Report:
    """Prove a program's books, or all; one that fails is halted: it refuses spending until two people resume it."""
    report = prove(program=program)
    for book, proofs in report.books:
        wrong = [proof.name for proof in proofs if not proof.ok]
        if wrong and not book.halted:
            _call("ledger_halt", book.pk, ", ".join(wrong))
    return report


@transaction.atomic
def resume(*, book: Book, because: str, by: User, approved_by: User) -> None:
    """Let a halted book spend again, for a reason, on the word of two different people.

    Raises Invalid without a reason or a second person.
    """
    check_two_people(because=because, by=by, approved_by=approved_by)
    _call("ledger_resume", book.pk, because, by.pk, approved_by.pk)


def check_two_people(*, because: str, by: User, approved_by: User) -> None:
    """Raise Invalid unless there is a reason and a second person."""
    errors = []
    if not because.strip():
        errors.append(FieldError("/because", "required", _("Say why.")))
    if by.pk == approved_by.pk:
        errors.append(FieldError("/approved_by", "invalid", _("Somebody else must approve.")))
    if errors:
        raise Invalid(errors=errors)


def _call(function: str, *arguments: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", arguments)
