"""Figures as people of each language write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from loyalty.display import formats
from loyalty.display.schedule_words import schedule_words

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "12,480"), ("id", "12.480"), ("ms", "12,480"), ("vi", "12.480"), ("th", "12,480"), ("ar", "12,480")],
)
def test_thousands_are_parted_as_the_language_does_and_arabic_keeps_0_to_9(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.number(12480) == expected


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
        ("ar", 12480, "AED", f"\u200f124.80{NBSP}د.إ.\u200f"),
        ("ar", 8450, "OMR", f"\u200f8.450{NBSP}ر.ع.\u200f"),
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
        ("en", "31 December", "31 Dec", "December"),
        ("id", "31 Desember", "31 Des", "Desember"),
        ("vi", "31 tháng 12", "31 thg 12", "Tháng 12"),
        ("ar", "31 ديسمبر", "31 ديسمبر", "ديسمبر"),
    ],
)
def test_days_of_this_year_need_no_year(language: str, long: str, short: str, month: str) -> None:
    end = date(timezone.localdate().year, 12, 31)
    with translation.override(language):
        assert (formats.day(end), formats.day(end, short=True), formats.month(end)) == (long, short, month)


def test_days_of_other_years_say_which() -> None:
    assert formats.day(date(2020, 12, 31)) == "31 December 2020"
    assert formats.day(date(2020, 12, 31), short=True) == "31 Dec 2020"
    with translation.override("ar"):
        assert formats.day(date(2020, 12, 31), short=True) == "31 ديسمبر 2020"
    assert formats.month(date(2020, 12, 31)) == "December 2020"


def test_a_moment_is_told_in_the_zone_in_force() -> None:
    at = datetime(2020, 12, 31, 21, 30, tzinfo=UTC)
    with timezone.override("Asia/Dubai"):
        assert formats.moment(at) == "1 Jan 2021, 01:30"


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
