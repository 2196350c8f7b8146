"""Who joins a program by themselves: ``Program.joining`` as the program file says it."""

from collections.abc import Mapping, Sequence
from typing import Any

CUSTOMER, MERCHANT = "customer", "merchant"
KINDS: Mapping[str, Sequence[str]] = {
    CUSTOMER: (CUSTOMER,),
    MERCHANT: (MERCHANT,),
    "both": (CUSTOMER, MERCHANT),
}


def kinds(joining: Mapping[str, Any]) -> Sequence[str]:
    """As what one joins, the usual kind first."""
    return KINDS[joining.get("as", CUSTOMER)]


def categories(joining: Mapping[str, Any], *, language: str) -> list[tuple[str, str]]:
    """Lines of business that merchants choose from, by code, with their names; none: they write what they like."""
    return [(item["code"], _named(item["name"], language)) for item in joining.get("categories", [])]


def category_name(code: str, joining: Mapping[str, Any], *, language: str) -> str:
    """A line of business in words; partners may send others than those to choose from."""
    return dict(categories(joining, language=language)).get(code, code)


def _named(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()))
