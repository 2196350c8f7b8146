"""What rules do, within which limits, and who pays."""

from typing import Any

from loyalty.operations.program_file.grammar.rewards import PAYER_WORDS
from loyalty.operations.program_file.schema import BAD, ListOf, Mapping, Node, OneKey, Reading, Shape, may, need
from loyalty.operations.program_file.values import Flag, Number, Priced, Ratio, Ref, Word, money

WHOLE = 100


class Payer(Node):
    """A budget, or one of the words that find it: program, market, region, dealer."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The word or the code."""
        if value in ("market", "region", "dealer"):
            to.payers.append((value, path))
        return value if value in PAYER_WORDS else Ref("budgets").read(value, path, to)


class Shares(Node):
    """A mapping of payers to percentages, canonically a list of pairs: the last one takes what rounding leaves."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Pairs of payer and whole percentage, in the order of the file."""
        shares = [self._share(payer, share, f"{path}.{payer}", to) for payer, share in value.items()]
        if BAD in shares:
            return BAD
        if (total := sum(share for _, share in shares)) != WHOLE:
            return to.fault(path, f"shares add up to 100, these to {total}")
        return shares

    def _share(self, payer: str, share: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        read = Payer().read(payer, path, to), Number(1, WHOLE).read(share, path, to)
        return BAD if BAD in read else list(read)


def _some_limit(limit: dict[str, Any], path: str, to: Reading) -> None:
    if not limit.keys() - {"per"}:
        to.fault(path, "says no limit: write times, points or money")


def _per_whom(limit: dict[str, Any], path: str, to: Reading) -> None:
    if not limit:
        to.missing(path, "says no limit: write per_member or total")


LIMIT = Mapping(
    may("times", Number(1)),
    may("points", Number(1)),
    may("money", money()),
    may("per", Word("day", "week", "month", "campaign", "lifetime"), "campaign"),
    then=_some_limit,
)
LIMITS = ListOf(Mapping(may("per_member", LIMIT), may("total", LIMIT), then=_per_whom))
FUND = Shape(word=Payer(), mapping=Shares())
POINTS = Mapping(
    may("fixed", Number(1)),
    may("per_amount", Priced("every", need("points", Number(1)))),
    may("status", Flag(), default=False),
    may("pending_days", Number(0, 3650)),
    may("expire", Mapping(need("days", Number(1, 36500)))),
    one_of=[("fixed", "per_amount")],
)
CASHBACK = Mapping(
    may("fixed", money()),
    may("percent", Ratio(above="0", numbers=True)),
    may("max", money()),
    one_of=[("fixed", "percent")],
)
EFFECT = OneKey(
    "effect",
    points=POINTS,
    multiply=Mapping(
        need("by", Ratio(above="1", numbers=True)),
        may("of", ListOf(Ref("campaigns"), unique=True)),
        may("max_extra", Number(1)),
    ),
    cashback=CASHBACK,
    reward=Ref("rewards"),
    badge=Shape(word=Ref("badges"), mapping=Mapping(need("code", Ref("badges")), need("once", Word("window")))),
    tier=Mapping(need("to", Ref("tiers")), need("days", Number(1, 36500))),
    entry=Mapping(need("board", Ref("leaderboards")), need("score", Word("amount", "count", "points"))),
    message=Ref("messages"),
)
EFFECTS = ListOf(EFFECT, least=1)
