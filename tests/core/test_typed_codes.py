"""Codes that people type."""

import pytest

from core.rules.texts import typed_code
from members.rules.referrals import normal_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("AB-12 cd", "AB12cd"),
        ("\u200eAB\u00a012\u200f", "AB12"),
        ("A\u2011B–1—2\u22123", "AB123"),
        ("ＡＢ１٢๓", "AB123"),
        ("A_B.1", "A_B.1"),
        ("é", "é"),
        ("\x1dAB\x00", "AB"),
        ("", ""),
    ],
)
def test_what_typing_adds_is_nothing(typed: str, code: str) -> None:
    assert typed_code(typed) == code


def test_a_members_code_is_read_in_the_same_way() -> None:
    assert normal_code("\u200fbcd–２3٤5") == "BCD2345"
