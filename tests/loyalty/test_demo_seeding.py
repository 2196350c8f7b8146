"""The demonstration's story, told with a handful of members."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from campaigns.models import Event
from core.models import Job, Program, User
from core.services import jobs
from ledger.models import POINTS, Book
from ledger.selectors.proofs import prove
from ledger.selectors.wallets import wallets
from loyalty.operations.demo import seeding, sign_ins, staff
from loyalty.operations.demo.keys import password
from loyalty.operations.demo.personas import PEOPLE
from loyalty.operations.demo.playing import play
from members.models import Member, Notice

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SHARE = 0.02
pytestmark = pytest.mark.django_db

each_program = pytest.mark.parametrize("code", seeding.PROGRAMS)


@pytest.fixture(autouse=True)
def quick_hashes(settings: LazySettings) -> None:
    """Passwords are hashed quickly here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def seeded(code: str) -> None:
    """Seed a program in this process."""
    (job,) = seeding.to_do(now=NOW, share=SHARE, programs=[code])
    jobs.run(job_id=job.pk)


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


@each_program
def test_a_seeded_program_proves_and_every_happening_is_in_it(code: str) -> None:
    seeded(code)
    job = Job.objects.get(program__code=code)
    assert (job.state, job.error) == (Job.State.DONE, "")
    program = Program.objects.get(code=code)
    story = seeding.story(code, now=NOW, members=job.arguments["members"])
    told = Counter(type(one).__name__ for one in story)
    assert Event.objects.filter(program=program).count() == told["Sent"]
    assert Member.objects.filter(program=program).count() == told["Enrolment"]
    assert prove(program=program).ok


def test_the_wallets_personas_show_what_is_said_of_them() -> None:
    seeded("wallet")
    assert (tier("W-SARI"), tier("W-KRIT"), tier("W-MINHANH")) == ("plus", "starter", "starter")
    assert balance("W-SARI").available > 3000
    assert balance("W-SARI").pending > 0
    assert balance("W-DANIEL").debt > 0
    assert balance("W-MINHANH").available == 0
    aisyah = Member.objects.get(external_id="W-AISYAH")
    assert (tier("W-AISYAH"), aisyah.grace_until is not None) == ("plus", True)


def test_owners_personas_show_what_is_said_of_them() -> None:
    seeded("automotive")
    assert {name: tier(name) for name in ("R-MARIAM", "R-ABDULLAH", "R-ASMA", "R-YUSUF")} == {
        "R-MARIAM": "gold",
        "R-ABDULLAH": "silver",
        "R-ASMA": "silver",
        "R-YUSUF": "gold",
    }
    assert balance("R-MARIAM").pending > 0
    assert Member.objects.get(external_id="R-YUSUF").grace_until is not None


def test_shops_show_what_is_said_of_them() -> None:
    seeded("merchant")
    assert {name: tier(name) for name in ("M-TINI", "M-COBA", "M-KAKROS")} == {
        "M-TINI": "gold",
        "M-COBA": "silver",
        "M-KAKROS": "silver",
    }
    assert balance("M-COBA").available == 0


def test_a_seeded_program_is_not_seeded_again() -> None:
    seeded("merchant")
    before = Event.objects.count()
    assert seeding.to_do(now=NOW + timedelta(days=1), share=SHARE, programs=["merchant"]) == []
    assert Event.objects.count() == before


def test_an_interrupted_seeding_goes_on_where_it_stopped() -> None:
    (stopped,) = seeding.to_do(now=NOW, share=SHARE, programs=["merchant"])
    story = sorted(seeding.story("merchant", now=NOW, members=stopped.arguments["members"]), key=lambda one: one.at)

    def stop(done: int, total: int) -> None:
        Job.objects.filter(pk=stopped.pk).update(
            steps_done=done, steps_total=total, state=Job.State.RUNNING, attempts=3
        )
        if done > total / 2:
            raise KeyboardInterrupt

    assert stopped.program
    with pytest.raises(KeyboardInterrupt):
        play(program=stopped.program, story=story, lists={}, now=NOW, hands=staff.goodwill_hands(), told=stop)
    half = Event.objects.count()
    assert seeding.to_do(now=NOW + timedelta(hours=3), share=1, programs=["merchant"]) == [stopped]
    jobs.run(job_id=stopped.pk)
    assert Job.objects.get(pk=stopped.pk).state == Job.State.DONE
    assert 0 < half < Event.objects.count() == sum(hasattr(one, "event") for one in story)
    assert prove(program=stopped.program).ok


def test_a_program_that_somebody_else_made_stays_as_it_is() -> None:
    seeding.load("wallet", NOW)
    assert seeding.to_do(now=NOW, share=SHARE, programs=["wallet"]) == []


def test_no_mail_of_the_invented_past_is_sent() -> None:
    seeded("merchant")
    assert Notice.objects.exists()
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_personas_sign_in_with_the_printed_password_for_their_memberships() -> None:
    seeded("automotive")
    sign_ins.open_accounts()
    sign_ins.open_accounts()
    noora = User.objects.get(email="noora@example.com")
    assert noora.check_password(password())
    assert sorted(noora.memberships.values_list("external_id", flat=True)) == ["R-NOORA", "R-NOORA-FLEET"]
    assert User.objects.filter(memberships__isnull=False).distinct().count() == len(PEOPLE["automotive"](NOW))


def test_every_role_has_somebody_with_a_second_factor() -> None:
    seeding.to_do(now=NOW, share=SHARE)
    staff.make_everybody()
    held = User.objects.filter(is_staff=True, authenticator__type="totp").values_list("staff_roles__role", flat=True)
    assert set(held) == set(staff.Role.values)


def test_the_table_of_sign_ins_is_kept_for_nobody_else_to_read(settings: LazySettings, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    seeding.to_do(now=NOW, share=SHARE)
    staff.make_everybody()
    path = sign_ins.write(sign_ins.as_text())
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    for login in ("sari@example.com", "tini@example.com", "yusuf@example.com", "support", "adviser"):
        assert login in text
    assert password() in text
