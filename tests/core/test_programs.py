"""Programs as pages ask for them: kept in the process, and never older than their row."""

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from core.models import Program
from core.selectors.programs import find_program
from tests.campaigns.world import everyday, make_world

pytestmark = pytest.mark.django_db


def test_a_program_is_read_once_and_anew_after_any_change(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_world(everyday())
    find_program("demo")
    with django_assert_num_queries(1):
        find_program("demo")
    for languages in (["en", "ar"], ["vi"]):
        Program.objects.update(languages=languages)  # its revision stays
        found = find_program("demo")
        assert found
        assert found.languages == languages


def test_what_was_rolled_back_is_forgotten() -> None:
    make_world(everyday())
    with transaction.atomic():
        Program.objects.update(timezone="Asia/Dubai")
        assert _timezone() == "Asia/Dubai"
        transaction.set_rollback(True)
    assert _timezone() == "Asia/Singapore"


def test_nobody_changes_the_program_of_another_request() -> None:
    make_world(everyday())
    first, second = find_program("demo"), find_program("demo")
    assert first
    assert second
    first.name = "Mine"
    assert second.name == "Demo"


def test_there_is_no_program_of_an_unknown_code() -> None:
    assert find_program("nothing") is None


def _timezone() -> str:
    found = find_program("demo")
    assert found
    return found.timezone
