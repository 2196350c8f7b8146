"""Matching a statement with what we know: a fixed number of statements, whatever its length.

Lines and our uses or orders of the same voucher or order are paired once each: those that agree in day and amount, then
those within the tolerance and a day of each other, then any, which are differences. Where we know no amount, nothing
agrees: somebody has to look. What is left says why, and what we have and the statement lacks is added. What another
statement has, or people closed or are about to close, is out of it.
"""

from typing import Any

from django.db import connection

from core.rules.money import decimals
from rewards.models import Statement

# What the party used or delivered: ``subject`` is the voucher or order, ``target`` the use or order, ``day`` local,
# ``amount`` what is owed for it, null where nothing says so; ``foreign_``: in another currency. A use that was
# undone is none. Stored value owes what was taken, other vouchers what their reward costs. For an order whose supplier
# named no cost we owe what its pieces are worth, or what they cost.
USES = """
    SELECT u.id AS target, v.id AS subject, (u.at AT TIME ZONE m.timezone)::date AS day, v.uuid::text AS reference,
        CASE WHEN v.value_minor IS NOT NULL THEN u.amount_minor
             ELSE round((r.cost->>%(currency)s)::numeric * %(scale)s)::bigint END AS amount,
        v.value_minor IS NOT NULL AND u.currency <> %(currency)s AS foreign_
    FROM rewards_voucheruse u JOIN dealers_outlet o ON o.id = u.outlet_id JOIN core_market m ON m.id = o.market_id
    LEFT JOIN dealers_dealer d ON d.id = o.dealer_id
    JOIN rewards_voucher v ON v.id = u.voucher_id JOIN rewards_reward r ON r.id = v.reward_id
    WHERE v.program_id = %(program)s AND (o.code = %(party)s OR d.code = %(party)s) AND u.undoes_id IS NULL
        AND NOT EXISTS (SELECT FROM rewards_voucheruse b WHERE b.undoes_id = u.id)
"""
ORDERS = """
    SELECT o.id AS target, o.id AS subject, (coalesce(o.closed_at, o.created_at) AT TIME ZONE p.timezone)::date AS day,
        o.po_number AS reference, coalesce(o.cost_minor, n.quantity * CASE
            WHEN n.value_minor IS NULL THEN round((r.cost->>%(currency)s)::numeric * %(scale)s)::bigint
            WHEN n.currency = %(currency)s THEN n.value_minor END) AS amount,
        o.currency NOT IN ('', %(currency)s) AS foreign_
    FROM rewards_supplierorder o JOIN rewards_supplier s ON s.id = o.supplier_id
    JOIN core_program p ON p.id = s.program_id
    JOIN rewards_redemption n ON n.id = o.redemption_id JOIN rewards_reward r ON r.id = n.reward_id
    WHERE s.program_id = %(program)s AND s.code = %(party)s AND o.state IN ('delivered', 'late', 'settled')
"""
# PostgreSQL knows no more of a long new statement than of others, and would go through what we know anew for each line.
HASHED = """
    SELECT set_config('enable_nestloop', 'off', true) FROM rewards_statementline WHERE statement_id = %(statement)s
    HAVING count(*) > 1000
"""
AS_USUAL = "SET LOCAL enable_nestloop TO DEFAULT"
# Whom references name: a voucher by the hash of its code, an order by either of its numbers.
NAME_VOUCHERS = """
    UPDATE rewards_statementline l SET voucher_id = v.id FROM rewards_voucher v
    WHERE l.statement_id = %(statement)s AND l.match = '' AND l.voucher_id IS NULL AND v.digest = l.digest
        AND v.program_id = %(program)s AND v.member_id IS NOT NULL
"""
NAME_ORDERS = """
    UPDATE rewards_statementline l SET order_id = (
        SELECT o.id FROM rewards_supplierorder o JOIN rewards_supplier s ON s.id = o.supplier_id
        WHERE s.program_id = %(program)s AND (o.po_number = l.reference OR o.number = l.reference)
        ORDER BY s.code = %(party)s DESC, o.po_number = l.reference DESC, o.id LIMIT 1
    )
    WHERE l.statement_id = %(statement)s AND l.problem = '' AND l.match = ''
"""
# A line (x) because of which a use or order is not free for any other statement.
TAKEN = "(x.match IN ('exact', 'tolerant') OR x.state IN ('proposed', 'closed') AND x.reason <> 'other-party')"
# Of a line's candidates and a candidate's lines the first of each that is free; ``{kind}`` is use or order.
PAIR = """
    WITH ours AS ({ours}),
    pairs AS (
        SELECT l.id AS line, o.*,
            row_number() OVER (PARTITION BY o.target ORDER BY l.number) AS turn_of_line,
            row_number() OVER (PARTITION BY l.id ORDER BY o.day, o.target) AS turn_of_target
        FROM rewards_statementline l JOIN ours o ON o.subject = l.{subject}_id
        WHERE l.statement_id = %(statement)s AND l.problem = '' AND l.match = '' AND {condition}
            AND NOT EXISTS (
                SELECT FROM rewards_statementline x WHERE x.{kind}_id = o.target
                AND (x.statement_id = %(statement)s AND x.match <> '' AND x.number > 0 OR {taken})
            )
    ),
    by_line AS (
        SELECT DISTINCT ON (line) * FROM pairs WHERE turn_of_line = turn_of_target ORDER BY line, turn_of_line
    ),
    chosen AS (SELECT DISTINCT ON (target) * FROM by_line ORDER BY target, line)
    UPDATE rewards_statementline l SET {kind}_id = c.target, match = '{match}', expected_minor = c.amount,
        difference_minor = l.amount_minor - coalesce(c.amount, 0), reason = {reason}, state = '{state}'
    FROM chosen c WHERE l.id = c.line
"""
SAME_DAY = '(l."on" IS NULL OR l."on" = o.day)'
SAME_AMOUNT = "o.amount = l.amount_minor AND NOT o.foreign_"
NEAR_DAY = '(l."on" IS NULL OR abs(l."on" - o.day) <= 1)'
# A tolerance is for roundings and fees: whoever sets it clears no more than a tenth of an amount with it.
NEAR_AMOUNT = "abs(o.amount - l.amount_minor) <= least(%(tolerance)s, o.amount / 10) AND NOT o.foreign_"
WHAT_IS_NEAR = "CASE WHEN c.amount <> l.amount_minor THEN 'amount' ELSE 'day' END"
WHAT_DIFFERS = """CASE WHEN c.foreign_ THEN 'currency' WHEN c.amount IS NULL THEN 'no-amount'
        WHEN abs(c.amount - l.amount_minor) > least(%(tolerance)s, c.amount / 10) THEN 'amount' ELSE 'day' END"""
