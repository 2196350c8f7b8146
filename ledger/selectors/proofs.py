"""Proofs: what must be true of every book, asked of the rows themselves."""

import json
from typing import NamedTuple

from django.db import connection

from core.models import Program
from ledger.models import Book

SAMPLE = 5


class Proof(NamedTuple):
    """One question to a book: how many rows contradict it, and the first of them."""

    name: str
    rows: int
    sample: list[dict[str, object]]

    @property
    def ok(self) -> bool:
        """Whether nothing contradicts."""
        return not self.rows


class BookProofs(NamedTuple):
    """A book's answers to every question."""

    book: Book
    proofs: list[Proof]

    @property
    def ok(self) -> bool:
        """Whether the book adds up."""
        return all(proof.ok for proof in self.proofs)


class Report(NamedTuple):
    """The proofs of several books."""

    books: list[BookProofs]

    @property
    def ok(self) -> bool:
        """Whether every book adds up."""
        return all(book.ok for book in self.books)


def prove(*, program: Program | None = None) -> Report:
    """Ask every question of a program's books, or of all; one query a question, each over one consistent moment."""
    every = Book.objects.all() if program is None else Book.objects.filter(program=program)
    books = {book.pk: BookProofs(book, []) for book in every.order_by("code")}
    for name, question in QUESTIONS.items():
        found = _ask(question, list(books))
        for book_id, book in books.items():
            book.proofs.append(Proof(name, *found.get(book_id, (0, []))))
    return Report(list(books.values()))


def _ask(question: str, books: list[int]) -> dict[int, tuple[int, list[dict[str, object]]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT q.book_id, count(*),
                       to_jsonb((array_agg(to_jsonb(q) - 'book_id' ORDER BY q.id))[1:{SAMPLE}])::text
                  FROM ({question}) q WHERE q.book_id = ANY(%s) GROUP BY 1""",
            [books],
        )
        return {book: (rows, json.loads(sample)) for book, rows, sample in cursor.fetchall()}


# Each selects what contradicts: book_id, id, and what makes it wrong.
QUESTIONS = {
    "trial_balance": """
        SELECT book_id, book_id AS id, sum(balance) AS sum
          FROM ledger_account GROUP BY book_id HAVING sum(balance) <> 0""",
    "transfers_in_one_book": """
        SELECT coalesce(j.book_id, src.book_id, dst.book_id) AS book_id, t.id, t.journal_id, t.src_id, t.dst_id
          FROM ledger_transfer t
          LEFT JOIN ledger_journal j ON j.id = t.journal_id
          LEFT JOIN ledger_account src ON src.id = t.src_id
          LEFT JOIN ledger_account dst ON dst.id = t.dst_id
         WHERE (src.book_id = j.book_id AND dst.book_id = j.book_id) IS NOT TRUE""",
    "balance_is_in_minus_out": """
        SELECT a.book_id, a.id, a.code, a.balance, coalesce(m.moved, 0) AS moved
          FROM ledger_account a
          LEFT JOIN (SELECT id, sum(delta) AS moved
                       FROM (SELECT src_id AS id, -amount AS delta FROM ledger_transfer
                             UNION ALL SELECT dst_id, amount FROM ledger_transfer) x GROUP BY id) m ON m.id = a.id
         WHERE a.balance <> coalesce(m.moved, 0)""",
    "floors_hold": "SELECT book_id, id, code, balance, floor FROM ledger_account WHERE balance < floor",
    "lots_sum_to_balance": """
        SELECT a.book_id, a.id, a.code, a.balance, coalesce(l.held, 0) AS held
          FROM ledger_account a
          LEFT JOIN (SELECT account_id, sum(remaining) AS held FROM ledger_lot GROUP BY 1) l ON l.account_id = a.id
         WHERE coalesce(l.held, 0) <> CASE WHEN a.lots THEN a.balance ELSE 0 END""",
    "lot_is_credited_minus_used": """
        SELECT a.book_id, l.id, l.credited, l.remaining, coalesce(u.used, 0) AS used
          FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id
          LEFT JOIN (SELECT lot_id, sum(amount) AS used FROM ledger_lotuse WHERE renewed_into_id IS NULL GROUP BY 1) u
                 ON u.lot_id = l.id
         WHERE l.remaining <> l.credited - coalesce(u.used, 0)""",
    "credited_is_what_came": """
        SELECT a.book_id, a.id, a.code, x.credited, x.came
          FROM (SELECT account_id, sum(credited) AS credited, sum(came) AS came
                  FROM (SELECT account_id, credited, 0 AS came FROM ledger_lot
                        UNION ALL
                        SELECT t.dst_id, 0, t.amount FROM ledger_transfer t
                          JOIN ledger_account d ON d.id = t.dst_id AND d.lots WHERE t.reverses_id IS NULL
                        UNION ALL
                        SELECT l.account_id, 0, -u.amount
                          FROM ledger_lotuse u JOIN ledger_lot l ON l.id = u.renewed_into_id) y
                 GROUP BY 1) x
          JOIN ledger_account a ON a.id = x.account_id WHERE x.credited <> x.came""",
    "uses_sum_to_spend": """
        SELECT src.book_id, t.id, t.amount, coalesce(u.taken, 0) AS taken, coalesce(u.given, 0) AS given
          FROM ledger_transfer t
          JOIN ledger_account src ON src.id = t.src_id
          JOIN ledger_account dst ON dst.id = t.dst_id
          LEFT JOIN (SELECT transfer_id, sum(greatest(amount, 0)) AS taken, -sum(least(amount, 0)) AS given
                       FROM ledger_lotuse GROUP BY 1) u ON u.transfer_id = t.id
         WHERE coalesce(u.taken, 0) <> CASE WHEN src.lots THEN t.amount ELSE 0 END
            OR coalesce(u.given, 0) <> CASE WHEN dst.lots AND t.reverses_id IS NOT NULL THEN t.amount ELSE 0 END""",
    "reversals_within_original": """
        SELECT j.book_id, o.id, o.amount, r.reversed
          FROM (SELECT reverses_id, sum(amount) AS reversed
                  FROM ledger_transfer WHERE reverses_id IS NOT NULL GROUP BY 1) r
          JOIN ledger_transfer o ON o.id = r.reverses_id JOIN ledger_journal j ON j.id = o.journal_id
         WHERE r.reversed > o.amount""",
    "no_empty_journal": """
        SELECT j.book_id, j.id, j.key FROM ledger_journal j
         WHERE NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.journal_id = j.id)""",
}
