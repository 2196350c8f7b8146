"""How an event moves its member up the ladder. Pure Python."""

from datetime import date

from campaigns.rules.judgement import Judgement
from campaigns.rules.state import MemberState, Program
from members.rules.tiers import highest_met


def climb(result: Judgement, member: MemberState, program: Program) -> None:
    """Move up where the latest window, or one of the past whose tier would still be held, meets a higher rung."""
    ladder = program.ladder
    if not ladder or (member.tier and member.tier.rank == ladder[-1].rank):
        return
    yearly = program.calendar_year
    for sums in [member.sums[day] for day in _review_days(result, member, program) if day in member.sums]:
        met = highest_met(ladder, sums.progress(calendar_year=yearly))
        if met and (member.tier is None or met.rank > member.tier.rank):
            result.tier = member.tier = met


def lift(result: Judgement, member: MemberState) -> None:
    """Move up to the highest tier that was given."""
    for rung in (award.wish.rung for award in result.awards):
        if rung and (member.tier is None or rung.rank > member.tier.rank):
            result.lifted = member.tier = rung


def _review_days(result: Judgement, member: MemberState, program: Program) -> list[date]:
    """Ends of the windows in which the event may have earned a tier that is held today.

    That of the latest day; of a calendar year, which is held through the next, the end of last year; and where
    nobody ever falls, the event's own, as if it had come in time.
    """
    own = result.event.day
    latest = member.latest_day or own
    days = [latest]
    if program.calendar_year and (program.never_falls or own.year == latest.year - 1):
        days.append(date(own.year, 12, 31))
    elif program.never_falls:
        days.append(own)
    return days