# Of what is left: why it has no pair.
EXPLAIN = """
    UPDATE rewards_statementline l SET state = 'open', difference_minor = l.amount_minor,
        match = CASE WHEN {twice} THEN 'duplicate' ELSE 'unmatched' END,
        reason = CASE WHEN l.{subject}_id IS NULL THEN 'unknown' WHEN {twice} THEN 'twice'
            WHEN {elsewhere} THEN 'other-party' WHEN {already} THEN 'already' ELSE 'not-used' END
    WHERE l.statement_id = %(statement)s AND l.problem = '' AND l.match = ''
"""
TWICE = """coalesce(l.{subject}_id IN (SELECT x.{subject}_id FROM rewards_statementline x
        WHERE x.statement_id = %(statement)s AND x.number > 0 AND x.{kind}_id IS NOT NULL AND x.match <> ''), false)"""
ALREADY = """EXISTS (SELECT FROM rewards_statementline x WHERE x.{subject}_id = l.{subject}_id
        AND x.statement_id <> l.statement_id AND x.{kind}_id IS NOT NULL AND {taken})"""
USED_ELSEWHERE = f"""EXISTS (SELECT FROM rewards_voucheruse u WHERE u.voucher_id = l.voucher_id AND u.undoes_id IS NULL
        AND NOT EXISTS (SELECT FROM rewards_voucheruse b WHERE b.undoes_id = u.id))
        AND NOT EXISTS (SELECT FROM ({USES}) o WHERE o.subject = l.voucher_id)"""
ORDERED_ELSEWHERE = """EXISTS (SELECT FROM rewards_supplierorder o JOIN rewards_supplier s ON s.id = o.supplier_id
        WHERE o.id = l.order_id AND s.code <> %(party)s)"""
