"""Conditions mean the same in SQL as in Python, and facts have the same values."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from members.models import Member
from members.rules.catalogue import DERIVED_EVENT_TYPES, Kind
from members.rules.conditions import Condition, parse
from members.rules.evaluate import compile_python
from members.rules.values import FactValue, show_value
from members.selectors.conditions import count_members, find_members
from members.selectors.facts import MemberFactsView, load_member_facts
from tests.members.conditions import CATALOGUE, trees
from tests.members.population import MOMENTS, SIZE, Population

# Of the derived types one has happened and one has not; the others are no different.
DERIVED = set(DERIVED_EVENT_TYPES) - {"badge.earned", "tier.changed"}
NEVER_HAPPENED = "tier.changed"
MEMBER_FACTS = [name for name in CATALOGUE.names(member_only=True) if not name.endswith(tuple(DERIVED))]
LATER = {
    "member.top_category",
    "member.churn_risk",
    "member.lifecycle",
    "member.value_band",
}

pytestmark = pytest.mark.django_db


class People:
    """The population, and what Python knows of it at a moment."""

    def __init__(self) -> None:
        self.population = Population()
        self.program = self.population.program
        self.views = cache(self._views)

    def _views(self, at: datetime) -> dict[int, MemberFactsView]:
        members = [member.pk for member in self.population.members]
        return load_member_facts(program=self.program, members=members, at=at)

    def in_python(self, condition: Condition, at: datetime) -> list[int]:
        check = compile_python(condition)
        return sorted(member for member, view in self.views(at).items() if check(view) is None)

    def in_sql(self, condition: Condition, at: datetime) -> list[int]:
        return find_members(program=self.program, condition=condition, at=at)


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[People]:
    """Built once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield People()
        transaction.set_rollback(True)


def read(tree: object) -> Condition:
    return parse(tree, catalogue=CATALOGUE, member_only=True)


@settings(max_examples=400, deadline=None)
@given(tree=trees(MEMBER_FACTS), at=st.sampled_from(MOMENTS))
def test_a_condition_finds_the_same_members_in_sql_as_in_python(people: People, tree: object, at: datetime) -> None:
    condition = read(tree)
    assert people.in_sql(condition, at) == people.in_python(condition, at)


def leaves_around(name: str, actual: Sequence[FactValue]) -> list[dict[str, object]]:
    """Leaves that tell the values of a fact apart."""
    fact = CATALOGUE.lookup(name)
    assert fact is not None
    exists = [{"fact": name, "op": "exists", "value": True}]
    if fact.kind is Kind.LIST:
        return exists + [{"fact": name, "op": "contains", "value": code} for code in sorted(fact.choices or ())]
    if name.startswith("member.hours_since"):
        hours = sorted({int(value) for value in actual if isinstance(value, Decimal)})
        return exists + [
            {"fact": name, "op": op, "value": value}
            for op in ("lte", "eq", "gt")
            for value in hours[:: len(hours) // 6 or 1]
        ]
    values = sorted({value for value in actual if value is not None}, key=str)
    return exists + [{"fact": name, "op": "eq", "value": show_value(value, fact)} for value in values]


@pytest.mark.parametrize("name", MEMBER_FACTS)
def test_a_fact_has_the_same_values_in_sql_as_in_python(people: People, name: str) -> None:
    for at in MOMENTS:
        actual = [view(name) for view in people.views(at).values()]
        for tree in leaves_around(name, actual):
            condition = read(tree)
            assert people.in_sql(condition, at) == people.in_python(condition, at), (tree, at)


def test_the_population_tells_members_apart_by_every_fact(people: People) -> None:
    """Otherwise the two tests above prove nothing."""
    alike = {
        name for name in MEMBER_FACTS if len({view(name) for at in MOMENTS for view in people.views(at).values()}) < 2
    }
    assert alike == {name for name in MEMBER_FACTS if name in LATER or name.endswith(NEVER_HAPPENED)}


def test_erased_members_are_never_found(people: People) -> None:
    condition = read({"not": {"fact": "member.segments", "op": "contains", "value": "vip"}})
    before = people.in_sql(condition, MOMENTS[0])
    Member.objects.filter(pk=before[0]).update(status="erased")
    assert people.in_sql(condition, MOMENTS[0]) == before[1:]
    assert count_members(program=people.program, condition=condition, at=MOMENTS[0]) == len(before) - 1


def test_facts_of_any_number_of_members_take_the_same_number_of_queries(people: People) -> None:
    members = [member.pk for member in people.population.members]
    counted = []
    for number in (1, 3, SIZE):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load_member_facts(program=people.program, members=members[:number], at=MOMENTS[0])
        counted.append(len(queries))
    assert counted == [counted[0]] * 3
