"""Words are compared as people mean them, in six languages."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.rules.folding import fold, folded, letters, words

THAI = st.text(alphabet="กขคงจชซญดตทนบปผพฟมยรลวสหอาเแโไ", min_size=1).filter(lambda text: "เเ" not in text)
ALIKE = [
    ("Café", "cafe"),
    ("CÀ PHÊ SỮA ĐÁ", "ca phe sua da"),
    ("Phở Đặc Biệt", "pho dac biet"),
    ("Kopi  Susu!", "kopi susu"),
    ("Tide & Timber", "tide timber"),
    ("Ben’s", "bens"),
    ("№ 5 ℂ𝕊™", "no 5 cstm"),
    ("ชานมไข่มุก", "ชานมไขมุก"),
    ("น้ำแข็ง", "นำแข็ง"),
    ("กาเเฟ", "กาแฟ"),
    ("เ่เ", "แ"),
    ("ไหญ่", "ใหญ่"),
    ("๑๒๓", "123"),
    ("القَهْوَةُ", "قهوة"),
    ("قهوة", "قهوه"),
    ("أحمد", "احمد"),
    ("إكسسوارات", "اكسسوارات"),
    ("مستشفى", "مستشفي"),
    ("قـــهـــوة", "قهوة"),
    ("للسيارات", "سيارات"),
    ("١٢٣", "123"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=[other for _, other in ALIKE])
def test_these_are_the_same_to_search(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(("one", "other"), [("กิน", "กัน"), ("kopi", "kopo"), ("قهوة", "قوة"), ("ข้าว", "ขาย")])
def test_these_are_different_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_vowels_of_thai_stay() -> None:
    assert fold("กาแฟเย็น") == "กาแฟเย็น"


@given(st.text())
def test_what_is_stored_is_plain_ascii_and_folding_it_again_changes_nothing(text: str) -> None:
    plain = folded(text)
    assert set(plain) <= set(string.ascii_lowercase + string.digits + " ")
    assert folded(plain) == plain
    assert plain == " ".join(plain.split())


@given(THAI, THAI)
def test_thai_is_found_inside_of_thai_exactly_where_it_stands(text: str, part: str) -> None:
    assert (folded(part) in folded(text)) == (part in text)


def test_words_come_longest_first_and_once() -> None:
    assert words("es kopi es SUSU panas") == ["panas", "kopi", "susu", "es"]


def test_letters_are_counted_as_people_count_them() -> None:
    assert [*letters("es ชา قهوة iphone15 №").values()] == [4, 8, 2, 2, 2]
