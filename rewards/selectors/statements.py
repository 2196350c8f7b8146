"""What statements come to, and what waits for somebody."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from core.models import Program
from rewards.models import Statement, StatementLine


@dataclass(frozen=True, slots=True)
class Total:
    """All lines of a kind: how many, what they say, what we know, the difference, how many still wait."""

    match: str
    reason: str
    lines: int
    amount_minor: int
    expected_minor: int
    difference_minor: int
    waiting: int


def totals(statement: Statement) -> list[Total]:
    """The lines by match and reason; one query."""
    rows = StatementLine.objects.filter(statement=statement, problem="").values("match", "reason")
    found = rows.annotate(
        lines=Count("pk"),
        amount=Sum("amount_minor", default=0),
        expected=Sum("expected_minor", default=0),
        difference=Sum("difference_minor", default=0),
        waiting=Count("pk", filter=Q(state__in=["open", "proposed"])),
    )
    return [
        Total(
            row["match"], row["reason"], row["lines"], row["amount"], row["expected"], row["difference"], row["waiting"]
        )
        for row in found.order_by("match", "reason")
    ]


def differences(program: Program) -> QuerySet[StatementLine]:
    """Lines that wait for somebody, of the oldest statement first."""
    rows = StatementLine.objects.filter(statement__program=program, state__in=["open", "proposed"])
    return rows.order_by("statement", "number")
