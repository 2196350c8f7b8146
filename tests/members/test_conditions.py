"""What may be written as a condition, and what is said about everything else."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.catalogue import Catalogue, Declarations, FactType, Kind
from members.rules.conditions import Condition, ConditionError, Leaf, Op, dump, leaf_at, leaves, parse
from tests.members.conditions import CATALOGUE, read, trees

AMOUNT = {"fact": "event.amount", "op": "gte", "value": "20.00"}
KYC = {"fact": "member.hours_since_kyc", "op": "lte", "value": 24}


def errors(tree: object, *, member_only: bool = False, event_type: str | None = "payment.completed") -> dict[str, str]:
    with pytest.raises(ConditionError) as caught:
        parse(tree, catalogue=CATALOGUE, event_type=event_type, member_only=member_only)
    assert len(dict(caught.value.errors)) == len(caught.value.errors)
    return dict(caught.value.errors)


def leaf(fact: str, op: str, value: object) -> dict[str, object]:
    return {"fact": fact, "op": op, "value": value}


def test_a_single_leaf_is_a_condition() -> None:
    assert read(AMOUNT) == Leaf("event.amount", Op.GTE, Decimal("20.00"), FactType(Kind.AMOUNT), "", 0)


def test_leaves_carry_their_place_and_number_in_file_order() -> None:
    condition = read({"all": [AMOUNT, {"any": [KYC, {"not": AMOUNT}]}, KYC]})
    assert [(part.index, part.path) for part in leaves(condition)] == [
        (0, "all[0]"),
        (1, "all[1].any[0]"),
        (2, "all[1].any[1].not"),
        (3, "all[2]"),
    ]
    assert leaf_at(condition, 2).path == "all[1].any[1].not"


@given(trees(CATALOGUE.names("payment.completed")))
def test_dumping_gives_the_tree_back_as_json_and_again_the_same(tree: dict[str, object]) -> None:
    condition = read(tree)
    dumped = json.loads(json.dumps(dump(condition)))
    assert read(dumped) == condition
    assert dump(read(dumped)) == dumped
    assert [tree_leaf["fact"] for tree_leaf in map(dump, leaves(condition))] == [
        part.fact for part in leaves(condition)
    ]


def test_a_date_of_yaml_is_dumped_as_text() -> None:
    assert dump(read(leaf("event.date", "between", [date(2026, 1, 1), "2026-01-31"]))) == leaf(
        "event.date", "between", ["2026-01-01", "2026-01-31"]
    )


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ([], {"": "a condition is an object: all, any, not, or fact, op and value"}),
        ("x", {"": "a condition is an object: all, any, not, or fact, op and value"}),
        (None, {"": "a condition is an object: all, any, not, or fact, op and value"}),
        ({}, {"fact": "fact is missing", "op": "op is missing", "value": "value is missing"}),
        ({"all": []}, {"all": "all takes a list with at least one condition"}),
        ({"any": AMOUNT}, {"any": "any takes a list with at least one condition"}),
        ({"not": [AMOUNT]}, {"not": "a condition is an object: all, any, not, or fact, op and value"}),
        (
            {"all": [AMOUNT], "any": [KYC]},
            {"": "exactly one of all, any, not, or a fact stands in one place, not all and any"},
        ),
        ({"alls": [AMOUNT]}, {"alls": 'unknown key; did you mean "all"?', "fact": "fact is missing"}),
        ({**AMOUNT, "values": 1}, {"values": 'unknown key; did you mean "value"?'}),
        (
            {**AMOUNT, "not": KYC},
            {"": "exactly one of all, any, not, or a fact stands in one place, not fact and op and value and not"},
        ),
    ],
)
def test_a_tree_of_another_shape_is_refused(tree: object, expected: dict[str, str]) -> None:
    found = errors(tree)
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        ("member.poins", 'unknown fact "member.poins"; did you mean "member.points"'),
        ("event.data.categori", 'unknown fact "event.data.categori"; did you mean "event.data.category"'),
        ("event.data.odometer_km", 'unknown fact "event.data.odometer_km"'),
        ("member.data.shoe_size", 'unknown fact "member.data.shoe_size"'),
        ("member.count.payment", 'unknown fact "member.count.payment"'),
        ("amount", 'unknown fact "amount"'),
        (7, "a fact is named by a text"),
    ],
)
def test_an_unknown_fact_is_named_with_what_was_probably_meant(fact: object, message: str) -> None:
    (found,) = errors({"fact": fact, "op": "eq", "value": 1}).items()
    assert found[0] == "fact"
    assert found[1].startswith(message)


def test_facts_of_the_event_exist_in_rules_only() -> None:
    assert errors(AMOUNT, member_only=True, event_type=None) == {
        "fact": '"event.amount" is known only while an event is judged: name member facts here'
    }


def test_what_an_event_carries_depends_on_its_type() -> None:
    odometer = leaf("event.data.odometer_km", "gte", 10_000)
    assert dump(read(odometer, "service.done")) == odometer
    assert list(errors(odometer)) == ["fact"]
    assert list(errors(odometer, event_type=None)) == ["fact"]


@pytest.mark.parametrize(
    ("fact", "op", "allowed"),
    [
        ("member.kind", "gt", "eq, ne, in, not_in, exists"),
        ("member.kind", "contains", "eq, ne, in, not_in, exists"),
        ("event.channel", "between", "eq, ne, in, not_in, contains, exists"),
        ("event.amount", "contains", "eq, ne, gt, gte, lt, lte, in, not_in, between, exists"),
        ("member.preferred", "in", "eq, ne, exists"),
        ("member.segments", "eq", "contains, exists"),
    ],
)
def test_an_op_that_the_type_lacks_is_refused(fact: str, op: str, allowed: str) -> None:
    (found,) = errors({"all": [AMOUNT, leaf(fact, op, "x")]}).items()
    kind = CATALOGUE.lookup(fact).kind  # type: ignore[union-attr]
    assert found == ("all[1].op", f"{op} does not fit a fact of type {kind}: it takes {allowed}")


@pytest.mark.parametrize("op", ["=", "EQ", "equals", 1, None, ["eq"]])
def test_an_unknown_op_is_refused(op: object) -> None:
    (found,) = errors({"fact": "event.amount", "op": op, "value": "1"}).items()
    assert found[0] == "op"
    assert found[1].endswith("it is one of eq, ne, gt, gte, lt, lte, in, not_in, contains, between, exists")


@pytest.mark.parametrize(
    ("fact", "op", "value", "path", "message"),
    [
        ("event.amount", "gte", 20, "value", '20 is not an amount: write a decimal string such as "20.00"'),
        ("event.amount", "gte", "20,00", "value", '"20,00" is not an amount: write a decimal string such as "20.00"'),
        ("event.amount", "gte", "-1", "value", '"-1" is not an amount: write a decimal string such as "20.00"'),
        ("event.amount", "gte", "NaN", "value", '"NaN" is not an amount: write a decimal string such as "20.00"'),
        ("event.amount", "gte", "١٢", "value", '"١٢" is not an amount: write a decimal string such as "20.00"'),
        ("event.ordinal", "eq", "1", "value", '"1" is not a whole number'),
        ("event.ordinal", "eq", 1.0, "value", "1.0 is not a whole number"),
        ("event.ordinal", "eq", True, "value", "true is not a whole number"),
        ("event.ordinal", "eq", None, "value", "null is not a whole number"),
        ("event.ordinal", "eq", -(10**18), "value", "-1000000000000000000 has more than 18 digits"),
        ("member.preferred", "eq", 1, "value", "1 is not true or false"),
        ("member.preferred", "exists", "yes", "value", '"yes" is not true or false'),
        ("event.date", "eq", "01.02.2026", "value", '"01.02.2026" is not a date: write it like "2026-12-31"'),
        ("event.date", "eq", "2026-02-29", "value", '"2026-02-29" is not a date: write it like "2026-12-31"'),
        ("event.date", "eq", "2026-W10-1", "value", '"2026-W10-1" is not a date: write it like "2026-12-31"'),
        (
            "event.channel",
            "contains",
            "",
            "value",
            "a text here is not empty and holds neither NUL nor half a character",
        ),
        ("event.channel", "eq", "a\0b", "value", "a text here is not empty and holds neither NUL nor half a character"),
        (
            *("event.channel", "eq", "\ud83d", "value"),
            "a text here is not empty and holds neither NUL nor half a character",
        ),
        ("event.channel", "eq", 5, "value", "5 is not a text"),
        ("event.data.category", "eq", "bil", "value", '"bil" is not one of bill, transfer; did you mean "bill"?'),
        ("member.segments", "contains", "vips", "value", '"vips" is not one of quiet, vip; did you mean "vip"?'),
        ("member.churn_risk", "eq", "medium", "value", '"medium" is not one of high, low, mid'),
        ("member.kind", "in", "customer", "value", "in takes a list with at least one value"),
        ("member.kind", "not_in", [], "value", "not_in takes a list with at least one value"),
        ("member.kind", "in", ["customer", "x"], "value[1]", '"x" is not one of customer, merchant'),
        ("event.hour", "between", [8], "value", "between takes [low, high]"),
        ("event.hour", "between", 8, "value", "between takes [low, high]"),
        ("event.hour", "between", [9, 8], "value", "between takes [low, high]: here the first is the larger one"),
        (
            "event.amount",
            "between",
            ["10", "9.5"],
            "value",
            "between takes [low, high]: here the first is the larger one",
        ),
        ("event.hour", "between", [8, "9"], "value[1]", '"9" is not a whole number'),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(fact: str, op: str, value: object, path: str, message: str) -> None:
    assert errors(leaf(fact, op, value)) == {path: message}


def test_all_errors_are_named_at_once_each_at_its_place() -> None:
    tree = {
        "all": [leaf("member.poinz", "ge", 1), {"any": []}, {"not": leaf("event.hour", "in", [1, "2", "3"])}, AMOUNT]
    }
    assert list(errors(tree)) == [
        "all[0].fact",
        "all[0].op",
        "all[1].any",
        "all[2].not.value[1]",
        "all[2].not.value[2]",
    ]


def test_a_choice_without_declared_values_fits_nothing() -> None:
    with pytest.raises(ConditionError) as caught:
        parse(leaf("member.region", "eq", "JKT"), catalogue=Catalogue(Declarations()))
    assert caught.value.errors == (("value", '"JKT" is not known: the program declares none'),)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([*CATALOGUE.names(), *Op, "0.10"])
)
KEYS = st.sampled_from(["all", "any", "not", "fact", "op", "value"]) | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20))
def test_whatever_is_sent_is_a_condition_or_is_refused_with_sentences(tree: object) -> None:
    answer = answer_to(tree)
    if isinstance(answer, ConditionError):
        assert answer.errors
        assert all(message for _, message in answer.errors)
    else:
        assert read(dump(answer)) == answer


def answer_to(tree: object) -> Condition | ConditionError:
    try:
        return read(tree)
    except ConditionError as refused:
        return refused


def test_trees_are_bounded_in_depth_and_leaves() -> None:
    deep: object = AMOUNT
    for _ in range(30):
        deep = {"not": deep}
    assert list(errors(deep).values()) == ["conditions are nested deeper than 30"]
    assert set(errors({"any": [AMOUNT] * 501}).values()) == {"a condition has at most 500 leaves"}


@pytest.mark.parametrize(
    "fact",
    [
        *("member.top_category", "member.churn_risk", "member.lifecycle", "member.value_band"),
        *("member.referrals_qualified", "member.count.tier.changed", "member.hours_since_last.payment.completed"),
        *("member.data.income", "member.hours_since_first.referral.qualified", "event.market", "event.outlet_kind"),
    ],
)
def test_every_fact_of_the_table_may_be_named(fact: str) -> None:
    condition = leaf(fact, "exists", True)
    assert dump(read(condition)) == condition
