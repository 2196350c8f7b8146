"""What each tab of a member's page reads: few queries, whatever the member's past."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Event, Offer
from campaigns.selectors.badges import earned_badges
from campaigns.selectors.holdings import known_books
from campaigns.selectors.leaderboards import Standing
from campaigns.selectors.referrals import referral_views
from campaigns.selectors.statements import StatementLine, member_statement
from campaigns.services.configuration import current_configuration
from campaigns.services.offer_records import offer_records
from campaigns.services.standings import member_standings
from ledger.models import Lot
from ledger.selectors.entries import Position
from loyalty.backoffice.columns import offer_state, value
from loyalty.backoffice.voucher_words import voucher_rows
from loyalty.display import formats
from loyalty.display.board_words import phase_words, score_words
from loyalty.display.entry_words import ENTRY_WORDS
from loyalty.display.notices import in_words
from loyalty.display.referral_words import shown_referral
from loyalty.identity import rights
from members.models import Member, MemberFacts, Notice, Referral, ReferralCode, SegmentMember, TierChange
from members.rules.facts import local_date
from members.selectors.consents import consent_changes
from rewards.models import Redemption, Voucher

PAGE = 25
LATEST = 6
MANY = 200  # lots that one page shows; nobody has more alive
SALT = "backoffice.ledger"

type Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, who may open it, what it shows."""

    title: Promise
    permission: str
    read: Callable[[HttpRequest, Member, datetime], Context]


def _overview(request: HttpRequest, member: Member, at: datetime) -> Context:
    segments = SegmentMember.objects.filter(member=member).select_related("segment")
    return {
        "badges": earned_badges(member=member, limit=8),
        "boards": [_board(standing, member, at) for standing in member_standings(member=member, at=at)],
        "segments": [row.segment for row in segments],
        "vehicles": list(member.vehicles.order_by("-pk")[:10]),
        "facts": MemberFacts.objects.filter(member=member).first(),
        "events": _shown_events(_events(request, member)[:LATEST]),
        "change": _changes(member).first(),
        "consent_changes": consent_changes(member=member),
    }


def _board(standing: Standing, member: Member, at: datetime) -> Context:
    """A leaderboard, and where the member stands."""
    mine = standing.mine
    return {
        "name": standing.name,
        "market": standing.course.market,
        "when": phase_words(standing, at),
        "rank": mine and formats.number(mine.rank),
        "score": mine and score_words(mine.score, standing.score, member.program.currency),
    }


def _ledger(request: HttpRequest, member: Member, at: datetime) -> Context:
    lines, following = member_statement(
        program=member.program, member=member, limit=PAGE, after=_position(request, member)
    )
    return {"lines": [_line(line, member) for line in lines], "older": _bookmark(following, member)}


def _line(line: StatementLine, member: Member) -> Context:
    entry = line.entry
    book = next(book for book in known_books(member.program) if book.unit == line.unit)
    return {
        "entry": entry,
        "kind": ENTRY_WORDS[entry.kind],
        "text": _text(line),
        "version": line.version,
        "event": line.event,
        "amount": f"{'+' if entry.amount > 0 else ''}{value(entry.amount or entry.moved, book)}",
        "sign": (entry.amount > 0) - (entry.amount < 0),
        "balance": value(entry.balance, book),
        "expires_on": entry.expires_on if entry.amount > 0 else None,
    }


def _text(line: StatementLine) -> str:
    """The campaign that paid, or the reward that was redeemed."""
    if line.version:
        return line.version.campaign.name
    return line.redemption.reward.name if line.redemption else ""


def _position(request: HttpRequest, member: Member) -> Position | None:
    """Where the page before ended; signed, since it carries balances."""
    text = request.GET.get("older")
    if not text:
        return None
    try:
        owner, before, balances = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        raise Http404 from None
    if owner != member.pk:
        raise Http404
    return Position(before, dict(balances))


def _bookmark(following: Position | None, member: Member) -> str:
    if following is None:
        return ""
    return signing.dumps([member.pk, following.before, list(following.balances.items())], salt=SALT)


def _events(request: HttpRequest, member: Member) -> QuerySet[Event]:
    rows = rights.visible(request.user, Event.objects.filter(member=member))
    return rows.select_related("event_type", "outcome").order_by("-pk")


