"""Figures as people of each language write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import set_urlconf
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from loyalty.display import formats
from loyalty.display.schedule_words import schedule_words
from loyalty.display.static import FOUND, is_there
from loyalty.display.templatetags.display import Kept

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "12,480"), ("id", "12.480"), ("ms", "12,480"), ("vi", "12.480"), ("th", "12,480"), ("ar", "12,480")],
)
def test_thousands_are_parted_as_the_language_does_and_arabic_keeps_0_to_9(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.number(12480) == expected


@pytest.mark.parametrize("name", ["/brand/demo.svg", "../x.svg", "https://example.com/x.svg", "x" * 300, "a\0b", "."])
def test_what_names_no_file_is_not_there(name: str) -> None:
    assert not is_there(name)


def test_a_file_that_comes_later_is_found(tmp_path: Path, settings: Settings) -> None:
    settings.STATICFILES_DIRS = [("later", tmp_path)]
    assert not is_there("later/x.svg")
    (tmp_path / "x.svg").touch()
    assert is_there("later/x.svg")
    FOUND.discard("later/x.svg")


@pytest.mark.parametrize(("language", "expected"), [("en", "5.43%"), ("id", "5,43%"), ("ar", "5.43%")])
def test_a_share_has_as_many_decimals_as_it_needs_and_no_more_than_asked_for(language: str, expected: str) -> None:
    with translation.override(language):
        shown = [formats.percent(share, places=2) for share in (0.0543219, 0.05000346, 0.2)]
        assert [*shown, formats.percent(0.0543219)] == [expected, "5%", "20%", "5%"]


@pytest.mark.parametrize("language", ["en", "id", "ms", "vi", "th", "ar"])
def test_a_change_has_a_sign_as_wide_as_the_other(language: str) -> None:
    with translation.override(language):
        assert [formats.signed(860), formats.signed(0), formats.signed(-86)] == ["+860", "0", "−86"]


@pytest.mark.parametrize(
    ("language", "value", "currency", "expected"),
    [
        ("en", 12480, "AED", f"AED{NBSP}124.80"),
        ("en", -12480, "AED", f"−AED{NBSP}124.80"),
        ("en", 8450, "BHD", f"BHD{NBSP}8.450"),
        ("id", 845000, "IDR", f"Rp{NBSP}8.450"),
        ("vi", 184_200_000, "VND", f"184.200.000{NBSP}₫"),
        ("ms", 1250, "MYR", f"RM{NBSP}12.50"),
        ("th", 1250, "THB", "฿12.50"),
        ("ar", 12480, "AED", f"\u200f124.80{NBSP}د.إ\u200f"),
        ("ar", 8450, "OMR", f"\u200f8.450{NBSP}ر.ع\u200f"),
    ],
)
def test_money_has_the_decimals_of_its_currency_and_the_shape_of_the_language(
    language: str, value: int, currency: str, expected: str
) -> None:
    with translation.override(language):
        assert formats.amount(value, currency) == expected


def test_a_decimal_is_an_amount_and_a_whole_number_counts_smallest_units() -> None:
    assert formats.amount(Decimal("8.45"), "BHD") == formats.amount(8450, "BHD") == formats.amount("8.450", "BHD")


def test_a_round_amount_drops_its_zeros_and_no_other_does() -> None:
    assert formats.round_amount(Decimal("4000.00"), "AED") == f"AED{NBSP}4,000"
    assert formats.round_amount(Decimal("4000.50"), "AED") == f"AED{NBSP}4,000.50"


@pytest.mark.parametrize(
    ("language", "long", "short", "month"),
    [
        ("en", f"31{NBSP}December", f"31{NBSP}Dec", "December"),
        ("id", f"31{NBSP}Desember", f"31{NBSP}Des", "Desember"),
        ("vi", f"31{NBSP}tháng{NBSP}12", f"31{NBSP}thg{NBSP}12", "Tháng 12"),
        ("ar", f"31{NBSP}ديسمبر", f"31{NBSP}ديسمبر", "ديسمبر"),
    ],
)
def test_days_of_this_year_need_no_year(language: str, long: str, short: str, month: str) -> None:
    end = date(timezone.localdate().year, 12, 31)
    with translation.override(language):
        assert (formats.day(end), formats.day(end, short=True), formats.month(end)) == (long, short, month)


def test_days_of_other_years_say_which() -> None:
    assert formats.day(date(2020, 12, 31)) == f"31{NBSP}December 2020"
    assert formats.day(date(2020, 12, 31), short=True) == f"31{NBSP}Dec 2020"
    with translation.override("ar"):
        assert formats.day(date(2020, 12, 31), short=True) == f"31{NBSP}ديسمبر 2020"
    assert formats.month(date(2020, 12, 31)) == "December 2020"


def test_a_moment_is_told_in_the_zone_in_force() -> None:
    at = datetime(2020, 12, 31, 21, 30, tzinfo=UTC)
    with timezone.override("Asia/Dubai"):
        assert formats.moment(at) == f"1{NBSP}Jan 2021, 01:30"


@pytest.mark.parametrize(
    ("language", "moment", "schedule"),
    [
        ("en", "Sunday, 10:15", "Saturday and Sunday, 08:00–22:00"),
        ("ar", "الأحد، 10:15", "السبت والأحد، من 08:00 إلى 22:00"),
    ],
)
def test_days_and_hours_are_parted_as_the_language_does(language: str, moment: str, schedule: str) -> None:
    with translation.override(language):
        assert formats.weekday_and_time(datetime(2026, 6, 14, 10, 15, tzinfo=UTC)) == moment
        assert schedule_words({"weekdays": [7, 6], "hours": [8, 22]}) == schedule


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 12480|points|num }}", '<bdi class="num">12,480</bdi>'),
        ("{{ plate|num }}", '<bdi class="num">&lt;A&gt;</bdi>'),
        ("{{ 0.62|percent }}", "62%"),
        ('{{ "Mariam bint Ali"|initials }}{{ ""|initials }}{{ "Kim"|initials }}', "MAK"),
        ('{{ "مريم العلي"|initials }}', "م ا"),
        ('{% bar 4 6 "4 of 6" %}', '<progress value="4" max="6" aria-label="4 of 6"></progress>'),
        ('{% bar 9 6 "9 of 6" "thin" %}', '<progress value="6" max="6" class="thin" aria-label="9 of 6"></progress>'),
        ("{{ nothing|day }}{{ nothing|day_short }}{{ nothing|month }}{{ nothing|moment }}", ""),
    ],
)
def test_tags_say(source: str, expected: str) -> None:
    assert Template("{% load display %}" + source).render(Context({"nothing": None, "plate": "<A>"})) == expected


def test_a_ring_closes_as_far_as_the_goal_is_done_and_no_further() -> None:
    drawn = Template('{% load display %}{% ring 2 3 "2/3" %}{% ring 5 3 "5/3" %}{% ring 0 0 "–" %}').render(Context())
    assert [f'stroke-dasharray="{share} 100"' in drawn for share in (67, 100)] == [True, True]
    assert drawn.count('stroke-dasharray="100 100"') == 2


KEPT = "{% load display i18n %}{% kept shown %}{{ shown }}{{ unnamed }} {% translate 'Home' %}{% endkept %}"


def test_markup_is_kept_for_its_values_language_and_addresses_alone() -> None:
    template = Template(KEPT)

    def told(shown: str, unnamed: int) -> str:
        return template.render(Context({"shown": shown, "unnamed": unnamed}))

    assert told("<a>", 1) == told("<a>", 2) == "&lt;a&gt;1 Home"
    assert told("b", 3) == "b3 Home"
    with translation.override("id"):
        assert told("b", 4) == "b4 Beranda"
    set_urlconf("loyalty.demo.urls")
    try:
        assert told("b", 5) == "b5 Home"
    finally:
        set_urlconf(None)
    assert told("b", 6) == "b3 Home"


def test_a_process_keeps_so_much_markup_and_no_more() -> None:
    template = Template(KEPT)
    node = next(node for node in template.nodelist if isinstance(node, Kept))
    for number in range(node.MOST + 10):
        template.render(Context({"shown": number}))
    assert len(node.known) == 10


def test_what_was_written_for_one_reader_is_written_for_the_next_in_their_language() -> None:
    moment = datetime(timezone.localdate().year, 3, 9, 7, 5, tzinfo=UTC)
    for _ in range(2):
        with translation.override("en"):
            assert [formats.number(1250), formats.moment(moment)] == ["1,250", f"9{NBSP}Mar, 07:05"]
        with translation.override("id"):
            assert [formats.number(Decimal("1250.5")), formats.moment(moment)] == ["1.250,5", f"9{NBSP}Mar 07:05"]
