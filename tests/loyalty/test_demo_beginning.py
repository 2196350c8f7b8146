"""The demonstration before it is there: interrupted, made by somebody else, its colleagues and their sign-ins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from campaigns.models import Event
from core.models import Job, User
from core.services import jobs
from ledger.selectors.proofs import prove
from loyalty.operations.demo import seeding, sign_ins, staff
from loyalty.operations.demo.keys import password
from loyalty.operations.demo.playing import play

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SHARE = 0.02
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


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