def _all_events(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows, older = _page(request, _events(request, member))
    return {"events": _shown_events(rows), "older": older}


def _shown_events(rows: list[Event] | QuerySet[Event]) -> list[Context]:
    """The latest that were taken, in the order in which they happened."""
    newest_first = sorted(rows, key=lambda row: (row.time, row.pk), reverse=True)
    return [{"row": row, "effects": _effects(row)} for row in newest_first]


def _effects(row: Event) -> list[Mapping[str, Any]]:
    effects: list[Mapping[str, Any]] = row.outcome.answer.get("effects", [])
    valued = [effect for effect in effects if effect["kind"] != "entry"]  # a score is worth nothing by itself
    return [effect for effect in valued if isinstance(effect.get("amount"), int | str)]


def _lots(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows = Lot.objects.filter(
        account__owner=member.uuid, account__book__in=known_books(member.program), remaining__gt=0
    )
    found = rows.select_related("account__book", "funder").order_by("expires_on", "available_on", "pk")[:MANY]
    return {"lots": [_lot(lot) for lot in found]}


def _lot(lot: Lot) -> Context:
    book = lot.account.book
    return {"lot": lot, "remaining": value(lot.remaining, book), "credited": value(lot.credited, book)}


def _changes(member: Member) -> QuerySet[TierChange]:
    return TierChange.objects.filter(member=member).select_related("from_tier", "to_tier").order_by("-pk")


def _tier(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows, older = _page(request, _changes(member))
    known = Event.objects.only("source", "key").in_bulk({row.event_id for row in rows if row.event_id})
    changes = [{"row": row, "event": known.get(row.event_id or 0)} for row in rows]
    return {"changes": changes, "older": older, "facts": MemberFacts.objects.filter(member=member).first()}


def _notices(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows, older = _page(request, Notice.objects.filter(member=member).order_by("-pk"))
    return {"notices": in_words(member=member, notices=rows), "older": older}


def _referrals(request: HttpRequest, member: Member, at: datetime) -> Context:
    """Those whom the member brought, and who brought the member."""
    visible = rights.visible(request.user, Referral.objects.all())
    rows, older = _page(request, visible.filter(referrer=member).order_by("-pk"))
    by = list(visible.filter(friend=member).values_list("pk", flat=True))
    views = referral_views([*by, *(row.pk for row in rows)])
    return {
        "code": ReferralCode.objects.filter(member=member).first(),
        "brought_by": next((shown_referral(view) for view in views if view.friend.member_id == member.pk), None),
        "friends": [shown_referral(view) for view in views if view.referrer.member_id == member.pk],
        "older": older,
    }


def _offers(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows, older = _page(request, Offer.objects.filter(member=member).defer("fingerprint").order_by("-pk"))
    for row in rows:
        row.member = member
    configuration = current_configuration(member.program_id)
    records = offer_records(configuration=configuration, offers=rows, at=at)
    return {"offers": [{"record": one, "state": offer_state(one.offer)} for one in records], "older": older}


def _page[M: Event | Offer | TierChange | Notice | Referral | Voucher | Redemption](
    request: HttpRequest, rows: QuerySet[M]
) -> tuple[list[M], str]:
    """Rows from before the one that the address names, and the address of what follows."""
    text = request.GET.get("older", "")
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004 -- digits of a bigint
        rows = rows.filter(pk__lt=int(text))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _vouchers(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows = Voucher.objects.filter(member=member).select_related("reward", "used_outlet").order_by("-pk")
    today = local_date(at, ZoneInfo(member.market.timezone))
    found, older = _page(request, rows)
    return {"vouchers": voucher_rows(found, today), "older": older}


def _redemptions(request: HttpRequest, member: Member, at: datetime) -> Context:
    rows = Redemption.objects.filter(member=member).select_related("reward").defer("fingerprint").order_by("-pk")
    found, older = _page(request, rows)
    may_open = rights.may(request.user, "redemptions.view", member.program)
    return {"redemptions": found, "older": older, "may_open": may_open}


TABS: Mapping[str, Tab] = {
    "overview": Tab(_("Overview"), "members.view", _overview),
    "ledger": Tab(_("Ledger"), "ledger.view", _ledger),
    "events": Tab(_("Events"), "events.view", _all_events),
    "offers": Tab(_("Offers"), "members.view", _offers),
    "lots": Tab(_("Lots"), "ledger.view", _lots),
    "redemptions": Tab(_("Redemptions"), "redemptions.view", _redemptions),
    "vouchers": Tab(_("Vouchers"), "members.view", _vouchers),
    "tier": Tab(_("Tier path"), "members.view", _tier),
    "referrals": Tab(_("Referrals"), "referrals.view", _referrals),
    "notices": Tab(_("Notices"), "members.view", _notices),
}
