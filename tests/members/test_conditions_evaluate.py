"""What conditions mean in Python: every op on every type, missing facts, and the leaf that failed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.conditions import Condition, leaf_at, leaves
from members.rules.evaluate import Failed, compile_python, fold
from members.rules.values import FactValue
from tests.members.conditions import CATALOGUE, read, trees


def check(condition: Condition, facts: Mapping[str, FactValue], prefix: str = "when") -> Failed | None:
    return compile_python(condition, prefix)(facts.get)


def holds(tree: object, facts: Mapping[str, FactValue]) -> bool:
    return check(read(tree), facts) is None


TABLE: list[tuple[str, str, object, FactValue, bool]] = [
    # text and choice
    ("event.channel", "eq", "app", "app", True),
    ("event.channel", "eq", "app", "App", False),
    ("event.channel", "ne", "app", "web", True),
    ("event.channel", "ne", "app", "app", False),
    ("event.channel", "in", ["app", "web"], "web", True),
    ("event.channel", "in", ["app", "web"], "atm", False),
    ("event.channel", "not_in", ["app", "web"], "atm", True),
    ("event.channel", "not_in", ["app", "web"], "app", False),
    ("event.channel", "contains", "PP", "mobile app", True),
    ("event.channel", "contains", "điện", "TIỀN ĐIỆN", True),
    ("event.channel", "contains", "web", "mobile app", False),
    ("event.data.category", "eq", "bill", "bill", True),
    ("event.data.category", "not_in", ["bill"], "transfer", True),
    # integers, and hours with their fractions
    ("event.ordinal", "eq", 1, 1, True),
    ("event.ordinal", "ne", 1, 1, False),
    ("event.ordinal", "gt", 1, 1, False),
    ("event.ordinal", "gt", 1, 2, True),
    ("event.ordinal", "gte", 1, 1, True),
    ("event.ordinal", "gte", 1, 0, False),
    ("event.ordinal", "lt", 1, 1, False),
    ("event.ordinal", "lt", 1, 0, True),
    ("event.ordinal", "lte", 1, 1, True),
    ("event.ordinal", "lte", 1, 2, False),
    ("event.ordinal", "in", [1, 3], 3, True),
    ("event.ordinal", "between", [1, 3], 1, True),
    ("event.ordinal", "between", [1, 3], 3, True),
    ("event.ordinal", "between", [1, 3], 4, False),
    ("event.ordinal", "between", [1, 3], 0, False),
    ("member.hours_since_kyc", "lte", 24, Decimal(24), True),
    ("member.hours_since_kyc", "lte", 24, Decimal("24.000000000277777777777777778"), False),
    ("member.hours_since_kyc", "eq", 24, Decimal("24.0"), True),
    ("member.hours_since_kyc", "in", [24], Decimal("24.0"), True),
    ("member.hours_since_kyc", "in", [24], Decimal("24.1"), False),
    # amounts: their value counts, not their decimals
    ("event.amount", "eq", "20.00", Decimal("20.0"), True),
    ("event.amount", "in", ["20.00"], Decimal(20), True),
    ("event.amount", "gte", "20.00", Decimal("19.99"), False),
    ("event.amount", "gte", "20.00", Decimal("20.00"), True),
    ("event.amount", "lt", "0.01", Decimal(0), True),
    ("event.amount", "between", ["9.99", "10"], Decimal("9.99"), True),
    # dates
    ("event.date", "eq", "2026-02-28", date(2026, 2, 28), True),
    ("event.date", "gt", "2026-02-28", date(2026, 3, 1), True),
    ("event.date", "lte", "2026-02-28", date(2026, 3, 1), False),
    ("event.date", "in", ["2026-02-28"], date(2026, 2, 28), True),
    ("event.date", "between", ["2026-02-01", "2026-02-28"], date(2026, 2, 28), True),
    # booleans
    ("member.preferred", "eq", False, False, True),
    ("member.preferred", "eq", True, False, False),
    ("member.preferred", "ne", True, False, True),
    # lists
    ("member.segments", "contains", "vip", ("quiet", "vip"), True),
    ("member.segments", "contains", "vip", ("quiet",), False),
    ("member.segments", "exists", True, ("quiet",), True),
    ("member.segments", "exists", True, (), False),
    ("member.segments", "exists", False, (), True),
    # a value that looks empty is a value
    ("member.preferred", "exists", True, False, True),
    ("event.ordinal", "exists", True, 0, True),
    ("event.ordinal", "exists", False, 0, False),
]


@pytest.mark.parametrize(("fact", "op", "value", "actual", "expected"), TABLE)
def test_a_leaf_compares(fact: str, op: str, value: object, actual: FactValue, expected: bool) -> None:
    leaf = {"fact": fact, "op": op, "value": value}
    assert holds(leaf, {fact: actual}) is expected
    assert holds({"not": leaf}, {fact: actual}) is not expected


@pytest.mark.parametrize(("fact", "op", "value", "actual", "expected"), TABLE)
def test_a_missing_fact_makes_every_leaf_false_but_exists(
    fact: str, op: str, value: object, actual: FactValue, expected: bool
) -> None:
    leaf = {"fact": fact, "op": op, "value": value}
    assert holds(leaf, {}) is (op == "exists" and value is False)
    assert holds({"not": leaf}, {}) is not (op == "exists" and value is False)


A, B, C = ({"fact": "event.ordinal", "op": "eq", "value": number} for number in (1, 2, 3))
YES = {"fact": "event.hour", "op": "gte", "value": 0}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (A, "when"),
        ({"all": [YES, B, C]}, "when.all[1]"),
        ({"any": [A, B]}, "when.any[0]"),
        ({"all": [{"any": [A, YES]}, {"any": [B, {"all": [YES, C]}]}]}, "when.all[1].any[0]"),
        ({"not": YES}, "when.not"),
        ({"not": {"any": [A, {"all": [YES]}]}}, "when.not.any[0]"),
        ({"not": {"not": A}}, "when.not.not"),
        ({"all": [YES, {"not": {"all": [YES, {"not": B}]}}]}, "when.all[1].not.all[0]"),
    ],
)
def test_the_first_false_leaf_in_file_order_is_named(tree: object, path: str) -> None:
    condition = read(tree)
    failed = check(condition, {"event.ordinal": 9, "event.hour": 5})
    assert failed is not None
    assert failed.path == path
    assert f"when.{leaf_at(condition, failed.leaf).path}".rstrip(".") == path


def test_a_failure_says_what_was_asked_and_what_was_found() -> None:
    tree = {"all": [YES, {"fact": "event.amount", "op": "between", "value": ["10.00", "20.00"]}]}
    failed = check(read(tree), {"event.hour": 1, "event.amount": Decimal("9.50")}, "audience")
    assert failed == Failed("audience.all[1]", "event.amount", "between", ["10.00", "20.00"], Decimal("9.50"), leaf=1)


def test_a_missing_fact_is_shown_as_nothing() -> None:
    assert check(read(YES), {}) == Failed("when", "event.hour", "gte", 0, None, leaf=0)


def test_only_facts_that_decide_are_asked_for() -> None:
    asked: list[str] = []

    def facts(name: str) -> FactValue:
        asked.append(name)
        return {"event.ordinal": 2, "event.hour": 5}[name]

    compile_python(read({"all": [{"any": [YES, C]}, A, {"fact": "member.points", "op": "gt", "value": 1}]}))(facts)
    assert asked == ["event.hour", "event.ordinal"]


def plain(condition: Condition, results: list[bool]) -> bool:
    """The meaning of the tree alone: leaves are taken in file order from ``results``."""
    name, parts = type(condition).__name__, getattr(condition, "parts", ())
    if name == "Leaf":
        return results.pop(0)
    if name == "Not":
        return not plain(condition.part, results)  # type: ignore[union-attr]
    outcomes = [plain(part, results) for part in parts]
    return all(outcomes) if name == "All" else any(outcomes)


@given(trees(["event.ordinal", "event.channel", "member.segments"]), st.integers(-2, 3), st.sampled_from([None, "x"]))
def test_a_tree_is_the_logic_of_its_leaves(tree: object, ordinal: int, channel: str | None) -> None:
    facts: dict[str, FactValue] = {"event.ordinal": ordinal, "event.channel": channel, "member.segments": ("vip",)}
    condition = read(tree)
    alone = [check(leaf, facts) is None for leaf in leaves(condition)]
    failed = check(condition, facts)
    assert (failed is None) is plain(condition, alone)


@given(trees(CATALOGUE.names("payment.completed")))
def test_without_any_fact_only_exists_decides(tree: object) -> None:
    condition = read(tree)
    absent = [leaf.op == "exists" and leaf.value is False for leaf in leaves(condition)]
    assert (check(condition, {}) is None) is plain(condition, absent)


def test_case_is_folded_letter_by_letter() -> None:
    assert [fold(text) for text in ("ABC", "ΣΑΣ", "İ", "ß", "ĐIỆN")] == ["abc", "σασ", "i", "ß", "điện"]
