"""Playing a story: week by week through the same services as everybody's, with the nights between."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID, uuid5

from django.db.models import F

from campaigns.services.friends import qualify_due
from campaigns.services.intake import take_in
from campaigns.services.offers import assign_offers
from core.models import Program, User
from core.rules.moments import show_moment
from ledger.models import Book
from ledger.services.sweeping import sweep
from loyalty.operations.demo.following import follow
from loyalty.operations.demo.friends import with_codes
from loyalty.operations.demo.redeeming import redeem
from loyalty.operations.demo.stories import Enrolment, Goodwill, Happening, Offered, Redeemed, Sent
from loyalty.operations.nightly import lock_owners
from members.models import Adjustment, Notice
from members.selectors.members import present_members
from members.services.adjustments import adjust_points
from members.services.enrolment import enrol_members
from members.services.inactivity import expire_inactive
from members.services.reviews import review_tiers
from members.services.rolling import roll_facts
from members.services.segments import set_segment_members

STEP = timedelta(days=7)
IDENTITIES = UUID("e9a68931-969b-5c8f-85a9-15dd26139dff")  # the same are held out on every machine, no persona is

type Told = Callable[[int, int], None]


def play(
    *,
    program: Program,
    story: Iterable[Happening],
    lists: Mapping[str, Collection[str]],
    now: datetime,
    hands: tuple[User, User],
    told: Told,
    skip: int = 0,
) -> None:
    """Let everything happen until ``now``, in order; ``told(done, total)`` hears how far it is.

    ``lists`` are external ids by list segment; ``hands`` are the two people who give goodwill. An interrupted playing
    goes on after its first ``skip`` happenings; those that happened already stay as they are. Raises the ``Refusal``
    of the first request that is refused.
    """
    ordered = sorted(story, key=lambda happening: happening.at)
    done = 0
    for end, week in weeks(ordered, now):
        some = list(week)
        done += len(some)
        if done > skip:
            enrol(program, [one for one in some if isinstance(one, Enrolment)], lists, end)
            offer(program, [one for one in some if isinstance(one, Offered)], end)
            send(program, [one for one in some if isinstance(one, Sent)], end)
            give(program, [one for one in some if isinstance(one, Goodwill)], hands)
            redeem(program, [one for one in some if isinstance(one, Redeemed)], end)
            settle(program, end)
            told(done, len(ordered))


def weeks(ordered: Iterable[Happening], now: datetime) -> Iterator[tuple[datetime, Iterable[Happening]]]:
    """Happenings by the week they fall into, with the moment at which it ends; the last one ends now."""
    return groupby(ordered, key=lambda happening: now - (now - happening.at) // STEP * STEP)


def enrol(program: Program, enrolments: list[Enrolment], lists: Mapping[str, Collection[str]], at: datetime) -> None:
    """Members join, and come to the lists they belong to."""
    requests = with_codes(program, [one.request for one in enrolments])
    results = enrol_members(program=program, requests=requests, at=at, identity=partial(uuid5, IDENTITIES))
    for result in results:
        if result.refusal:
            raise result.refusal
    for code, names in lists.items():
        present = present_members(program).filter(external_id__in=names).values_list("external_id", flat=True)
        set_segment_members(program=program, code=code, external_ids=list(present), at=at)


def send(program: Program, events: list[Sent], at: datetime) -> None:
    """Events arrive."""
    for answer in take_in(program=program, events=[one.event for one in events], at=at):
        if answer.refusal:
            raise answer.refusal


def offer(program: Program, offered: list[Offered], at: datetime) -> None:
    """Campaigns are given to members, each once."""
    requests = [
        {
            "campaign": one.campaign,
            "member": one.member,
            "at": show_moment(one.at),
            "reference": f"{program.code}:{one.campaign}:{one.member}",
        }
        for one in offered
    ]
    for result in assign_offers(program=program, requests=requests, client="demo", past=None, at=at):
        if result.refusal:
            raise result.refusal


def give(program: Program, goodwill: list[Goodwill], hands: tuple[User, User]) -> None:
    """Points are given and taken by hand, each once."""
    by, approved_by = hands
    for one in goodwill:
        given = Adjustment.objects.filter(member__program=program, member__external_id=one.member, at=one.at)
        if not given.exists():
            adjust_points(
                program=program,
                reference=one.member,
                points=one.points,
                because=one.because,
                by=by,
                approved_by=approved_by,
                at=one.at,
            )


def settle(program: Program, at: datetime) -> None:
    """The night: points mature and lapse, sums move on, tiers are judged, consequences; mails of then are not sent."""
    for book in Book.objects.filter(program=program).order_by("pk"):
        for lapsed in (False, True):
            sweep(book=book, at=at, lapsed=lapsed, lock_owners=lock_owners)
    expire_inactive(program=program, at=at)
    roll_facts(program=program, at=at)
    review_tiers(program=program, at=at)
    qualify_due(at=at)
    follow(program)
    Notice.objects.filter(member__program=program, mailed_at=None).update(mailed_at=F("at"))