MISSING = """
    INSERT INTO rewards_statementline (statement_id, number, reference, {columns}, "on", expected_minor,
        difference_minor, match, reason, state, problem, detail, note)
    SELECT %(statement)s,
        (SELECT least(min(number), 0) FROM rewards_statementline WHERE statement_id = %(statement)s)
        - row_number() OVER (ORDER BY o.day, o.target), o.reference, {values}, o.day, o.amount,
        -o.amount, 'unmatched', 'missing', 'open', '', '', ''
    FROM ({ours}) o WHERE o.day BETWEEN %(since)s AND %(until)s AND NOT EXISTS (
        SELECT FROM rewards_statementline x WHERE x.{kind}_id = o.target AND (x.statement_id = %(statement)s OR {taken})
    )
"""
# To match again: open lines become as new; of ours those are lacking no more that somebody has or that were undone.
FORGET = """
    UPDATE rewards_statementline SET match = '', reason = '', state = 'clear', use_id = NULL, expected_minor = NULL,
        difference_minor = NULL
    WHERE statement_id = %(statement)s AND state = 'open' AND number > 0
"""
FOUND = """
    DELETE FROM rewards_statementline l WHERE l.statement_id = %(statement)s AND l.state = 'open' AND l.number < 0 AND (
        NOT EXISTS (SELECT FROM ({ours}) o WHERE o.target = l.{kind}_id)
        OR EXISTS (SELECT FROM rewards_statementline x WHERE x.{kind}_id = l.{kind}_id AND x.id <> l.id
            AND (x.statement_id = l.statement_id AND x.match <> '' OR {taken}))
    )
"""
PASSES = (
    (f"{SAME_DAY} AND {SAME_AMOUNT}", "exact", "''", "clear"),
    (f"{NEAR_DAY} AND {NEAR_AMOUNT}", "tolerant", WHAT_IS_NEAR, "clear"),
    ("true", "unmatched", WHAT_DIFFERS, "open"),
)
OF_OUTLETS = {
    "ours": USES, "subject": "voucher", "kind": "use", "name": NAME_VOUCHERS, "elsewhere": USED_ELSEWHERE,
    "columns": "voucher_id, use_id", "values": "o.subject, o.target",
}  # fmt: skip
OF_SUPPLIERS = {
    "ours": ORDERS, "subject": "order", "kind": "order", "name": NAME_ORDERS, "elsewhere": ORDERED_ELSEWHERE,
    "columns": "order_id", "values": "o.target",
}  # fmt: skip


def name_orders(*, statement: Statement) -> None:
    """Note which order each line means, as far as we know one."""
    with connection.cursor() as cursor:
        cursor.execute(NAME_ORDERS, _values(statement))


def match_statement(*, statement: Statement, again: bool = False) -> None:
    """Match all lines, and add what the statement lacks; inside a transaction that holds the program's statements.

    ``again``: of a statement that was matched, its open lines; what is clear, proposed or closed stays as it is.
    """
    with connection.cursor() as cursor:
        for sql in _steps(is_outlet=statement.kind == Statement.Kind.OUTLET, again=again):
            cursor.execute(sql, _values(statement))


def _values(statement: Statement) -> dict[str, Any]:
    return {
        "statement": statement.pk,
        "program": statement.program_id,
        "party": statement.party,
        "currency": statement.currency,
        "scale": 10 ** decimals(statement.currency),
        "tolerance": statement.tolerance_minor,
        "since": statement.since,
        "until": statement.until,
    }


def _steps(*, is_outlet: bool, again: bool) -> list[str]:
    """The statements, in their order."""
    names = {"taken": TAKEN, **(OF_OUTLETS if is_outlet else OF_SUPPLIERS)}
    pairs = [
        PAIR.format(**names, condition=condition, match=match, reason=reason, state=state)
        for condition, match, reason, state in PASSES
    ]
    before, after = ([FORGET, names["name"]], [FOUND.format(**names)]) if again else ([], [])
    twice, already = (part.format(**names) for part in (TWICE, ALREADY))
    explain = EXPLAIN.format(**names, twice=twice, already=already)
    missing = MISSING.format(**names)
    return [*before, HASHED, *pairs, *after, AS_USUAL, explain, HASHED, missing, AS_USUAL]
