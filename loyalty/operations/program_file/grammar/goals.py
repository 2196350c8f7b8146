"""Goals: what accumulates, in which window, and the milestones on the way."""

from typing import Any

from loyalty.operations.program_file.schema import BAD, Mapping, Node, Reading, Shape, may, need, shown
from loyalty.operations.program_file.values import Amount, Currency, Flag, Number, Priced, Word, Yes

KINDS = ("count", "sum", "distinct", "streak", "level")


class FactName(Node):
    """The name of a fact; whether it exists is judged with the event of the rule."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The name."""
        return (
            value
            if isinstance(value, str)
            else to.fault(path, f"must be a fact such as event.dealer, not {shown(value)}")
        )


class Reach(Node):
    """How far a milestone is: a whole number, for sums an amount."""

    def __init__(self, goal: dict[str, Any]) -> None:
        self._sum = goal.get("sum")

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """An integer or a decimal string."""
        if self._sum is None:
            return Number(1).read(value, path, to)
        currency = self._sum.get("currency") if isinstance(self._sum, dict) else None
        return Amount(currency, least_minor=1).read(value, path, to)


class AnyReach(Node):
    """A reach before its goal is known."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401, ARG002
        """As it stands."""
        return value


def judge_milestones(rule: dict[str, Any], path: str, to: Reading) -> None:
    """Read every reach as its goal means it; they rise."""
    if not rule.get("goal", {}).keys() & set(KINDS):
        return  # there is no goal, and that was said
    last = 0.0
    for index, milestone in enumerate(rule.get("milestones", [])):
        if "reach" not in milestone:
            continue
        where = f"{path}.milestones[{index}].reach"
        milestone["reach"] = reach = Reach(rule["goal"]).read(milestone["reach"], where, to)
        if reach is BAD:
            continue
        if float(reach) <= last:
            to.fault(where, f"must be more than the milestone before it; list the lowest first, not {reach}")
        last = float(reach)


def _parts(goal: dict[str, Any], path: str, to: Reading) -> None:
    if "by" in goal and "level" not in goal:
        to.fault(f"{path}.by", "by goes with level: one progress for each of its values")
    if "level" in goal and "by" not in goal:
        to.missing(f"{path}.by", "by is missing: what the level belongs to, such as event.data.vin")


STREAK = Mapping(
    need("period", Word("day", "week", "month", "quarter", "year")),
    may("count", Number(1)),
    may("amount", Priced("value")),
    may("freezes", Number(0, 1000), 0),
    one_of=[("count", "amount")],
)
WINDOW = Shape(
    word=Word("campaign", "offer", "day", "week", "month", "quarter", "year"),
    mapping=Mapping(
        may("rolling_days", Number(1, 3660)),
        may("since_enrolled_hours", Number(1, 100_000)),
        one_of=[("rolling_days", "since_enrolled_hours")],
    ),
)
GOAL = Mapping(
    may("count", Yes()),
    may("sum", Shape(word=Word("base"), mapping=Mapping(need("currency", Currency())))),
    may("distinct", FactName()),
    may("streak", STREAK),
    may("level", FactName()),
    may("by", FactName()),
    need("window", WINDOW),
    may("repeat", Flag(), default=False),
    one_of=[KINDS],
    then=_parts,
)
