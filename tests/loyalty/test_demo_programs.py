from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core.models import Program
from dealers.models import Dealer, Outlet
from loyalty.operations.demo.catalogue import invented
from loyalty.operations.demo.seeding import PROGRAMS
from loyalty.operations.program_file.checking import check
from loyalty.operations.program_file.grammar.rewards import REWARDS
from loyalty.operations.program_file.loading import load_program, read_program
from loyalty.operations.program_file.reading import Source
from loyalty.operations.program_file.schema import Reading
from loyalty.operations.program_file.writing import write

AT = datetime(2025, 6, 1, tzinfo=UTC)
LANGUAGES = {language for language, _ in settings.LANGUAGES}
NOT_YET = {"reward", "tier", "message"}  # effects that members cannot be given yet

each_program = pytest.mark.parametrize("code", PROGRAMS)


def raw(code: str) -> bytes:
    return Path(settings.BASE_DIR, "programs", f"{code}.yaml").read_bytes()


def document(code: str) -> dict[str, Any]:
    checked = check(raw(code))
    assert not checked.faults
    return dict(checked.document)


def texts(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text with its place: a map whose keys are languages."""
    if isinstance(value, dict) and value and value.keys() <= LANGUAGES:
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, f"{path}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from texts(part, f"{path}[{index}]")


@each_program
def test_every_text_stands_in_every_language_of_its_program(code: str) -> None:
    file = document(code)
    wanted = set(file["program"]["languages"])
    found = list(texts(file))
    assert len(found) > 40
    assert [path for path, text in found if text.keys() != wanted] == []


@each_program
@pytest.mark.django_db
def test_its_invented_rewards_are_what_a_file_may_say(code: str) -> None:
    assert not load_program(raw=raw(code), at=AT, why="test").errors
    program = Program.objects.get(code=code)
    currencies = frozenset(program.markets.values_list("currency", flat=True))
    reading = Reading(Source(), tuple(program.languages), program.currency, currencies)
    assert len(REWARDS.read(list(invented(program)), "rewards", reading)) > 100
    assert reading.faults == []


@each_program
@pytest.mark.django_db
def test_a_dump_of_the_loaded_program_changes_nothing(code: str) -> None:
    assert not load_program(raw=raw(code), at=AT, why="test").errors
    program = Program.objects.get(code=code)
    dumped = write(read_program(program))
    plan = load_program(raw=dumped.encode(), at=AT, why="test")
    assert (plan.errors, plan.create, plan.change, plan.retire) == ((), (), (), ())
    assert write(read_program(program)) == dumped


@each_program
def test_members_are_promised_only_what_works(code: str) -> None:
    campaigns = document(code)["campaigns"]
    rules = [rule for campaign in campaigns for rule in campaign["rules"]]
    given = [rule["then"] for rule in rules if "then" in rule]
    given += [milestone["then"] for rule in rules for milestone in rule.get("milestones", [])]
    assert {kind for effects in given for effect in effects for kind in effect} & NOT_YET == set()


@each_program
def test_every_bonus_keeps_a_holdout_and_promises_keep_none(code: str) -> None:
    campaigns = document(code)["campaigns"]
    assert {
        campaign["code"] for campaign in campaigns if bool(campaign.get("promise")) == bool(campaign.get("holdout"))
    } == set()


@pytest.mark.django_db
def test_the_car_brand_has_as_many_dealers_and_service_centres_as_it_must_carry() -> None:
    load_program(raw=raw("automotive"), at=AT, why="test")
    assert Dealer.objects.count() == 72
    assert Outlet.objects.filter(kind="service_centre").count() == 120
