"""What the check says of contests: boards that never close, entries that never count, prizes that come too late."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns.rules.compiling import moment
from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.gates import instant
from campaigns.rules.leaderboards import Board
from members.rules.conditions import All, Condition, Leaf, Op

type Plain = Mapping[str, Any]
type Doubt = tuple[str, str, str]  # code, path, sentence
CLOSED = "leaderboard.closed"


def contest_doubts(
    rules: CampaignRules, definition: Plain, effects: Sequence[tuple[str, Plain]], boards: Mapping[str, Board],
    zones: Mapping[str, ZoneInfo],
) -> Iterator[Doubt]:  # fmt: skip
    """Warnings; ``effects`` with their places, ``zones`` those of the campaign's markets."""
    for path, effect in effects:
        board = boards.get(effect["entry"]["board"]) if "entry" in effect else None
        if board is not None:
            yield from _entry(rules, definition, board, path, zones)
    for rule in rules.rules:
        if rule.event_type == CLOSED:
            yield from _prize(rule, definition, boards, zones)


def _entry(
    rules: CampaignRules, definition: Plain, board: Board, path: str, zones: Mapping[str, ZoneInfo]
) -> Iterator[Doubt]:
    named = {"board": board.code}
    if board.campaign == rules.code and any(ends is None for _, ends in board.spans.values()):
        yield "no-close", path, _("The leaderboard %(board)s never closes: its campaign has no end.") % named
    if not any(_meet(definition, board, market, zone) for market, zone in zones.items()):
        yield "no-contest", path, _("No contest of the leaderboard %(board)s runs while this campaign does.") % named


def _meet(definition: Plain, board: Board, market: str, zone: ZoneInfo) -> bool:
    """Whether the campaign and a contest run in a market at the same time."""
    if market not in board.spans:
        return False
    starts, ends = board.spans[market]
    begins, until = instant(moment(definition["starts"]), zone), _end(definition, zone)
    return (ends is None or begins < ends) and (until is None or starts < until)


def _prize(
    rule: Rule, definition: Plain, boards: Mapping[str, Board], zones: Mapping[str, ZoneInfo]
) -> Iterator[Doubt]:
    """Prizes of a campaign that is over when a board closes are never paid."""
    named = _boards_of(rule.condition)
    for code in sorted(named if named is not None else boards):
        board = boards.get(code)
        missed = sorted(market for market, zone in zones.items() if board and _misses(definition, board, market, zone))
        if missed:
            text = _("When the leaderboard %(board)s closes this campaign is over, and pays no prizes, in: %(markets)s")
            yield "late-prize", f"rules[{rule.index}]", text % {"board": code, "markets": ", ".join(missed)}


def _misses(definition: Plain, board: Board, market: str, zone: ZoneInfo) -> bool:
    ends, course = _end(definition, zone), board.course(market)
    return bool(ends and course and course.closes_at and ends <= course.closes_at)


def _end(definition: Plain, zone: ZoneInfo) -> datetime | None:
    return instant(moment(definition["ends"]), zone) if definition.get("ends") else None


def _boards_of(condition: Condition | None) -> set[str] | None:
    """The boards that a rule asks for; None where it asks for none in particular."""
    match condition:
        case Leaf(fact="event.data.board", op=Op.EQ, value=code):
            return {str(code)}
        case Leaf(fact="event.data.board", op=Op.IN, value=tuple(codes)):
            return {str(code) for code in codes}
        case All(parts):
            found = [named for part in parts if (named := _boards_of(part)) is not None]
            return set.intersection(*found) if found else None
    return None
