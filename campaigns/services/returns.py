"""Value of reversed awards goes back to who paid it; the ledger says out of what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from campaigns.rules.kinds import THING
from campaigns.rules.state import JudgedEvent
from campaigns.rules.takebacks import Taken, divide
from campaigns.services.configuration import Configuration
from core.services import prepared
from ledger.models import Book
from ledger.services.posting import Entry, Movement, lock_accounts, post
from ledger.services.takebacks import TakeBack, TakenBack, take_back

# The transfers of awards to members, and to where the cost of rewards goes; the journal keys are award:EVENT:PLACE,
# those of corrections rerate:BATCH:EVENT:PLACE.
AWARDS = """
    SELECT t.event_id, split_part(j.key, ':', CASE WHEN starts_with(j.key, 'rerate:') THEN 4 ELSE 3 END)::int, t.id,
        a.book_id, t.src_id, t.dst_id, t.campaign_version_id,
        t.amount,
        t.amount - (SELECT coalesce(sum(r.amount), 0)::bigint FROM ledger_transfer r WHERE r.reverses_id = t.id)
    FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id JOIN ledger_account a ON a.id = t.dst_id
    WHERE t.event_id = ANY(%s) AND j.kind = 'award' AND a.purpose IN ('wallet', 'pending', 'redeemed') ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class Return:
    """A reversal (event) takes something of an effect of an original."""

    reversal: JudgedEvent
    original_id: int
    taking: Taken


class Paid(NamedTuple):
    """One payment of an award."""

    transfer_id: int
    book_id: int
    src: int
    dst: int
    version_id: int
    amount: int
    left: int


type Payments = dict[tuple[int, int], list[Paid]]  # by event and place of the effect
type Moved = dict[tuple[int, int], TakenBack]  # by the event that had got it, and the place of the effect


def return_value(configuration: Configuration, returns: Sequence[Return], *, at: datetime) -> dict[int, Moved]:
    """Take awards back in the ledger, book by book; what came from where, by reversal and effect."""
    paid = payments_of([one.original_id for one in returns])
    moved: dict[int, Moved] = defaultdict(dict)
    for unit, book in sorted(configuration.purses.books.items(), key=lambda item: item[1].pk):
        _return_costs(book, [one for one in returns if one.taking.unit == THING], paid)
        mine = [one for one in returns if one.taking.unit == unit]
        backs = [(one, back) for one in mine for back in _take_backs(one, paid[one.original_id, one.taking.place])]
        if unit == "status":
            payments = {payment.transfer_id: payment for one in paid.values() for payment in one}
            entries = [_plain_entry(one, payments[back.transfer_id], back.amount) for one, back in backs]
            post(book=book, entries=entries)
            continue
        answers = take_back(
            book=book, takebacks=[back for _, back in backs], policy=configuration.program.reversal, at=at
        )
        for (one, _), answer in zip(backs, answers, strict=True):
            effect = (one.original_id, one.taking.place)
            moved[one.reversal.event_id][effect] = _sum(moved[one.reversal.event_id].get(effect), answer)
    return moved


def payments_of(originals: Sequence[int]) -> Payments:
    """Payments of awards by event and place of the effect."""
    found: defaultdict[tuple[int, int], list[Paid]] = defaultdict(list)
    with prepared.cursor() as cursor:
        cursor.execute(AWARDS, [list(set(originals))])
        for event_id, place, *payment in cursor.fetchall():
            found[event_id, place].append(Paid(*payment))
    return found


def _take_backs(one: Return, paid: Sequence[Paid]) -> list[TakeBack]:
    """A take-back for each payment, in proportion."""
    parts = divide(one.taking.amount, [(payment.amount, payment.left) for payment in paid])
    return [
        TakeBack(
            transfer_id=payment.transfer_id,
            amount=part,
            key=_key(one, payment),
            occurred_at=one.reversal.time,
            member_id=one.reversal.member_id,
            campaign_version_id=payment.version_id,
            rule=one.taking.effect["rule"],
            event_id=one.reversal.event_id,
        )
        for payment, part in zip(paid, parts, strict=True)
        if part
    ]


def _return_costs(book: Book, things: Sequence[Return], paid: Payments) -> None:
    """Give back to its payers what things cost in this book."""
    costs = [(one, p) for one in things for p in paid[one.original_id, one.taking.place] if p.book_id == book.pk]
    if costs:  # before value of the same book moves: all that members share of it in one order
        lock_accounts({account for one in paid.values() for p in one if p.book_id == book.pk for account in p[2:4]})
        post(book=book, entries=[_plain_entry(one, payment, payment.left) for one, payment in costs if payment.left])


def _plain_entry(one: Return, payment: Paid, amount: int) -> Entry:
    """What nobody can have spent goes back as it came."""
    return Entry(
        key=_key(one, payment),
        kind="reverse",
        occurred_at=one.reversal.time,
        movements=[Movement(payment.dst, payment.src, amount, reverses=payment.transfer_id)],
        member_id=one.reversal.member_id,
        campaign_version_id=payment.version_id,
        rule=one.taking.effect["rule"],
        event_id=one.reversal.event_id,
    )


def _key(one: Return, payment: Paid) -> str:
    return f"reverse:{one.reversal.event_id}:{one.taking.place}:{payment.transfer_id}"


def _sum(before: TakenBack | None, answer: TakenBack) -> TakenBack:
    if before is None:
        return answer
    return TakenBack(answer.status, *(a + b for a, b in zip(before[1:], answer[1:], strict=True)))
