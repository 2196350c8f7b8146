"""The tables of a simulation as files for spreadsheets: codes, plain amounts and days as ISO 8601 has them."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

type Report = Mapping[str, Any]
type Sheet = tuple[Sequence[str], Sequence[Sequence[object]]]

SIDES = ("simulated", "live")
BY = ("day", "market", "tier", "campaign")
VALUES = ("awards", "points", "status_points")
BUDGETS = ("payer", "unit", "spent", "left", "ends_on", "projected_end")
EXTREMES = ("winners", "losers")


def sheet_of(report: Report, table: str, seen: Container[str]) -> Sheet | None:
    """A table by its name, or None; members that the reader may not see (they are not in ``seen``) have no id."""
    if table in BY:
        return _both_sides(report, table)
    sheets: Mapping[str, Sheet] = {
        "tier_moves": (("from", "to", *SIDES), tier_moves(report)),
        "refused": (("reason", "times"), refusals(report)),
        "budgets": (BUDGETS, [[one[name] for name in BUDGETS] for one in report["budgets"]]),
        "members": (("member", "difference", "currency"), _extremes(report, seen)),
    }
    return sheets.get(table)


def tier_moves(report: Report) -> list[tuple[str, str, int, int]]:
    """From which tier to which (none is empty), and how often: in the simulation, and as it was."""
    counted = {
        side: {(move["from"] or "", move["to"] or ""): move["members"] for move in report[side]["tier_moves"]}
        for side in SIDES
    }
    simulated, live = (counted[side] for side in SIDES)
    return [(*move, simulated.get(move, 0), live.get(move, 0)) for move in sorted(simulated.keys() | live.keys())]


def refusals(report: Report) -> list[tuple[str, int]]:
    """Why awards were refused in the simulation, and how often, most often first."""
    return sorted(report["refused"].items(), key=lambda pair: (-pair[1], pair[0]))


def extremes(report: Report, seen: Container[str]) -> list[tuple[str, str]]:
    """Who gains most and who loses most, and how much; empty for members whom the reader may not see."""
    rows = [one for side in EXTREMES for one in report[side]]
    return [(one["member"] if one["member"] in seen else "", one["difference"]) for one in rows]


def _extremes(report: Report, seen: Container[str]) -> list[tuple[str, str, str]]:
    return [(*one, report["liability"]["currency"]) for one in extremes(report, seen)]


def _both_sides(report: Report, table: str) -> Sheet:
    """Both sides of each row, money by currency."""
    rows = report[f"by_{table}"]
    units = sorted({unit for row in rows for side in SIDES for unit in row[side]["money"]})
    heading = [table, *(f"{side}_{name}" for side in SIDES for name in (*VALUES, *units))]
    lines: list[list[object]] = []
    for row in rows:
        values = [
            value
            for side in SIDES
            for value in (*(row[side][name] for name in VALUES), *(row[side]["money"].get(unit, "0") for unit in units))
        ]
        lines.append([row[table], *values])
    return heading, lines
