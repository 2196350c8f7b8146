"""The engine and the segments see the same member: every fact of every member at every edge."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from campaigns.rules.event_facts import FACTS, FAMILIES, EventFacts
from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.services.configuration import Configuration, current_configuration
from campaigns.services.state import lock_members, read_state
from members.rules.facts import local_date
from members.rules.values import FactValue
from members.selectors.facts import load_member_facts
from tests.members.population import MOMENTS, Population

pytestmark = pytest.mark.django_db
TYPE = "payment.completed"


@pytest.fixture(scope="module")
def population(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Population]:
    """Built once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Population()
        transaction.set_rollback(True)


@pytest.fixture
def configuration(population: Population) -> Configuration:
    """A configuration whose rules ask for every fact of members."""
    plain = current_configuration(population.program.pk)
    counted = frozenset(kind.type_id for kind in plain.types.values())
    facts = frozenset(plain.catalogue.names(member_only=True))
    return replace(plain, facts=facts, counted={TYPE: counted}, uses_segments=True)


def event(configuration: Configuration, member: MemberState, at: datetime) -> JudgedEvent:
    local = at.astimezone(member.market.zone)
    return JudgedEvent(
        event_id=1,
        source="/test",
        key="e",
        type_code=TYPE,
        type_id=configuration.types[TYPE].type_id,
        qualifying=True,
        member_id=member.member_id,
        time=at,
        local=local,
        day=local.date(),
        program_day=local_date(at, configuration.program.zone),
        amount_minor=None,
        currency="",
        amount_base=None,
        outlet=None,
        data={},
    )


def in_engine(configuration: Configuration, ids: list[int], at: datetime) -> dict[int, EventFacts]:
    members = lock_members(configuration, ids)
    events = [event(configuration, member, at) for member in members.values()]
    read_state(configuration, members, events, local_date(at, configuration.program.zone))
    types = configuration.fact_types[TYPE]
    return {one.member_id: EventFacts(one, members[one.member_id], configuration.program, types) for one in events}


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_facts_in_the_engine_are_those_of_segments(
    population: Population, configuration: Configuration, at: datetime
) -> None:
    ids = [member.pk for member in population.members]
    names = sorted(configuration.facts)
    engine = in_engine(configuration, ids, at)
    views = load_member_facts(program=population.program, members=ids, at=at)
    differing: dict[str, tuple[object, object]] = {}
    for member_id in ids:
        for name in names:
            found, expected = plain(engine[member_id](name)), plain(views[member_id](name))
            if found != expected:
                differing[name] = (found, expected)
    assert differing == {}


def plain(value: FactValue) -> FactValue:
    """Lists in one order."""
    return tuple(sorted(value)) if isinstance(value, frozenset | tuple) else value


def test_the_engine_knows_every_fact_of_the_catalogue(configuration: Configuration) -> None:
    named = {name for name in configuration.catalogue.names(TYPE) if not name.startswith(tuple(FAMILIES))}
    assert set(FACTS) == named
