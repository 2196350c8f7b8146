from decimal import Decimal
from weakref import ref

import pytest

from core.rules.money import WrongAmount, decimals, is_currency, read_amount, read_minor, to_minor, to_text


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


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "XQQ", "sgd", ""])
def test_no_amount_is_in_metals_units_of_account_or_no_currency(code: str) -> None:
    assert not is_currency(code)
    assert is_currency("XOF")


def test_what_callers_send_as_a_currency_is_not_kept_for_ever() -> None:
    class Sent(str):
        """A text that can be watched."""

        __slots__ = ("__weakref__",)

    sent = Sent("no currency")
    watched = ref(sent)
    assert not is_currency(sent)
    del sent
    assert watched() is None


def test_an_amount_is_never_rounded() -> None:
    with pytest.raises(ValueError, match="more decimals"):
        to_minor(Decimal("0.005"), "SGD")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("4", "SGD", 400), ("4.0", "SGD", 400), ("0", "SGD", 0), ("5.00", "BHD", 5000), ("200000", "VND", 200_000)],
)
def test_an_amount_may_be_written_with_fewer_decimals(text: str, currency: str, minor: int) -> None:
    assert read_minor(read_amount(text), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("4.000", "SGD", "too-many-decimals"),
        ("200000.0", "VND", "too-many-decimals"),
        ("04.00", "SGD", "invalid"),
        ("00", "SGD", "invalid"),
        ("+4", "SGD", "invalid"),
        ("4e1", "SGD", "invalid"),
        ("4.", "SGD", "invalid"),
        (".4", "SGD", "invalid"),
        ("4,00", "SGD", "invalid"),
        ("4\n", "SGD", "invalid"),
        (4, "SGD", "invalid"),
        ("-4", "SGD", "negative"),
        ("10000000000000.01", "SGD", "invalid"),
    ],
)
def test_an_amount_that_is_written_otherwise_is_refused(text: object, currency: str, code: str) -> None:
    with pytest.raises(WrongAmount) as refused:
        read_minor(read_amount(text), currency)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["0120.50", "00", "-01"])
def test_noughts_in_front_are_what_is_said_to_be_wrong(text: str) -> None:
    with pytest.raises(WrongAmount, match="Leave out the noughts in front"):
        read_amount(text)
