"""Configuration that is added while events are on their way in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from campaigns.services.intake import SUBJECTS
from campaigns.services.state import LOCKED
from core.models import Market, Program
from members.models import Member
from tests.campaigns.world import World, effects, everyday, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world(everyday())
    world.member()
    world.outcome("1.00")  # the process knows the configuration
    return world


@contextmanager
def just_before(statement: str, act: Callable[[], object]) -> Iterator[None]:
    """Let something happen, once, right before a statement is sent."""
    waiting = [act]

    def send(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql == statement and waiting:
            waiting.pop()()
        return execute(sql, *rest)

    with connection.execute_wrapper(send):
        yield


def open_malaysia(program: Program) -> Market:
    return Market.objects.create(
        program=program, code="MY", name="Malaysia", currency="MYR", timezone="Asia/Kuala_Lumpur", languages=["en"]
    )


def test_an_event_of_a_member_enrolled_into_a_market_opened_meanwhile_is_worked(world: World) -> None:
    def enrol() -> None:
        open_malaysia(world.program)
        world.member("siti", "MY")

    with just_before(SUBJECTS, enrol):
        outcome = world.outcome("100.00", subject="siti")
    assert effects(outcome) == [("points", "base", 100)]


def test_an_event_of_a_member_who_moves_to_a_market_opened_meanwhile_is_worked_once(world: World) -> None:
    def move() -> None:
        Member.objects.update(market=open_malaysia(world.program))

    with just_before(LOCKED, move):
        outcome = world.outcome("100.00", key="moving")
    assert effects(outcome) == [("points", "base", 100)]
    assert outcome["balances"]["points"]["available"] == 101
    assert world.outcome("100.00", key="moving")["balances"]["points"]["available"] == 101
