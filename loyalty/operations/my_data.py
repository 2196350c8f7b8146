"""All that is kept about one member, for the member to take away.

Lists are read a thousand rows at a time and written as they are read, however long somebody's history is.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from campaigns.models import Offer
from campaigns.selectors.badges import earned_badges
from campaigns.selectors.events import list_events
from campaigns.selectors.offers import shown_offers
from campaigns.selectors.statements import StatementLine, member_statement
from campaigns.services.standings import member_standings
from core.rules.moments import show_moment
from core.rules.money import to_text
from ledger.models import POINTS
from ledger.selectors.entries import Position
from members.models import Member, MemberSignal, Notice, TierChange
from members.selectors.consents import consent_changes
from members.selectors.members import load_records
from members.selectors.terms import accepted_terms
from rewards.models import Redemption, VoucherUse, VoucherVoid
from rewards.selectors.redemptions import redemptions_page
from rewards.selectors.vouchers import HeldVoucher, vouchers_page

PAGE = 1000

type Rows = Iterable[dict[str, object]]


def my_data_file(*, member: Member, at: datetime) -> Iterator[str]:
    """All that is kept as a JSON object, piece by piece; a row of a list stands in a line."""
    before = "{\n"
    for name, value in my_data(member=member, at=at).items():
        yield f"{before}  {json.dumps(name)}: "
        yield from _rows(value) if isinstance(value, Iterator) else [_json(value)]
        before = ",\n"
    yield "\n}\n"


def _rows(rows: Iterable[object]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield f"{before}    {_json(row)}"
        before = ",\n"
    yield "[]" if before == "[\n" else "\n  ]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def my_data(*, member: Member, at: datetime) -> dict[str, object]:
    """All that is kept, as JSON: profile, movements, events, vouchers, their uses and voids, consents and the rest.

    Lists are iterators, which read as they go on.
    """
    (record,) = load_records(Member.objects.filter(pk=member.pk)).values()
    return {
        "at": show_moment(at),
        "program": member.program.code,
        "member": record.document(),
        "ledger": _ledger(member),
        "events": _events(member),
        "badges": _badges(member),
        "offers": map(_offer, shown_offers(member).select_related("campaign").order_by("pk").iterator(PAGE)),
        "vouchers": _vouchers(member, at),
        "uses": _uses(member),
        "voids": _voids(member),
        "redemptions": _redemptions(member),
        "tiers": _tiers(member),
        "leaderboards": _places(member, at),
        "terms": _terms(member),
        "consents": _consents(member),
        "notices": _notices(member),
        "signals": _signals(member),
    }


def _all[T](page: Callable[[int | None], Sequence[T]], key: Callable[[T], int]) -> Iterator[T]:
    """The rows of all pages, each of which begins before the last key of the one before."""
    before: int | None = None
    while rows := page(before):
        yield from rows
        before = key(rows[-1])


def _badges(member: Member) -> Rows:
    rows = _all(lambda before: earned_badges(member=member, limit=PAGE, before=before), lambda one: one.id)
    return ({"badge": one.code, "name": one.name, "earned_at": show_moment(one.earned_at)} for one in rows)


def _vouchers(member: Member, at: datetime) -> Rows:
    rows = _all(lambda before: vouchers_page(member=member, at=at, limit=PAGE, before=before), lambda one: one.row.pk)
    return map(_voucher, rows)


def _voucher(one: HeldVoucher) -> dict[str, object]:
    value, left, currency = one.value or (None, None, "")
    return {
        "id": str(one.row.uuid),
        "reward": one.reward.code,
        "name": one.reward.name,
        "code": one.code,
        "pin": one.pin or None,
        "state": one.state,
        "issued_at": one.row.issued_at and show_moment(one.row.issued_at),
        "expires_on": one.expires_on and one.expires_on.isoformat(),
        "value": None if value is None else to_text(value, currency),
        "left": None if left is None else to_text(left, currency),
        "currency": currency or None,
    }


def _uses(member: Member) -> Rows:
    rows = VoucherUse.objects.filter(voucher__member=member).select_related("voucher__reward", "outlet")
    return (
        {
            "voucher": str(one.voucher.uuid),
            "reward": one.voucher.reward.code,
            "at": show_moment(one.at),
            "outlet": one.outlet.code,
            "amount": None if one.amount_minor is None else to_text(one.amount_minor, one.currency),
            "currency": one.currency or None,
            "undone": one.undoes_id is not None,
        }
        for one in rows.order_by("pk").iterator(PAGE)
    )


def _voids(member: Member) -> Rows:
    """Vouchers that an outlet took out of use."""
    rows = VoucherVoid.objects.filter(voucher__member=member).select_related("voucher", "outlet").order_by("pk")
    return (
        {"voucher": str(one.voucher.uuid), "at": show_moment(one.at), "outlet": one.outlet.code}
        for one in rows.iterator(PAGE)
    )


def _redemptions(member: Member) -> Rows:
    rows = _all(lambda before: redemptions_page(member=member, limit=PAGE, before=before), lambda one: one.pk)
    return map(_redemption, rows)


def _tiers(member: Member) -> Rows:
    rows = TierChange.objects.filter(member=member).select_related("to_tier").order_by("pk")
    return [{"tier": one.to_tier.code, "reason": one.reason, "at": show_moment(one.at)} for one in rows]


def _places(member: Member, at: datetime) -> Rows:
    """Places on leaderboards."""
    return [
        {"board": one.board.code, "market": one.course.market or None, "place": one.mine.document()}
        for one in member_standings(member=member, at=at)
        if one.mine
    ]


def _terms(member: Member) -> Rows:
    return [
        {
            "version": accepted.terms.version,
            "language": accepted.language,
            "text": accepted.terms.spoken(accepted.language)[1],
            "accepted_at": show_moment(accepted.at),
        }
        for accepted in accepted_terms(member=member)
    ]


def _consents(member: Member) -> Rows:
    rows = reversed(consent_changes(member=member))
    return [{"purpose": one.purpose, "given": one.given, "at": show_moment(one.at)} for one in rows]


def _notices(member: Member) -> Rows:
    rows = Notice.objects.filter(member=member).order_by("pk").iterator(PAGE)
    return ({"kind": one.kind, "values": one.values, "at": show_moment(one.at)} for one in rows)


def _signals(member: Member) -> Rows:
    """Devices, browsers and instruments: only hashes of them are kept."""
    rows = MemberSignal.objects.filter(member=member).order_by("pk").iterator(PAGE)
    return (
        {
            "kind": one.kind,
            "first_seen_at": show_moment(one.first_seen_at),
            "last_seen_on": one.last_seen_on.isoformat(),
        }
        for one in rows
    )


def _offer(offer: Offer) -> dict[str, object]:
    moments = {name: getattr(offer, name) for name in ("at", "until", "seen_at", "activated_at", "completed_at")}
    shown = {name: moment and show_moment(moment) for name, moment in moments.items()}
    return {"campaign": offer.campaign.code, "state": offer.state, **shown}


def _redemption(one: Redemption) -> dict[str, object]:
    return {
        "id": str(one.uuid),
        "reward": one.reward.code,
        "quantity": one.quantity,
        "points": one.points,
        "denomination": None if one.value_minor is None else to_text(one.value_minor, one.currency),
        "currency": one.currency or None,
        "state": one.state,
        "at": show_moment(one.at),
        "cancelled_at": one.cancelled_at and show_moment(one.cancelled_at),
    }


def _ledger(member: Member) -> Iterator[dict[str, object]]:
    position: Position | None = None
    while True:
        lines, position = member_statement(program=member.program, member=member, limit=PAGE, after=position)
        yield from (_entry(line) for line in lines)
        if position is None:
            return


def _entry(line: StatementLine) -> dict[str, object]:
    entry = line.entry
    amounts: Sequence[object] = [
        value if line.unit == POINTS else to_text(value, line.unit) for value in (entry.amount, entry.balance)
    ]
    return {
        "kind": entry.kind,
        "unit": line.unit,
        "amount": amounts[0],
        "balance": amounts[1],
        "occurred_at": show_moment(entry.occurred_at),
        "expires_on": entry.expires_on and entry.expires_on.isoformat(),
        "campaign": line.version and line.version.campaign.code,
        "event": line.event and {"source": line.event.source, "id": line.event.key},
    }


def _events(member: Member) -> Iterator[Mapping[str, object]]:
    after = 0
    while rows := list_events(program=member.program, member=member, limit=PAGE, after=after):
        yield from ({"event": row.event, "outcome": row.outcome} for row in rows)
        after = rows[-1].sequence
