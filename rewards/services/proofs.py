"""Proofs of vouchers and redemptions: what must be true of them, asked of the rows themselves."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from core.models import Program

SAMPLE = 5


class VoucherProof(NamedTuple):
    """One question: how many rows contradict it, and the first of them."""

    name: str
    rows: int
    sample: list[dict[str, object]]

    @property
    def ok(self) -> bool:
        """Whether nothing contradicts."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class ProvedVouchers:
    """A program's vouchers: how many were issued and what became of them, and the answers to every question."""

    program: Program
    totals: dict[str, int] = field(default_factory=dict)
    proofs: list[VoucherProof] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether they add up."""
        return all(proof.ok for proof in self.proofs)


def prove_vouchers(*, at: datetime, program: Program | None = None) -> list[ProvedVouchers]:
    """Ask every question of a program's vouchers, or of all; one query a question. ``at`` says what has expired."""
    rows = Program.objects.all() if program is None else Program.objects.filter(pk=program.pk)
    found = {row.pk: ProvedVouchers(row, dict.fromkeys(TOTALS, 0)) for row in rows.order_by("code")}
    ids = list(found)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"at": at, "programs": ids})
        for program_id, *counts in cursor.fetchall():
            found[program_id].totals.update(zip(TOTALS, counts, strict=True))
        for name, question in QUESTIONS.items():
            cursor.execute(ASK.format(question=question), {"programs": ids})
            wrong = {pk: (rows, json.loads(sample)) for pk, rows, sample in cursor.fetchall()}
            for pk, one in found.items():
                one.proofs.append(VoucherProof(name, *wrong.get(pk, (0, []))))
    for one in found.values():
        one.proofs.insert(0, _balance(one.totals))
    return list(found.values())


def _balance(totals: dict[str, int]) -> VoucherProof:
    ended = sum(count for name, count in totals.items() if name != "issued")
    wrong: list[dict[str, object]] = [] if ended == totals["issued"] else [dict(totals)]
    return VoucherProof("issued_is_used_expired_open_void", len(wrong), wrong)


TOTALS = ("issued", "used", "expired", "open", "void")
# What was issued is counted from who gave it, what became of it from the vouchers.
COUNT = """
    SELECT p.id, coalesce(g.issued, 0), coalesce(v.used, 0), coalesce(v.expired, 0), coalesce(v.open, 0),
           coalesce(v.void, 0)
      FROM core_program p
      LEFT JOIN (
        SELECT program_id, sum(issued)::bigint AS issued FROM (
            SELECT v.program_id, count(*) AS issued FROM rewards_voucher v
             WHERE v.program_id = ANY(%(programs)s) AND v.member_id IS NOT NULL AND v.redemption_id IS NULL GROUP BY 1
            UNION ALL
            SELECT d.program_id, sum(d.quantity) FROM rewards_redemption d
             WHERE d.program_id = ANY(%(programs)s) AND EXISTS (
                SELECT FROM rewards_voucher v WHERE v.redemption_id = d.id) GROUP BY 1
        ) x GROUP BY 1
      ) g ON g.program_id = p.id
      LEFT JOIN (
        SELECT v.program_id,
               count(*) FILTER (WHERE v.state = 'used') AS used,
               count(*) FILTER (WHERE v.state = 'void') AS void,
               count(*) FILTER (WHERE v.state = 'ready' AND v.expires_on < (%(at)s AT TIME ZONE k.timezone)::date)
                   AS expired,
               count(*) FILTER (WHERE v.state = 'ready'
                   AND (v.expires_on IS NULL OR v.expires_on >= (%(at)s AT TIME ZONE k.timezone)::date)) AS open
          FROM rewards_voucher v JOIN members_member m ON m.id = v.member_id JOIN core_market k ON k.id = m.market_id
         WHERE v.program_id = ANY(%(programs)s) GROUP BY 1
      ) v ON v.program_id = p.id
     WHERE p.id = ANY(%(programs)s)
"""
ASK = f"""
    SELECT q.program_id, count(*), to_jsonb((array_agg(to_jsonb(q) - 'program_id' ORDER BY q.id))[1:{SAMPLE}])::text
      FROM ({{question}}) q WHERE q.program_id = ANY(%(programs)s) GROUP BY 1
"""
# What outlets took of each voucher and did not give back.
STANDING_USES = """
            SELECT w.voucher_id, count(*) AS uses, sum(w.amount_minor) AS taken FROM rewards_voucheruse w
             WHERE w.undoes_id IS NULL AND NOT EXISTS (SELECT FROM rewards_voucheruse n WHERE n.undoes_id = w.id)
             GROUP BY 1"""
