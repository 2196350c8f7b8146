"""Which contest somebody asks for, and those that a member may see."""

from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.rules.gates import holds_out
from campaigns.rules.leaderboards import EVERYWHERE, Board, Course, Phase
from campaigns.rules.state import Program as ProgramRules
from campaigns.selectors.leaderboards import Standing, standings
from campaigns.selectors.names import program_names
from campaigns.services.configuration import configuration_of
from core.models import Program
from core.refusals import FieldError, Invalid, NotFound
from members.models import Member

ORDER = (Phase.RUNNING, Phase.SETTLING, Phase.UPCOMING, Phase.CLOSED)


def find_standing(
    *, program: Program, code: str, market: str | None = None, member: Member | None = None, at: datetime
) -> Standing:
    """How a board stands in a market: the one that is named, the member's own, or the only one.

    A board of all markets takes any of them. Raises NotFound for an unknown board, Invalid for the market.
    """
    board = configuration_of(program).program.boards.get(code)
    if board is None or not board.launched:
        raise NotFound(_("There is no such leaderboard"))
    course = _course(board, market, member.market.code if member else None)
    names, member_id = program_names(program).boards, member.pk if member else None
    for standing in standings([(board, course)], names=names, at=at, member_id=member_id):
        return standing
    raise NotFound(_("There is no such leaderboard"))


def _course(board: Board, market: str | None, own: str | None) -> Course:
    if market is not None:
        return _named(board, market)
    if not board.by_market:
        return board.courses[EVERYWHERE]
    if own is not None and (course := board.course(own)):
        return course
    if own is None and len(board.courses) == 1:
        return next(iter(board.courses.values()))
    known = ", ".join(sorted(board.courses))
    raise _invalid("required", _("Name one of the markets of this leaderboard: %(markets)s") % {"markets": known})


def _named(board: Board, market: str) -> Course:
    course = board.course(market)
    if course is None:
        known = ", ".join(sorted(board.spans))
        raise _invalid("unknown", _("This leaderboard is held in these markets: %(markets)s") % {"markets": known})
    return course


def _invalid(code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError("/market", code, detail)])


def member_standings(*, member: Member, at: datetime, code: str | None = None, current: bool = False) -> list[Standing]:
    """The boards (one of them, or those whose result is open) on which a member can compete, or has.

    Those that run stand first, then the latest. What a member is held out of stays unseen. One query, whatever the
    number of boards.
    """
    rules = configuration_of(member.program).program
    courses = [
        (board, course)
        for board in rules.boards.values()
        for course in board.courses.values()
        if board.launched and code in {None, board.code} and (not current or course.is_open(at))
    ]
    found = standings(courses, names=program_names(member.program).boards, at=at, member_id=member.pk)
    mine = [one for one in found if one.mine or _may_compete(rules, member, one)]
    return sorted(mine, key=lambda one: (ORDER.index(one.phase), -(one.course.ends or at).timestamp()))


def find_own_standing(*, member: Member, code: str, at: datetime) -> Standing:
    """One of the boards that ``member_standings`` lists, that of the member's own market first. Raises NotFound."""
    found = member_standings(member=member, at=at, code=code)
    if not found:
        raise NotFound(_("There is no such leaderboard"))
    own = [standing for standing in found if standing.course.market in {EVERYWHERE, member.market.code}]
    return (own or found)[0]


def _may_compete(rules: ProgramRules, member: Member, standing: Standing) -> bool:
    """Whether it is the contest of the member's market, and chance does not keep the member out.

    Of a campaign that is over only who took part is told.
    """
    board = standing.board
    if standing.course is not board.course(member.market.code):
        return False
    campaigns = {campaign.code: campaign for found in rules.rules.values() for campaign, _ in found}
    campaign = campaigns.get(board.campaign)
    if campaign is None:
        return False
    return not holds_out(campaign, program=rules.code, percent=rules.holdout, member=member.uuid)
