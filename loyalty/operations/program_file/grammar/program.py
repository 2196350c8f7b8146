"""The program itself: languages, money, what points are, the brand, and what joining asks."""

from typing import Any

from core.rules.contrast import LEAST_FOR_TEXT, WHITE, contrast
from loyalty.operations.program_file.grammar.points import Counted
from loyalty.operations.program_file.schema import ListOf, Mapping, Reading, Shape, may, need, once
from loyalty.operations.program_file.values import (
    LANGUAGES,
    Code,
    Colour,
    Currency,
    FileName,
    Number,
    Percent,
    Prose,
    Ratio,
    Text,
    Word,
    Zone,
)
from members.rules.joining import CUSTOMER, KINDS, MERCHANT, kinds


def _readable(brand: dict[str, Any], path: str, to: Reading) -> None:
    """Pages derive safe shades from any colour; mails and the app's icon use the primary as it is, under white."""
    primary = brand.get("primary")
    if primary is not None and (ratio := contrast(primary, WHITE)) < LEAST_FOR_TEXT:
        to.fault(
            f"{path}.primary",
            f"{primary} has a contrast of {ratio:.1f} with white, text needs {LEAST_FOR_TEXT}; take a darker colour",
        )


def _at_with_months(expire: dict[str, Any], path: str, to: Reading) -> None:
    if "months" in expire and "at" not in expire:
        to.missing(f"{path}.at", "at is missing: month_end or day")
    if "inactivity_months" in expire and "at" in expire:
        to.fault(f"{path}.at", "at goes with months, not with inactivity_months")


def _categories_of_merchants(joining: dict[str, Any], path: str, to: Reading) -> None:
    if "categories" in joining and MERCHANT not in kinds(joining):
        to.fault(f"{path}.categories", "categories are asked of merchants; add as: merchant, or as: both")


EXPIRE = Shape(
    word=Word("never"),
    mapping=Mapping(
        may("months", Number(1, 1200)),
        may("at", Word("month_end", "day")),
        may("inactivity_months", Number(1, 1200)),
        one_of=[("months", "inactivity_months")],
        then=_at_with_months,
    ),
)
POINTS = Mapping(
    need("name", Counted(60)),
    may("expire", EXPIRE, "never"),
    may("pending_days", Number(0, 3650), 0),
    may("liability_value", Ratio(), "0"),
)
BRAND = Mapping(
    may("primary", Colour()),
    may("accent", Colour()),
    may("logo", FileName()),
    may("mark", Word("automotive", "merchant", "wallet")),
    may("round", Ratio(places=2, most="2")),
    may("art", Word("arcs", "waves", "weave")),
    then=_readable,
)
CATEGORY = Mapping(need("code", Code(most=80)), need("name", Text(80)))
JOINING = Mapping(
    may("as", Word(*KINDS), CUSTOMER),
    may("categories", ListOf(CATEGORY, then=once("code"))),
    then=_categories_of_merchants,
)
PROGRAM = Mapping(
    need("code", Code(allowed="-")),
    need("name", Text()),
    need("languages", ListOf(Word(*LANGUAGES), least=1, unique=True)),
    need("currency", Currency(of_program=False)),
    need("timezone", Zone()),
    need("points", POINTS),
    may("reversal", Word("debt", "forgive", "only_pending"), "debt"),
    may("holdout", Percent(), 0),
    may("brand", BRAND),
    may("joining", JOINING),
    may("terms", Prose(20_000)),
)
