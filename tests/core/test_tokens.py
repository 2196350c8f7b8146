"""Tokens of QR codes: good for a moment, for one program and kind, once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings

from core.models import TokenUse
from core.refusals import NotFound
from core.rules.tokens import read_token, seconds_left
from core.services.tokens import Outdated, Replayed, forget_uses, is_used_up, open_token, show_token, use_up

AT = datetime(2026, 6, 15, 4, 0, 10, tzinfo=UTC)
NAME = UUID("5f0c2c1e-58c5-5a3c-9d0b-6c8a3a9b7f11")
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def shown(**other: object) -> str:
    said = {"kind": "M", "program_id": 1, "name": NAME, "at": AT} | other
    return show_token(**said).text  # type: ignore[arg-type]


def test_a_token_fits_a_small_picture_and_changes_each_half_minute() -> None:
    assert set(shown()) <= ALPHANUMERIC
    assert len(shown()) <= 61  # version 3 of QR codes, level M
    assert shown() == shown(at=AT + timedelta(seconds=19)) != shown(at=AT + timedelta(seconds=20))
    assert (seconds_left(AT), seconds_left(AT + timedelta(seconds=19)), seconds_left(AT + timedelta(seconds=20))) == (
        20, 1, 30,
    )  # fmt: skip


def test_the_present_step_and_the_one_before_are_good_and_no_other() -> None:
    for seconds in (0, 19, 20, 49):
        at = AT + timedelta(seconds=seconds)
        assert open_token(kind="M", program_id=1, text=shown().lower(), at=at).name == NAME
    for seconds in (-11, 50, 86400):
        with pytest.raises(Outdated):
            open_token(kind="M", program_id=1, text=shown(), at=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "text",
    [
        shown(program_id=2),
        shown(kind="V"),
        "V" + shown()[1:],
        shown()[:-1] + "A7"[shown()[-1] == "A"],
        shown()[:-1],
        "",
        "M." + "1" * 56,
        "é" * 58,
    ],
)
def test_what_is_forged_or_of_another_program_or_kind_is_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        open_token(kind="M", program_id=1, text=text, at=AT)


def test_another_name_or_step_under_the_same_mac_is_forged() -> None:
    token = read_token(shown())
    assert token is not None
    for name, step in ((UUID(int=NAME.int + 1), token.step), (NAME, token.step + 1)):
        forged = type(token)(token.kind, name, step, token.mac).text()
        with pytest.raises(NotFound):
            open_token(kind="M", program_id=1, text=forged, at=AT + timedelta(seconds=30))


def test_a_new_secret_key_ends_no_token_while_the_old_one_is_a_fallback(settings: LazySettings) -> None:
    text, old = shown(), settings.SECRET_KEY
    settings.SECRET_KEY = "another key"
    with pytest.raises(NotFound):
        open_token(kind="M", program_id=1, text=text, at=AT)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert open_token(kind="M", program_id=1, text=text, at=AT).name == NAME


@pytest.mark.django_db
def test_a_token_is_used_up_once_and_forgotten_later() -> None:
    token = open_token(kind="M", program_id=1, text=shown(), at=AT)
    assert not is_used_up(token)
    use_up(token, at=AT)
    assert is_used_up(token)
    with pytest.raises(Replayed):
        use_up(token, at=AT)
    next_one = open_token(
        kind="M", program_id=1, text=shown(at=AT + timedelta(seconds=20)), at=AT + timedelta(seconds=20)
    )
    use_up(next_one, at=AT)
    forget_uses(at=AT + timedelta(minutes=59))
    assert TokenUse.objects.count() == 2
    forget_uses(at=AT + timedelta(minutes=61))
    assert not TokenUse.objects.exists()