# Each selects what contradicts: program_id, id, and what makes it wrong.
QUESTIONS = {
    "voucher_was_given_by_one": """
        SELECT program_id, id, event_id, entitlement_id, redemption_id FROM rewards_voucher
         WHERE member_id IS NOT NULL AND num_nonnulls(event_id, entitlement_id, redemption_id) <> 1""",
    "voucher_is_of_its_redemption": """
        SELECT v.program_id, v.id, v.redemption_id FROM rewards_voucher v
          JOIN rewards_redemption d ON d.id = v.redemption_id
         WHERE (v.member_id, v.reward_id, v.program_id) IS DISTINCT FROM (d.member_id, d.reward_id, d.program_id)""",
    "stored_value_is_what_uses_left": f"""
        SELECT v.program_id, v.id, v.uuid AS voucher, v.value_minor - v.left_minor AS gone, u.taken
          FROM rewards_voucher v LEFT JOIN ({STANDING_USES}) u ON u.voucher_id = v.id
         WHERE v.value_minor - v.left_minor <> coalesce(u.taken, 0)""",
    "plain_voucher_is_used_by_one_use": f"""
        SELECT v.program_id, v.id, v.uuid AS voucher, v.state, coalesce(u.uses, 0) AS uses
          FROM rewards_voucher v LEFT JOIN ({STANDING_USES}) u ON u.voucher_id = v.id
         WHERE v.value_minor IS NULL AND coalesce(u.uses, 0) <> CASE WHEN v.state = 'used' THEN 1 ELSE 0 END""",
    "redemption_has_its_pieces": """
        SELECT d.program_id, d.id, d.state, d.quantity, count(v.id) AS vouchers FROM rewards_redemption d
          JOIN rewards_reward r ON r.id = d.reward_id
          LEFT JOIN rewards_voucher v ON v.redemption_id = d.id
         GROUP BY d.id, r.id
        HAVING CASE WHEN d.state = 'pending' THEN count(v.id) <> 0
                    WHEN count(v.id) = 0 THEN d.state = 'issued' AND r.kind <> 'cashback' AND r.stock <> 'supplier'
                        AND NOT EXISTS (SELECT FROM rewards_supplierorder o WHERE o.redemption_id = d.id)
                    ELSE count(v.id) <> d.quantity END""",
    "cancelled_redemption_is_void": """
        SELECT d.program_id, d.id, v.uuid AS voucher, v.state FROM rewards_redemption d
          JOIN rewards_voucher v ON v.redemption_id = d.id WHERE d.state = 'cancelled' AND v.state <> 'void'""",
    "redemption_was_paid": """
        SELECT d.program_id, d.id, d.points, t.amount FROM rewards_redemption d
          LEFT JOIN ledger_book b ON b.program_id = d.program_id AND b.unit = 'points'
          LEFT JOIN ledger_journal j ON j.book_id = b.id AND j.key = 'redeem:' || d.uuid
          LEFT JOIN ledger_transfer t ON t.journal_id = j.id
         WHERE t.amount IS DISTINCT FROM d.points""",
    "cancelled_redemption_was_given_back": """
        SELECT d.program_id, d.id, d.state, d.points, t.amount FROM rewards_redemption d
          LEFT JOIN ledger_book b ON b.program_id = d.program_id AND b.unit = 'points'
          LEFT JOIN ledger_journal j ON j.book_id = b.id AND j.key = 'unredeem:' || d.uuid
          LEFT JOIN ledger_transfer t ON t.journal_id = j.id AND t.reverses_id IS NOT NULL  -- others repay debt
         WHERE d.state = 'cancelled' AND t.amount IS DISTINCT FROM d.points
         UNION ALL
        SELECT d.program_id, d.id, d.state, d.points, t.amount FROM ledger_journal j
          JOIN ledger_book b ON b.id = j.book_id
          JOIN rewards_redemption d ON d.program_id = b.program_id AND d.uuid::text = substr(j.key, 10)
          JOIN ledger_transfer t ON t.journal_id = j.id AND t.reverses_id IS NOT NULL
         WHERE starts_with(j.key, 'unredeem:') AND b.unit = 'points' AND d.state <> 'cancelled'""",
    "spend_has_its_redemption": """
        SELECT b.program_id, j.id, j.key FROM ledger_journal j JOIN ledger_book b ON b.id = j.book_id
         WHERE starts_with(j.key, 'redeem:') AND b.unit = 'points' AND NOT EXISTS (
            SELECT FROM rewards_redemption d WHERE d.uuid::text = substr(j.key, 8))""",
    # A late or unclear order of a cancelled one is no contradiction: it is known, and waits for people.
    "issued_redemption_was_delivered": """
        SELECT d.program_id, d.id, d.uuid, o.po_number, o.state AS order_state FROM rewards_redemption d
          JOIN rewards_reward r ON r.id = d.reward_id
          LEFT JOIN rewards_supplierorder o ON o.redemption_id = d.id
         WHERE d.state = 'issued' AND CASE WHEN o.id IS NOT NULL THEN o.state <> 'delivered'
               ELSE r.stock = 'supplier' AND r.kind <> 'cashback'
                AND NOT EXISTS (SELECT FROM rewards_voucher v WHERE v.redemption_id = d.id) END""",
    "pending_redemption_is_not_delivered": """
        SELECT d.program_id, d.id, d.uuid, o.po_number, o.state AS order_state FROM rewards_redemption d
          JOIN rewards_supplierorder o ON o.redemption_id = d.id
         WHERE d.state = 'pending' AND o.state NOT IN ('waiting', 'sent')""",
    "cancelled_redemption_is_not_delivered": """
        SELECT d.program_id, d.id, d.uuid, o.po_number, o.state AS order_state FROM rewards_redemption d
          JOIN rewards_supplierorder o ON o.redemption_id = d.id
         WHERE d.state = 'cancelled' AND o.state = 'delivered'""",
    "redemption_is_ordered_once": """
        SELECT d.program_id, d.id, d.uuid, count(*) AS orders FROM rewards_redemption d
          JOIN rewards_supplierorder o ON o.redemption_id = d.id
         WHERE o.state IN ('waiting', 'sent', 'delivered') GROUP BY d.id HAVING count(*) > 1""",
}
