"""Value of reversed awards goes back to who paid it; the ledger says out of what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from campaigns.rules.state import JudgedEvent
from campaigns.rules.takebacks import Taken, divide
from campaigns.services.configuration import Configuration
from ledger.services.posting import Entry, Movement, post
from ledger.services.takebacks import TakeBack, TakenBack, take_back

# The transfers of awards to members; the journal keys are award:EVENT:PLACE.
AWARDS = """
    SELECT t.event_id, split_part(j.key, ':', 3)::int, t.id, t.src_id, t.dst_id, t.campaign_version_id, t.amount,
        t.amount - (SELECT coalesce(sum(r.amount), 0)::bigint FROM ledger_transfer r WHERE r.reverses_id = t.id)
    FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id JOIN ledger_account a ON a.id = t.dst_id
    WHERE t.event_id = ANY(%s) AND j.kind = 'award' AND a.purpose IN ('wallet', 'pending') ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class Return:
    """A reversal (event) takes something of an effect of an original."""

    reversal: JudgedEvent
    original_id: int
    taking: Taken


class _Paid(NamedTuple):
    """One payment of an award."""

    transfer_id: int
    src: int
    dst: int
    version_id: int
    amount: int
    left: int


type Moved = dict[tuple[int, int], TakenBack]  # by the event that had got it, and the place of the effect


def return_value(configuration: Configuration, returns: Sequence[Return], *, at: datetime) -> dict[int, Moved]:
    """Take awards back in the ledger, book by book; what came from where, by reversal and effect."""
    paid = _payments([one.original_id for one in returns])
    moved: dict[int, Moved] = defaultdict(dict)
    for unit, book in sorted(configuration.purses.books.items(), key=lambda item: item[1].pk):
        mine = [one for one in returns if one.taking.unit == unit]
        backs = [(one, back) for one in mine for back in _take_backs(one, paid[one.original_id, one.taking.place])]
        if unit == "status":
            post(book=book, entries=[_status_entry(one, back, paid) for one, back in backs])
            continue
        answers = take_back(
            book=book, takebacks=[back for _, back in backs], policy=configuration.program.reversal, at=at
        )
        for (one, _), answer in zip(backs, answers, strict=True):
            effect = (one.original_id, one.taking.place)
            moved[one.reversal.event_id][effect] = _sum(moved[one.reversal.event_id].get(effect), answer)
    return moved


def _payments(originals: Sequence[int]) -> dict[tuple[int, int], list[_Paid]]:
    """Payments of awards by event and place of the effect."""
    found: defaultdict[tuple[int, int], list[_Paid]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(AWARDS, [list(set(originals))])
        for event_id, place, *payment in cursor.fetchall():
            found[event_id, place].append(_Paid(*payment))
    return found


def _take_backs(one: Return, paid: Sequence[_Paid]) -> list[TakeBack]:
    """A take-back for each payment, in proportion."""
    parts = divide(one.taking.amount, [(payment.amount, payment.left) for payment in paid])
    return [
        TakeBack(
            transfer_id=payment.transfer_id,
            amount=part,
            key=f"reverse:{one.reversal.event_id}:{one.taking.place}:{payment.transfer_id}",
            occurred_at=one.reversal.time,
            member_id=one.reversal.member_id,
            campaign_version_id=payment.version_id,
            rule=one.taking.effect["rule"],
            event_id=one.reversal.event_id,
        )
        for payment, part in zip(paid, parts, strict=True)
        if part
    ]


def _status_entry(one: Return, back: TakeBack, paid: dict[tuple[int, int], list[_Paid]]) -> Entry:
    """Status points were never spent: they go back as they came."""
    payment = next(p for p in paid[one.original_id, one.taking.place] if p.transfer_id == back.transfer_id)
    return Entry(
        key=back.key,
        kind="reverse",
        occurred_at=back.occurred_at,
        movements=[Movement(payment.dst, payment.src, back.amount, reverses=payment.transfer_id)],
        member_id=back.member_id,
        campaign_version_id=back.campaign_version_id,
        rule=back.rule,
        event_id=back.event_id,
    )


def _sum(before: TakenBack | None, answer: TakenBack) -> TakenBack:
    if before is None:
        return answer
    return TakenBack(answer.status, *(a + b for a, b in zip(before[1:], answer[1:], strict=True)))
