"""The nightly roll gives the sums that adding up the days gives."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from members.models import MemberFacts
from members.rules.facts import local_date
from members.services import rolling
from members.services.rolling import roll_facts
from tests.members.population import MOMENTS, SIZE, Population
from tests.members.sums import counted_row, stored_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def population(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Population]:
    """Built once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Population()
        transaction.set_rollback(True)


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_rolled_rows_are_the_days_added_up(population: Population, at: datetime) -> None:
    before = stored_rows()
    days = {m.pk: local_date(at, ZoneInfo(m.market.timezone)) for m in population.members}
    stale = {member for member, row in before.items() if row["rolled_on"] < days[member]}  # type: ignore[operator]
    assert roll_facts(program=population.program, at=at) == len(stale)
    after = stored_rows()
    assert {member: row for member, row in after.items() if member not in stale} == {
        member: row for member, row in before.items() if member not in stale
    }
    for member in stale:
        assert after[member] == counted_row(member, days[member])


def test_rolling_day_by_day_or_once_gives_the_same(population: Population) -> None:
    at = MOMENTS[0]
    MemberFacts.objects.update(rolled_on=at.date() - timedelta(days=100))
    with transaction.atomic():
        assert roll_facts(program=population.program, at=at) == SIZE
        once = stored_rows()
        transaction.set_rollback(True)
    for days in range(40, -1, -1):
        roll_facts(program=population.program, at=at - timedelta(days=days))
    assert stored_rows() == once


def test_rolling_twice_changes_nothing(population: Population) -> None:
    assert roll_facts(program=population.program, at=MOMENTS[0]) > 0
    once = stored_rows()
    assert roll_facts(program=population.program, at=MOMENTS[0]) == 0
    assert stored_rows() == once


def test_small_batches_roll_the_same_members(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    MemberFacts.objects.update(rolled_on=date(2020, 1, 1))
    with transaction.atomic():
        roll_facts(program=population.program, at=MOMENTS[0])
        once = stored_rows()
        transaction.set_rollback(True)
    monkeypatch.setattr(rolling, "BATCH", 7)
    assert roll_facts(program=population.program, at=MOMENTS[0]) == SIZE
    assert stored_rows() == once


def test_the_number_of_queries_does_not_grow_with_members(population: Population) -> None:
    counted = []
    for number in (1, 3, SIZE):
        members = [member.pk for member in population.members[:number]]
        MemberFacts.objects.update(rolled_on=date(2099, 1, 1))
        MemberFacts.objects.filter(member__in=members).update(rolled_on=date(2020, 1, 1))
        with CaptureQueriesContext(connection) as queries:
            assert roll_facts(program=population.program, at=MOMENTS[0]) == number
        counted.append(len(queries))
    assert counted == [counted[0]] * 3
