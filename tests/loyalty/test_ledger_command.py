"""``manage.py ledger``: what people and the night do to the ledger."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import DjangoAssertNumQueries

from core.models import Market, Program, User
from ledger.models import Book, BookHalt
from ledger.selectors.wallets import wallets
from ledger.services.accounts import member_specs, open_accounts
from members.models import Adjustment, Member, MemberFacts
from members.services.adjustments import adjust_points
from members.services.inactivity import expire_inactive
from tests.ledger.test_proofs import tamper
from tests.members.program import make_program

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def program(db: None) -> Program:
    """A program with two staff users."""
    User.objects.create_user("ana")
    User.objects.create_user("ben")
    return make_program()


def enrol(program: Program, external_id: str = "M-1") -> Member:
    market = Market.objects.get(program=program, code="SG")
    return Member.objects.create(
        program=program, external_id=external_id, market=market, language="en", enrolled_at=NOW - timedelta(days=900)
    )


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("ledger", *arguments, stdout=out)
    return out.getvalue()


def adjust(points: str, member: str = "M-1", by: str = "ana", approved_by: str = "ben", because: str = "sorry") -> str:
    return run("adjust", "demo", member, points, "--because", because, "--by", by, "--approved-by", approved_by)


def available(program: Program, member: Member, at: datetime = NOW) -> int:
    book = Book.objects.get(program=program, unit="points")
    return wallets(books=[book], owners=[member.uuid], at=at)[book.pk, member.uuid].available


def give(program: Program, member: Member, points: int, expires_on: date | None = None) -> None:
    ana, ben = (User.objects.get(username=name) for name in ("ana", "ben"))
    adjust_points(
        program=program,
        reference=member.external_id,
        points=points,
        because="test",
        by=ana,
        approved_by=ben,
        at=NOW - timedelta(days=700),
        expires_on=expires_on,
    )


def test_points_are_given_and_taken_by_two_people_and_for_a_reason(program: Program) -> None:
    member = enrol(program)
    adjust("+200")
    adjust("-50")
    assert available(program, member) == 150
    kept = Adjustment.objects.order_by("pk").values_list("points", "because", "by__username", "approved_by__username")
    assert list(kept) == [(200, "sorry", "ana", "ben"), (-50, "sorry", "ana", "ben")]


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"approved_by": "ana"}, "Somebody else must approve"),
        ({"because": " "}, "Say why"),
        ({"by": "eve"}, "no user eve"),
        ({"member": "M-2"}, "no such member"),
        ({"points": "0"}, "how many points"),
        ({"points": "-201"}, "Not enough points"),
    ],
)
def test_a_refused_adjustment_changes_nothing(program: Program, wrong: dict[str, str], because: str) -> None:
    member = enrol(program)
    adjust("+200")
    with pytest.raises(CommandError, match=because):
        adjust(**{"points": "-10", **wrong})
    assert (available(program, member), Adjustment.objects.count()) == (200, 1)


def test_given_points_expire_as_the_programs_do(program: Program) -> None:
    Program.objects.update(points_expire={"months": 12, "at": "month_end"})
    member = enrol(program)
    adjust("+200")
    assert available(program, member) == 200
    assert available(program, member, NOW + timedelta(days=500)) == 0


def test_expire_says_what_it_would_do_does_it_and_then_finds_nothing(program: Program) -> None:
    member = enrol(program)
    give(program, member, 30, date(2026, 11, 20))
    give(program, member, 20, date(2026, 11, 21))
    give(program, member, 10, date(2026, 12, 31))
    arguments = ["expire", "--json", "--at", "2026-11-21T17:00:00+00:00"]  # the 22nd in Singapore
    plan = {"at": "2026-11-21T17:00:00+00:00", "wallets": 1, "points": 50, "lots": 2}
    assert json.loads(run(*arguments, "--plan")) == plan
    assert json.loads(run(*arguments)) == plan
    assert json.loads(run(*arguments)) == {**plan, "wallets": 0, "points": 0, "lots": 0}
    assert available(program, member) == 10


def test_a_moment_without_an_offset_is_refused(program: Program) -> None:
    with pytest.raises(CommandError, match="--at"):
        run("expire", "--at", "2026-11-21T17:00:00")


def test_proofs_have_the_agreed_shape_and_a_red_book_fails_the_command(program: Program) -> None:
    enrol(program)
    adjust("+200")
    report = json.loads(run("prove", "--json"))
    assert report["ok"] is True
    assert [book["book"] for book in report["books"]] == ["demo:points"]
    assert report["books"][0]["proofs"][0] == {"name": "trial_balance", "ok": True, "rows": 0, "sample": []}
    tamper("UPDATE ledger_account SET balance = balance + 1 WHERE code = 'mint' AND balance = %s", 0)
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("ledger", "prove", "--json", stdout=out)
    assert failure.value.returncode == 1
    assert json.loads(out.getvalue())["ok"] is False
    assert BookHalt.objects.count() == 1


def test_a_halted_book_is_resumed_by_two_people(program: Program) -> None:
    enrol(program)
    adjust("+200")
    tamper("UPDATE ledger_book SET halted = true WHERE id > %s", 0)
    with pytest.raises(CommandError, match="Somebody else"):
        run("resume", "demo:points", "--because", "checked", "--by", "ana", "--approved-by", "ana")
    run("resume", "demo:points", "--because", "checked", "--by", "ana", "--approved-by", "ben")
    assert Book.objects.get().halted is False
    with pytest.raises(CommandError, match="no book"):
        run("resume", "other:points", "--because", "checked", "--by", "ana", "--approved-by", "ben")


def test_points_of_inactive_members_expire_on_the_day_after_the_last_good_one(program: Program) -> None:
    Program.objects.update(points_expire={"inactivity_months": 12})
    program.refresh_from_db()
    idle, active, never = (enrol(program, name) for name in ("idle", "active", "never"))
    for member in (idle, active, never):
        give(program, member, 40)
    MemberFacts.objects.create(member=idle, rolled_on=NOW.date(), last_active_on=date(2025, 11, 21))
    MemberFacts.objects.create(member=active, rolled_on=NOW.date(), last_active_on=date(2025, 11, 22))
    assert json.loads(run("expire", "--plan", "--json", "--at", NOW.isoformat()))["wallets"] == 2
    assert expire_inactive(program=program, at=NOW) == (2, 80, 2)
    assert expire_inactive(program=program, at=NOW) == (0, 0, 0)
    assert [available(program, member) for member in (idle, active, never)] == [0, 40, 0]


@pytest.mark.parametrize("members", [1, 3])
def test_queries_of_a_sweep_do_not_grow_with_members(
    program: Program, members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Program.objects.update(points_expire={"inactivity_months": 12})
    program.refresh_from_db()
    for number in range(members):
        member = enrol(program, f"M-{number}")
        give(program, member, 40)
        open_accounts(book=Book.objects.get(), specs=member_specs([member.uuid]))
    with django_assert_num_queries(8):
        expire_inactive(program=program, at=NOW)
