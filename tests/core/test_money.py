from decimal import Decimal

import pytest

from core.rules.money import decimals, to_minor, to_text


@pytest.mark.parametrize(
    ("currency", "places"),
    [("VND", 0), ("JPY", 0), ("IDR", 2), ("SGD", 2), ("MMK", 2), ("LBP", 2), ("BHD", 3), ("OMR", 3), ("IQD", 3)],
)
def test_decimals_are_those_of_the_standard_and_not_those_that_people_write(currency: str, places: int) -> None:
    assert decimals(currency) == places


@pytest.mark.parametrize(("text", "currency", "minor"), [("5.00", "SGD", 500), ("5", "VND", 5), ("0.005", "BHD", 5)])
def test_an_amount_goes_in_and_out_without_a_change(text: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(text), currency) == minor
    assert to_text(minor, currency) == text


def test_an_amount_is_never_rounded() -> None:
    with pytest.raises(ValueError, match="more decimals"):
        to_minor(Decimal("0.005"), "SGD")
