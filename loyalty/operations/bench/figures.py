"""What a bench found, and what it had to reach."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its yardstick, both of the same run. ``ratio`` is between the two.

    ``yardstick`` and ``ratio`` are None where a figure stands alone; ``target`` says in words what ``ok`` means.
    """

    name: str
    value: float
    unit: str
    yardstick: float | None
    ratio: float | None
    target: str
    ok: bool


def as_json(figures: Sequence[Figure]) -> list[dict[str, object]]:
    """Figures as they are written to ``var/bench.json``."""
    return [{key: _rounded(value) for key, value in asdict(figure).items()} for figure in figures]


def _rounded(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def as_table(figures: Sequence[Figure]) -> Table:
    """Figures for people."""
    table = Table("name", "value", "unit", "yardstick", "ratio", "target", "", title="make bench")
    for figure in figures:
        table.add_row(
            figure.name,
            shown(figure.value),
            figure.unit,
            shown(figure.yardstick),
            shown(figure.ratio),
            figure.target,
            "[green]ok[/]" if figure.ok else "[red]missed[/]",
        )
    return table


def shown(value: float | None) -> str:
    """A number as short as it is read."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004  # three digits are enough
