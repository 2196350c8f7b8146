"""The demonstration's story, told with a handful of members."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Contest, ContestResult, ContestScore, Event, Exposure
from core.models import Job, Program, User
from core.services import jobs
from ledger.models import POINTS, Book
from ledger.selectors.proofs import prove
from ledger.selectors.wallets import wallets
from loyalty.operations.demo import seeding, sign_ins
from loyalty.operations.demo.keys import password
from loyalty.operations.demo.personas import PEOPLE
from members.models import Member, Notice
from rewards.models import Redemption

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SHARE = 0.02
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
in_the_demonstration = pytest.mark.usefixtures("demonstration")

each_program = pytest.mark.parametrize("code", seeding.PROGRAMS)


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The seeded programs for all tests of this module; what one of them does is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        for job in seeding.to_do(now=NOW, share=SHARE):
            jobs.run(job_id=job.pk)
        yield
        transaction.set_rollback(True)


def balance(external_id: str) -> Any:
    member = Member.objects.get(external_id=external_id)
    book = Book.objects.get(program=member.program, unit=POINTS)
    return wallets(books=[book], owners=[member.uuid], at=NOW)[book.pk, member.uuid]


def tier(external_id: str) -> str:
    found = Member.objects.get(external_id=external_id).tier
    return found.code if found else ""


@each_program
def test_the_same_moment_tells_the_same_story(code: str) -> None:
    first = seeding.story(code, now=NOW, members=20)
    assert first == seeding.story(code, now=NOW, members=20)
    assert len(first) > 100


@each_program
def test_more_members_leave_the_others_as_they_are(code: str) -> None:
    few = seeding.story(code, now=NOW, members=5)
    assert few == seeding.story(code, now=NOW, members=9)[: len(few)]


@each_program
def test_nothing_happens_in_the_future_or_before_a_member_is_there(code: str) -> None:
    story = seeding.story(code, now=NOW, members=60)
    joined = {one.request["external_id"]: one.at for one in story if hasattr(one, "request")}
    assert all(one.at <= NOW for one in story)
    assert all(one.at >= joined[one.event["subject"]] for one in story if hasattr(one, "event"))


@in_the_demonstration
@each_program
def test_a_seeded_program_proves_and_every_happening_is_in_it(code: str) -> None:
    job = Job.objects.get(program__code=code)
    assert (job.state, job.error) == (Job.State.DONE, "")
    program = Program.objects.get(code=code)
    story = seeding.story(code, now=NOW, members=job.arguments["members"])
    told = Counter(type(one).__name__ for one in story)
    assert Event.objects.filter(program=program).count() == told["Sent"]
    assert Member.objects.filter(program=program).count() == told["Enrolment"]
    assert prove(program=program).ok


@in_the_demonstration
def test_the_wallets_personas_show_what_is_said_of_them() -> None:
    assert (tier("W-SARI"), tier("W-KRIT"), tier("W-MINHANH")) == ("plus", "starter", "starter")
    assert balance("W-SARI").available > 3000
    assert balance("W-SARI").pending > 0
    sari = Redemption.objects.filter(member__external_id="W-SARI")
    assert {"used", "ready", "void"} <= set(sari.values_list("vouchers__state", flat=True))
    assert sari.filter(vouchers__state="ready", vouchers__expires_on__lt=NOW.date()).exists()
    assert balance("W-DANIEL").debt > 0
    assert balance("W-MINHANH").available == 0
    aisyah = Member.objects.get(external_id="W-AISYAH")
    assert (tier("W-AISYAH"), aisyah.grace_until is not None) == ("plus", True)


@in_the_demonstration
def test_no_persona_is_held_out_of_a_campaign_so_that_each_machine_shows_the_same() -> None:
    emails = [persona.email for people in PEOPLE.values() for persona in people(NOW)]
    held_out = Exposure.objects.filter(held_out=True)
    assert not held_out.filter(member__identity__email__in=emails).exists()
    assert held_out.exists()


@in_the_demonstration
def test_owners_personas_show_what_is_said_of_them() -> None:
    assert {name: tier(name) for name in ("R-MARIAM", "R-ABDULLAH", "R-ASMA", "R-YUSUF")} == {
        "R-MARIAM": "gold",
        "R-ABDULLAH": "silver",
        "R-ASMA": "silver",
        "R-YUSUF": "gold",
    }
    assert balance("R-MARIAM").pending > 0
    mariam = Redemption.objects.filter(member__external_id="R-MARIAM")
    states = set(mariam.values_list("state", "vouchers__state"))
    assert {("issued", "used"), ("issued", "ready"), ("cancelled", "void"), ("pending", None)} <= states
    assert mariam.get(state="pending").waits_for == "approval"
    assert Member.objects.get(external_id="R-YUSUF").grace_until is not None


@in_the_demonstration
def test_shops_show_what_is_said_of_them() -> None:
    assert {name: tier(name) for name in ("M-TINI", "M-COBA", "M-KAKROS")} == {
        "M-TINI": "gold",
        "M-COBA": "silver",
        "M-KAKROS": "silver",
    }
    assert balance("M-COBA").available == 0


@in_the_demonstration
def test_contests_of_the_past_have_results_and_others_run() -> None:
    contests = Contest.objects.filter(board__program__code="merchant", closed_at__isnull=False)
    assert {code for code, _ in contests.values_list("board__code", "market__code")} == {"independence-2026"}
    first = ContestResult.objects.filter(contest__in=contests, rank=1)
    assert [result.score > 0 for result in first] == [True] * len(first) != []
    assert ContestScore.objects.filter(contest__board__code="year-end-2026").exists()


@in_the_demonstration
def test_a_seeded_program_is_not_seeded_again() -> None:
    before = Event.objects.count()
    assert seeding.to_do(now=NOW + timedelta(days=1), share=SHARE) == []
    assert Event.objects.count() == before


@in_the_demonstration
def test_no_mail_of_the_invented_past_is_sent() -> None:
    assert Notice.objects.exists()
    assert not Notice.objects.filter(mailed_at=None).exists()


@in_the_demonstration
def test_personas_sign_in_with_the_printed_password_for_their_memberships() -> None:
    sign_ins.open_accounts()
    sign_ins.open_accounts()
    noora = User.objects.get(email="noora@example.com")
    assert noora.check_password(password())
    assert sorted(noora.memberships.values_list("external_id", flat=True)) == ["R-NOORA", "R-NOORA-FLEET"]
    people = {person.email for code in seeding.PROGRAMS for person in PEOPLE[code](NOW)}
    assert User.objects.filter(memberships__isnull=False).distinct().count() == len(people)
