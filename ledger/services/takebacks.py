"""Taking back awards: points that should not have been given. The caller holds the members' row locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.refusals import NotFound
from ledger.models import Book, Journal
from ledger.rules.takebacks import plan_take_back
from ledger.selectors.takebacks import Awarded, Figures, awarded, figures, holdings
from ledger.services.accounts import open_members_accounts
from ledger.services.posting import Entry, Movement, fingerprint, post
from ledger.services.settling import settle


@dataclass(frozen=True, slots=True)
class TakeBack:
    """``amount`` of an award (its transfer's id) to take back; the ids are kept for reading."""

    transfer_id: int
    amount: int
    key: str
    occurred_at: datetime
    member_id: int | None = None
    campaign_version_id: int | None = None
    rule: str | None = None
    event_id: int | None = None


class TakenBack(NamedTuple):
    """Where the points came from; the four sum to the amount, unless ``status`` is refused or mismatch (then 0).

    ``taken``: out of the member's points; ``from_breakage``: of this award, had expired; ``debt``: owed from now on;
    ``forgiven``: left with the member. ``status`` as of ``Posting``; refused = more than is left of the award.
    """

    status: str
    taken: int = 0
    from_breakage: int = 0
    debt: int = 0
    forgiven: int = 0


def take_back(*, book: Book, takebacks: Sequence[TakeBack], policy: str, at: datetime) -> list[TakenBack]:
    """Take back awards in the given order; a fixed number of queries however many.

    The order for each: its own lot, what of it expired (out of breakage), the member's other available points, then
    ``policy``: ``debt``, ``forgive``, or ``only_pending`` (only what is still pending). Raises NotFound for a
    transfer that is no award to a member of this book.
    """
    if not takebacks:
        return []
    awards = awarded(book=book, transfers=[one.transfer_id for one in takebacks])
    if {one.transfer_id for one in takebacks} - awards.keys():
        raise NotFound
    posted = _posted(book, takebacks)
    payers = {one.award.payer for one in awards.values()}
    settle(book=book, owners=list({one.owner for one in awards.values()}), at=at, then=payers)
    plans = _plan(book, [one for one in takebacks if one.key not in posted], awards, policy)
    for posting in post(book=book, entries=[entry for entry in plans.values() if entry.movements]):
        posted[posting.key] = (posting.journal_id or 0, fingerprint(plans[posting.key]), posting.status)
    moved = figures(journals=[journal for journal, _, _ in posted.values()])
    return _answers(takebacks, posted, plans, moved)


type Posted = dict[str, tuple[int, bytes, str]]


def _posted(book: Book, takebacks: Sequence[TakeBack]) -> Posted:
    """Journal, fingerprint and status by key, of those that were posted before."""
    journals = Journal.objects.filter(book=book, key__in=[one.key for one in takebacks])
    return {
        key: (pk, bytes(digest), "replayed") for pk, key, digest in journals.values_list("pk", "key", "fingerprint")
    }


def _plan(book: Book, takebacks: Sequence[TakeBack], awards: dict[int, Awarded], policy: str) -> dict[str, Entry]:
    """Entries by key; one that asks for more than is left of its award is missing, one that finds nothing is empty."""
    owners = list({awards[one.transfer_id].owner for one in takebacks})
    accounts = open_members_accounts(book=book, owners=owners)
    held = holdings(book=book, owners=owners)
    left = {transfer: one.left for transfer, one in awards.items()}
    entries: dict[str, Entry] = {}
    for one in takebacks:
        if one.key in entries or one.amount > left[one.transfer_id]:
            continue
        owner, award, _ = awards[one.transfer_id]
        legs, forgiven = plan_take_back(
            award=award,
            amount=one.amount,
            lots=held.get(owner, []),
            debt_account=accounts[owner].debt,
            policy=policy,
        )
        left[one.transfer_id] -= one.amount - forgiven
        movements = [Movement(leg.src, leg.dst, leg.amount, reverses=leg.reverses) for leg in legs]
        entries[one.key] = _entry(one, movements)
    return entries


def _entry(one: TakeBack, movements: Sequence[Movement]) -> Entry:
    return Entry(
        one.key,
        "reverse",
        one.occurred_at,
        movements,
        member_id=one.member_id,
        campaign_version_id=one.campaign_version_id,
        rule=one.rule,
        event_id=one.event_id,
        content=f"{one.amount} of {one.transfer_id}",
    )


def _answers(
    takebacks: Sequence[TakeBack], posted: Posted, plans: dict[str, Entry], moved: dict[int, Figures]
) -> list[TakenBack]:
    answers: list[TakenBack] = []
    seen: set[str] = set()
    for one in takebacks:
        journal, digest, status = posted.get(one.key, (0, b"", "posted"))
        if one.key in seen and status == "posted":
            status = "replayed"
        seen.add(one.key)
        if journal and digest != fingerprint(_entry(one, [])):
            answers.append(TakenBack("mismatch"))
        elif status == "refused" or (not journal and one.key not in plans):
            answers.append(TakenBack("refused"))
        else:
            taken, from_breakage, debt = moved.get(journal, (0, 0, 0))
            answers.append(TakenBack(status, taken, from_breakage, debt, one.amount - taken - from_breakage - debt))
    return answers
