"""Where a program runs: markets, regions, rates, outlets, dealers and their contracts."""

from typing import Any

from loyalty.operations.program_file.schema import ListOf, Mapping, Node, Reading, may, meant, need, once, shown
from loyalty.operations.program_file.values import LANGUAGES, Code, Currency, Day, Percent, Ratio, Ref, Text, Zone


class Language(Node):
    """A language of the program."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Its code."""
        known = to.languages or LANGUAGES
        if value in known:
            return value
        return to.fault(path, f"{shown(value)} is no language of the program{meant(str(value), known)}")


def _not_base(rate: dict[str, Any], path: str, to: Reading) -> None:
    if "currency" in rate and rate["currency"] == to.currency:
        to.fault(f"{path}.currency", f"{to.currency} is the base currency and needs no rate")


LANGUAGES_OF = ListOf(Language(), least=1, unique=True)
RATES = ListOf(
    Mapping(
        need("currency", Currency(of_program=False)),
        need("from", Day()),
        need("rate", Ratio(places=12, above="0")),
        then=_not_base,
    ),
    then=once("currency", "from"),
)
MARKETS = ListOf(
    Mapping(
        need("code", Code("markets")),
        need("name", Text()),
        need("currency", Currency(of_program=False)),
        need("timezone", Zone()),
        need("languages", LANGUAGES_OF),
    ),
    least=1,
)
REGIONS = ListOf(Mapping(need("code", Code("regions")), need("name", Text()), need("market", Ref("markets"))))
OUTLETS = ListOf(
    Mapping(
        need("code", Code("outlets")),
        need("kind", Code()),
        need("name", Text()),
        need("market", Ref("markets")),
    )
)
DEALERS = ListOf(
    Mapping(
        need("code", Code("dealers")),
        need("name", Text()),
        need("market", Ref("markets")),
        may("region", Ref("regions")),
        may("outlets", ListOf(Mapping(need("code", Code("outlets")), need("kind", Code()), need("name", Text())))),
    )
)
CONTRACTS = ListOf(
    Mapping(
        need("dealer", Ref("dealers")),
        need("from", Day()),
        need("earn_value", Ratio()),
        need("redeem_value", Ratio()),
        need("share", Percent()),
    ),
    then=once("dealer", "from"),
)
