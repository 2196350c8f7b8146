"""Looking for rewards finds what people mean, in the order they expect."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from core.models import Program
from rewards.models import Reward
from rewards.selectors.shelves import Question, count, look
from tests.rewards.catalogue import catalogue_world, reward

REWARDS = [
    reward("coffee", {"en": "Coffee of your choice", "id": "Kopi pilihan Anda", "vi": "Một ly cà phê tùy chọn",
                      "th": "กาแฟแก้วโปรด", "ar": "قهوة من اختيارك"}, brand="Senja"),
    reward("kopi", {"en": "Kopi"}, brand="Kalara"),
    reward("kopi-susu", {"en": "Kopi susu"}, brand="Kalara"),
    reward("es-kopi", {"en": "Es kopi"}, brand="Kalara"),
    reward("kopikira", {"en": "Breakfast"}, brand="Santai", text={"en": "With a pot of kopi"}),
    reward("tea", {"en": "Bubble milk tea", "vi": "Trà sữa trân châu đường đen", "th": "ชานมไข่มุก",
                   "ar": "شاي بالحليب"}, brand="Tide & Timber"),
    reward("cinema", {"en": "Cinema ticket", "id": "Tiket bioskop", "ms": "Tiket wayang", "vi": "Vé xem phim",
                      "th": "ตั๋วหนัง", "ar": "تذكرة سينما"}, category="entertainment", brand="Layar"),
    reward("wash", {"en": "Car wash", "ar": "غسيل السيارة"}, category="motoring", brand="Naqaya"),
    reward("massage", {"en": "Massage", "th": "นวดแผนไทยหกสิบนาที"}, category="health", brand="Baan"),
    reward("hidden", {"en": "Secret lounge"}, retired=None, points=None, brand="Nobody"),
]  # fmt: skip


@pytest.fixture(scope="module")
def program(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Program]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield catalogue_world(*REWARDS, program={"code": "shelves"}).program
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _open(program: Program, db: None) -> None:
    """The rewards are there."""


def found(program: Program, text: str, market: str | None = "SG") -> list[str]:
    codes = dict(Reward.objects.filter(program=program).values_list("pk", "code"))
    places = look(Question(program.pk, market=market, text=text), limit=50)[1]
    return [codes[place.reward_id] for place in places]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("COFFEE", "coffee"),
        ("pilihan", "coffee"),
        ("cà phê", "coffee"),
        ("ca phe", "coffee"),
        ("ly ca phe tuy chon", "coffee"),
        ("กาแฟ", "coffee"),
        ("แกวโปรด", "coffee"),
        ("قهوه", "coffee"),
        ("القهوة", "coffee"),
        ("قَهْوَة", "coffee"),
        ("tra sua tran chau", "tea"),
        ("duong den", "tea"),
        ("ชานมไขมุก", "tea"),
        ("bioskop", "cinema"),
        ("wayang", "cinema"),
        ("ve xem phim", "cinema"),
        ("ตัวหนัง", "cinema"),
        ("سينما", "cinema"),
        ("التذكرة", "cinema"),
        ("غسيل سيارة", "wash"),
        ("السياره", "wash"),
        ("แผนไทย", "massage"),
        ("tide timber", "tea"),
        ("Tide&Timber", "tea"),
        ("timber tide", "tea"),
        ("es-kopi", "es-kopi"),
    ],
)
def test_it_is_found_first_however_it_is_typed(program: Program, text: str, code: str) -> None:
    assert found(program, text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cofee", "coffee"),
        ("coffe", "coffee"),
        ("cinmea", "cinema"),
        ("tickt", "cinema"),
        ("kpoi", "kopi"),
        ("suus kopi", "kopi-susu"),
        ("mlik tea", "tea"),
        ("masage", "massage"),
        ("bublle tea", "tea"),
        ("bioskp", "cinema"),
        ("ชานมไขมก", "tea"),
        ("กาแฟแกวโปด", "coffee"),
        ("tran chaw duong", "tea"),
        ("سينيما", "cinema"),
    ],
)
def test_typing_errors_are_forgiven(program: Program, text: str, code: str) -> None:
    assert found(program, text)[0] == code


def test_the_whole_name_comes_before_its_beginning_before_words_before_descriptions(program: Program) -> None:
    first, *words, last = found(program, "kopi")
    assert (first, words[0], sorted(words[1:]), last) == ("kopi", "kopi-susu", ["coffee", "es-kopi"], "kopikira")


def test_nothing_is_guessed_where_something_is_found_as_typed(program: Program) -> None:
    assert found(program, "susu") == ["kopi-susu"]


def test_every_word_must_be_there(program: Program) -> None:
    assert found(program, "kopi susu") == ["kopi-susu"]
    assert found(program, "cinema susu") == []


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a coffee for me", "coffee"), ("the cinema", "cinema"), ("tiket untuk bioskop", "tiket bioskop"),
        ("trà sữa với đường", "trà sữa đường"), ("شاي من بالحليب", "شاي بالحليب"),
    ],
)  # fmt: skip
def test_words_that_say_nothing_need_not_be_there(program: Program, text: str, same: str) -> None:
    assert found(program, text) == found(program, same) != []


def test_they_are_looked_for_as_long_as_something_has_them(program: Program) -> None:
    assert found(program, "choice of") == ["coffee"]
    assert {*found(program, "of kopi")} == {"coffee", "kopikira"}
    assert {"coffee", "kopikira"} <= {*found(program, "of")}


def test_pages_go_on_without_the_words_that_say_nothing(program: Program) -> None:
    question = Question(program.pk, market="SG", text="kopi for me")
    seen: list[int] = []
    after: Sequence[int] | None = None
    while (places := look(question, limit=1, after=after)[1]) and len(seen) < 50:
        seen.append(places[0].reward_id)
        after = places[0].key
    assert seen == [place.reward_id for place in look(Question(program.pk, market="SG", text="kopi"), limit=50)[1]]


def test_nonsense_finds_nothing(program: Program) -> None:
    for text in ("qqqxyz", "ฮฮฮฮฮฮ", "ظظظظظظ"):
        assert found(program, text) == []


@pytest.mark.parametrize("text", ["ฮฮ", "ฌฮ", "ขฃฅ", "ظظ", "ثظغ"])
def test_few_letters_mean_no_other_word_in_any_script(program: Program, text: str) -> None:
    assert found(program, text) == []


def test_two_e_of_thai_are_ae(program: Program) -> None:
    assert found(program, "เเ") == found(program, "แ") != []
    assert found(program, "กาเเฟ")[0] == "coffee"


@pytest.mark.parametrize("text", ["", "   "])
def test_a_question_without_words_finds_everything(program: Program, text: str) -> None:
    assert len(found(program, text)) == len(REWARDS) - 1


@pytest.mark.parametrize("text", ["!!!", "ـــ", "%", "'", "&", "\N{GRINNING FACE}", " - "])
def test_signs_alone_find_nothing(program: Program, text: str) -> None:
    search, places = look(Question(program.pk, market="SG", text=text), limit=50)
    assert (places, count(search).total) == ([], 0)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("koppi", "kopi"),
        ("kkopi", "kopi"),
        ("cofee", "coffee"),
        ("cinmea", "cinema"),
        ("bublle milk tea", "bubble milk tea"),
    ],
)
def test_what_was_typed_wrong_is_found_in_the_order_of_what_is_meant(program: Program, typed: str, meant: str) -> None:
    assert found(program, typed) == found(program, meant) != []


@pytest.mark.parametrize("text", ["%", "_", "100%_'\"\\", "a" * 200, "' OR 1=1 --", "%s %(x)s {0}", "\\"])
def test_signs_that_mean_something_to_databases_are_harmless(program: Program, text: str) -> None:
    found(program, text)


def test_a_category_is_a_word_too_in_any_language(program: Program) -> None:
    assert found(program, "hiburan") == found(program, "giai tri") == found(program, "ความบันเทิง") == ["cinema"]


def test_what_is_only_given_stands_in_no_list(program: Program) -> None:
    assert found(program, "lounge") == []


def test_a_market_has_its_own_shelves(program: Program) -> None:
    assert found(program, "kopi", market="ID") == []
    assert "kopi" in found(program, "kopi", market=None)
