"""The program itself: languages, money, what points are, and the brand."""

from typing import Any

from loyalty.operations.program_file.schema import ListOf, Mapping, Reading, Shape, may, need
from loyalty.operations.program_file.values import (
    LANGUAGES,
    Code,
    Colour,
    Currency,
    Line,
    Number,
    Percent,
    Ratio,
    Text,
    Word,
    Zone,
)

SRGB_KNEE = 0.04045
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, for text


def contrast_with_white(colour: str) -> float:
    """Contrast ratio of a colour and white, from 1 to 21, as WCAG 2.2 defines it."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= SRGB_KNEE else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _readable(brand: dict[str, Any], path: str, to: Reading) -> None:
    primary = brand.get("primary")
    if primary is not None and (ratio := contrast_with_white(primary)) < LEAST_CONTRAST:
        to.fault(
            f"{path}.primary",
            f"{primary} has a contrast of {ratio:.1f} with white, text needs {LEAST_CONTRAST}; take a darker colour",
        )


def _at_with_months(expire: dict[str, Any], path: str, to: Reading) -> None:
    if "months" in expire and "at" not in expire:
        to.missing(f"{path}.at", "at is missing: month_end or day")
    if "inactivity_months" in expire and "at" in expire:
        to.fault(f"{path}.at", "at goes with months, not with inactivity_months")


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
    need("name", Text(60)),
    may("expire", EXPIRE, "never"),
    may("pending_days", Number(0, 3650), 0),
    may("liability_value", Ratio(), "0"),
)
BRAND = Mapping(may("primary", Colour()), may("accent", Colour()), may("logo", Line()), then=_readable)
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
)
