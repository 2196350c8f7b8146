"""All that is kept about one member, for the member to take away."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from campaigns.selectors.badges import earned_badges
from campaigns.selectors.events import list_events
from campaigns.selectors.statements import StatementLine, member_statement
from core.rules.moments import show_moment
from core.rules.money import to_text
from ledger.models import POINTS
from ledger.selectors.entries import Position
from members.models import Member, Notice, TierChange
from members.selectors.members import load_records
from members.selectors.terms import accepted_terms

PAGE = 1000


def my_data(*, member: Member, at: datetime) -> dict[str, object]:
    """Profile, movements, events, badges, tiers, accepted terms and notices of a member, as JSON."""
    (record,) = load_records(Member.objects.filter(pk=member.pk)).values()
    return {
        "at": show_moment(at),
        "program": member.program.code,
        "member": record.document(),
        "ledger": list(_ledger(member)),
        "events": list(_events(member)),
        "badges": [
            {"badge": badge.code, "name": badge.name, "earned_at": show_moment(badge.earned_at)}
            for badge in earned_badges(member=member, limit=PAGE)
        ],
        "tiers": [
            {"tier": change.to_tier.code, "reason": change.reason, "at": show_moment(change.at)}
            for change in TierChange.objects.filter(member=member).select_related("to_tier").order_by("pk")
        ],
        "terms": [
            {
                "version": accepted.terms.version,
                "language": accepted.language,
                "text": accepted.terms.spoken(accepted.language)[1],
                "accepted_at": show_moment(accepted.at),
            }
            for accepted in accepted_terms(member=member)
        ],
        "notices": [
            {"kind": notice.kind, "values": notice.values, "at": show_moment(notice.at)}
            for notice in Notice.objects.filter(member=member).order_by("pk")
        ],
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
