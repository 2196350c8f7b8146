"""Members for whom a condition holds, found by one SQL statement.

The same meaning as ``members/rules/evaluate.py``: a fact without a value makes its leaf false. An SQL comparison
with NULL is NULL, and for ``all`` and ``any`` that is as good as false; only ``not`` has to turn it round itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from core.models import Program
from core.rules.money import decimals
from members.rules.catalogue import Kind
from members.rules.conditions import All, AnyOf, Condition, Leaf, Not, Op
from members.rules.evaluate import fold
from members.rules.values import Value
from members.selectors.fact_sql import Statement

COMPARISONS = {Op.EQ: "=", Op.NE: "<>", Op.GT: ">", Op.GTE: ">=", Op.LT: "<", Op.LTE: "<="}
_MOST_HOURS = 10**9  # longer than the calendar; an interval holds no more


@dataclass(frozen=True, slots=True)
class MemberQuery:
    """``SELECT m.… FROM {tables} WHERE {where}`` gives the members; ``m`` is the alias of their row."""

    tables: str
    where: str
    params: dict[str, Any]


def compile_sql(condition: Condition, *, program: Program, at: datetime) -> MemberQuery:
    """The members of a program for whom a condition of ``member.*`` facts holds at a moment, without erased ones."""
    statement = Statement(program=program, at=at)
    where = f"m.program_id = %(program)s AND m.status <> 'erased' AND {_node(statement, condition)}"
    tables = " ".join(["members_member m", *statement.joins.values()])
    return MemberQuery(tables, where, statement.params)


def count_members(*, program: Program, condition: Condition, at: datetime) -> int:
    """How many members a condition holds for."""
    query = compile_sql(condition, program=program, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {query.tables} WHERE {query.where}", query.params)
        (count,) = cursor.fetchone()
    return int(count)


def find_members(*, program: Program, condition: Condition, at: datetime) -> list[int]:
    """The ids of the members for whom a condition holds, in order."""
    query = compile_sql(condition, program=program, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT m.id FROM {query.tables} WHERE {query.where} ORDER BY m.id", query.params)
        return [int(member) for (member,) in cursor.fetchall()]


def _node(statement: Statement, condition: Condition) -> str:
    match condition:
        case All(parts):
            return f"({' AND '.join(_node(statement, part) for part in parts)})"
        case AnyOf(parts):
            return f"({' OR '.join(_node(statement, part) for part in parts)})"
        case Not(part):
            return f"({_node(statement, part)} IS NOT TRUE)"
        case Leaf():
            return f"({_leaf(statement, condition)})"


def _leaf(statement: Statement, leaf: Leaf) -> str:
    if leaf.type.kind is Kind.LIST:
        return _segment(statement, leaf)
    fact = f"({statement.expression(leaf)})"
    if leaf.op in COMPARISONS:
        return f"{fact} {COMPARISONS[leaf.op]} {_bound(statement, leaf, *_values(leaf))}"
    return OTHERS[leaf.op](statement, leaf, fact)


def _exists(_statement: Statement, leaf: Leaf, fact: str) -> str:
    return f"{fact} IS NOT NULL" if leaf.value else f"{fact} IS NULL"


def _contains(statement: Statement, leaf: Leaf, fact: str) -> str:
    return f"position({statement.bind(fold(str(leaf.value)))} IN lower({fact})) > 0"


def _in(statement: Statement, leaf: Leaf, fact: str) -> str:
    return f"{fact} = ANY({statement.bind([_stored(statement, leaf, value) for value in _values(leaf)])})"


def _not_in(statement: Statement, leaf: Leaf, fact: str) -> str:
    return f"{fact} <> ALL({statement.bind([_stored(statement, leaf, value) for value in _values(leaf)])})"


def _between(statement: Statement, leaf: Leaf, fact: str) -> str:
    low, high = (_bound(statement, leaf, value) for value in _values(leaf))
    return f"{fact} BETWEEN {low} AND {high}"


OTHERS: Mapping[Op, Callable[[Statement, Leaf, str], str]] = {
    Op.EXISTS: _exists,
    Op.CONTAINS: _contains,
    Op.IN: _in,
    Op.NOT_IN: _not_in,
    Op.BETWEEN: _between,
}


def _segment(statement: Statement, leaf: Leaf) -> str:
    segments = "SELECT id FROM members_segment WHERE program_id = %(program)s AND NOT retired"
    rows = f"SELECT 1 FROM members_segmentmember s WHERE s.member_id = m.id AND s.segment_id IN ({segments}"
    if leaf.op is Op.EXISTS:
        return f"EXISTS ({rows}))" if leaf.value else f"NOT EXISTS ({rows}))"
    return f"EXISTS ({rows} AND code = {statement.bind(leaf.value)}))"


def _values(leaf: Leaf) -> tuple[Value, ...]:
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


def _bound(statement: Statement, leaf: Leaf, value: Value) -> str:
    """A placeholder for a value; an amount of whole units stays an integer, which the database compares faster."""
    stored = _stored(statement, leaf, value)
    return statement.bind(int(stored) if isinstance(stored, Decimal) and stored == int(stored) else stored)


def _stored(statement: Statement, leaf: Leaf, value: Value) -> object:
    """A value in the unit in which its fact is stored: minor units, intervals, ISO 8601 texts."""
    if isinstance(value, Decimal):
        return value.scaleb(decimals(statement.currency)) if leaf.fact.startswith("member.amount_") else value
    if isinstance(value, date):
        return value.isoformat()
    if leaf.fact.startswith("member.hours_since_") and isinstance(value, int):
        return timedelta(hours=max(-_MOST_HOURS, min(value, _MOST_HOURS)))
    return value
