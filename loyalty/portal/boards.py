"""Leaderboards as members read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.rules.leaderboards import Phase
from campaigns.selectors.leaderboards import Place, Standing, first_of
from campaigns.selectors.names import Names, program_names
from campaigns.services.standings import find_own_standing, member_standings
from loyalty.display.board_words import phase_words, score_words
from members.models import Member

SHOWN = 100
STEPS = 3  # of the podium


@dataclass(frozen=True, slots=True)
class Row:
    """A place with its name and score in words."""

    rank: int
    name: str
    hidden: bool
    score: str
    me: bool


@dataclass(frozen=True, slots=True)
class BoardCard:
    """A leaderboard, and where the member stands."""

    code: str
    name: str
    market: str
    text: str
    campaign: str
    phase: Phase
    when: str
    mine: Row | None

    @property
    def running(self) -> bool:
        """Whether events count now."""
        return self.phase is Phase.RUNNING

    @property
    def upcoming(self) -> bool:
        """Whether it is still to begin."""
        return self.phase is Phase.UPCOMING

    @property
    def closed(self) -> bool:
        """Whether the result is final."""
        return self.phase is Phase.CLOSED


@dataclass(frozen=True, slots=True)
class BoardDetail:
    """A leaderboard with its first places."""

    card: BoardCard
    rows: Sequence[Row]

    @property
    def podium(self) -> Sequence[Row]:
        """The first three."""
        return self.rows[:STEPS]

    @property
    def others(self) -> Sequence[Row]:
        """Those after them."""
        return self.rows[STEPS:]

    @property
    def listed(self) -> bool:
        """Whether the member is among those that are shown."""
        return any(row.me for row in self.rows)


def board_cards(member: Member, at: datetime, *, current: bool = False) -> list[BoardCard]:
    """All boards that a member sees, or those whose result is open."""
    names = program_names(member.program)
    found = member_standings(member=member, at=at, current=current)
    return [_card(standing, member, names, at) for standing in found]


def board_detail(member: Member, code: str, at: datetime) -> BoardDetail:
    """One of them; raises NotFound."""
    standing = find_own_standing(member=member, code=code, at=at)
    card = _card(standing, member, program_names(member.program), at)
    places = first_of(standing, limit=SHOWN, member_id=member.pk)
    return BoardDetail(card, [_row(place, standing, member) for place in places])


def _card(standing: Standing, member: Member, names: Names, at: datetime) -> BoardCard:
    market = standing.course.market
    campaign = next((row for row in names.campaigns.values() if row.code == standing.board.campaign), None)
    return BoardCard(
        code=standing.board.code,
        name=standing.name,
        market=names.markets.get(market, market),
        text=campaign.text if campaign else "",
        campaign=standing.board.campaign,
        phase=standing.phase,
        when=phase_words(standing, at),
        mine=_row(standing.mine, standing, member) if standing.mine else None,
    )


def _row(place: Place, standing: Standing, member: Member) -> Row:
    score = score_words(place.score, standing.score, member.program.currency)
    name = place.nickname or (_("You") if place.me else _("Anonymous"))
    return Row(place.rank, name, not place.nickname, score, place.me)
