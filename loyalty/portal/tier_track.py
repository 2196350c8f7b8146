"""The ladder as a track with the member on it, and the one sentence that says what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy

from campaigns.rules.answers import tier_of
from core.rules.money import to_text
from loyalty.display import formats
from loyalty.display.notices import missing_in_words
from loyalty.portal.overview import Overview
from members.models import Member
from members.rules.facts import year_start
from members.rules.tiers import Progress, Rung, next_rung

WHOLE = 100
LABELS = {
    "amount": gettext_lazy("Amount spent"),
    "events": gettext_lazy("Visits and purchases"),
    "status_points": gettext_lazy("Status points"),
}
OF_MERCHANTS = LABELS | {"amount": gettext_lazy("Sales volume"), "events": gettext_lazy("Sales")}


@dataclass(frozen=True, slots=True)
class Milestone:
    """A tier on the track: ``state`` is done, next or later; ``share`` in per cent of the way to it."""

    code: str
    name: str
    state: str
    share: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a tier asks for: how much is reached of how much, as text."""

    label: str
    reached: str
    wanted: str
    share: int


@dataclass(frozen=True, slots=True)
class TierTrack:
    """Where a member stands: ``missing`` in words up to the next tier, which must be done by a day if there is one."""

    name: str
    following: str
    milestones: Sequence[Milestone]
    requirements: Sequence[Requirement]  # of the next tier
    missing: str
    by: date | None
    kept_by: str


def tier_track(overview: Overview) -> TierTrack | None:
    """The member's track; None in a program without tiers."""
    program = overview.configuration.program
    if not program.ladder:
        return None
    held = overview.configuration.rungs.get(overview.member.tier_id or 0)
    above = next_rung(program.ladder, held)
    progress = overview.sums.progress(calendar_year=program.calendar_year)
    names = overview.names.tiers
    return TierTrack(
        name=names[held.code] if held else "",
        following=names[above.code] if above else "",
        milestones=[_milestone(rung, held, above, progress, names) for rung in program.ladder],
        requirements=_requirements(above, progress, overview) if above else (),
        missing=_missing(overview, held),
        by=_deadline(overview) if above else None,
        kept_by=_kept_by(overview, held, progress),
    )


def _milestone(
    rung: Rung, held: Rung | None, above: Rung | None, progress: Progress, names: Mapping[str, str]
) -> Milestone:
    if held and rung.rank <= held.rank:
        return Milestone(rung.code, names[rung.code], "done", WHOLE)
    if above and rung.rank == above.rank:
        return Milestone(rung.code, names[rung.code], "next", _share(rung, progress))
    return Milestone(rung.code, names[rung.code], "later", 0)


def _parts(rung: Rung, progress: Progress) -> list[tuple[str, int, int]]:
    """What a rung asks for: name, reached, wanted."""
    wanted = [
        ("amount", progress.amount, rung.amount),
        ("events", progress.events, rung.events),
        ("status_points", progress.status_points, rung.status_points),
    ]
    return [(name, reached, want) for name, reached, want in wanted if want]


def _share(rung: Rung, progress: Progress) -> int:
    """How far: of the requirement that is nearest where any will do, else of all together."""
    shares = [min(WHOLE, reached * WHOLE // want) for _, reached, want in _parts(rung, progress)]
    if not shares:
        return WHOLE
    return max(shares) if rung.match_any else sum(shares) // len(shares)


def _requirements(rung: Rung, progress: Progress, overview: Overview) -> list[Requirement]:
    currency = overview.program.currency
    labels = OF_MERCHANTS if sells(overview) else LABELS
    return [
        Requirement(
            label=str(labels[name]),
            reached=_shown(name, reached, currency),
            wanted=_shown(name, want, currency),
            share=min(WHOLE, reached * WHOLE // want),
        )
        for name, reached, want in _parts(rung, progress)
    ]


def _shown(name: str, value: int, currency: str) -> str:
    return formats.amount(value, currency) if name == "amount" else formats.number(value)


def _missing(overview: Overview, held: Rung | None) -> str:
    standing = tier_of(held, overview.sums, overview.configuration.program)
    return missing_in_words(
        standing["missing"],
        match=standing["match"] or "all",
        currency=overview.program.currency,
        sells=sells(overview),
    )


def _kept_by(overview: Overview, held: Rung | None, progress: Progress) -> str:
    """What is missing to keep a tier that is on grace."""
    if held is None or not overview.member.grace_until:
        return ""
    left = {name: want - reached for name, reached, want in _parts(held, progress) if reached < want}
    shown = {
        name: to_text(value, overview.program.currency) if name == "amount" else value for name, value in left.items()
    }
    match = "any" if held.match_any else "all"
    return missing_in_words(shown, match=match, currency=overview.program.currency, sells=sells(overview))


def _deadline(overview: Overview) -> date | None:
    """The day until which all that counts now still does: the year's last, or when the first of it turns a year old."""
    if overview.configuration.program.calendar_year:
        return date(overview.today.year, 12, 31)
    first = overview.glance.first_counted_on
    if first is None:
        return None
    day = first + timedelta(days=366)
    while year_start(day) > first:
        day -= timedelta(days=1)
    return day


def sells(overview: Overview) -> bool:
    """Merchants are told of sales, people of spending."""
    return overview.member.kind == Member.Kind.MERCHANT
