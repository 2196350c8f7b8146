"""What a member has: wallet, ledger, tier, badges."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.rules.answers import tier_of
from campaigns.selectors.badges import EarnedBadge, earned_badges
from campaigns.selectors.statements import StatementLine, member_statement, value_books
from campaigns.services.configuration import current_configuration
from core.models import Program
from core.refusals import FieldError, Invalid
from core.rules.moments import show_moment
from core.rules.money import to_text, unit
from ledger.rules.balances import Balance
from ledger.selectors.entries import Position
from ledger.selectors.wallets import wallets, wallets_effective, wallets_recorded
from loyalty.api.refusals import Malformed
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, PAGE, Success, described, query
from loyalty.api.v1.pages import Position as PagePosition
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.parameters import read_moment_parameter
from loyalty.api.v1.shapes import page, ref
from members.models import Tier
from members.selectors.members import find_member
from members.selectors.windows import sum_windows

POINTS = "points"
TEXTS = {
    "award": _("Earned"),
    "spend": _("Spent"),
    "refund": _("Given back"),
    "reverse": _("Taken back"),
    "repay": _("Debt repaid"),
    "expire": _("Expired"),
    "mature": _("Became available"),
    "adjust": _("Adjusted"),
    "migrate": _("Brought along"),
    "transfer": _("Transferred"),
}

WALLET_EXAMPLE = {
    "points": {"available": 620, "pending": 0, "debt": 0, "worth": {"amount": "6.20", "currency": "SGD"}},
    "cashback": [{"currency": "SGD", "available": "3.00"}],
    "expiring": [{"on": "2027-11-30", "points": 120}],
    "pending": [],
    "at": "2026-11-20T02:15:00Z",
}
ENTRY_EXAMPLE = {
    "id": "8812",
    "kind": "award",
    "unit": "points",
    "amount": 120,
    "balance": 620,
    "occurred_at": "2026-11-20T02:15:00Z",
    "recorded_at": "2026-11-20T02:15:01.204513Z",
    "expires_on": "2027-11-30",
    "campaign": "everyday",
    "version": 1,
    "rule": "base",
    "event": {"source": "/core-banking/sg", "id": "txn-991"},
    "redemption": None,
    "text": "Everyday earning",
}
TIER_EXAMPLE = {
    "code": "silver",
    "name": "Silver",
    "rank": 1,
    "since": "2026-01-01T00:00:00Z",
    "until": None,
    "next": "gold",
    "match": "any",
    "missing": {"amount": "879.50", "events": 12},
    "progress": {"amount": "4120.50", "events": 48, "status_points": 900},
    "grace_until": None,
    "benefits": [],
}
BADGE_EXAMPLE = {
    "badge": "first-bill",
    "name": "First bill",
    "icon": "receipt",
    "earned_at": "2026-11-20T02:15:00Z",
    "event": {"source": "/core-banking/sg", "id": "txn-991"},
}


class WalletView(ApiView):
    """A member's wallet."""

    scopes = {"GET": "members:read"}

    @described(
        "Read a wallet",
        tag="Wallets",
        answers={200: Success("What the member has", ref("Wallet"), WALLET_EXAMPLE)},
        refusals=["not-found", "validation"],
        parameters=[
            MEMBER,
            query("at", "A past moment: the wallet as it was recorded then", format="date-time"),
            query("effective", "A past moment: the wallet from what had happened by then", format="date-time"),
        ],
    )
    def get(self, request: Request, member: str) -> Response:
        """Read a wallet, now or at a past moment, as recorded (`at`) or as it happened (`effective`)."""
        found = find_member(program=self.program, reference=member)
        recorded, effective = (read_moment_parameter(request, name) for name in ("at", "effective"))
        if recorded and effective:
            raise Malformed("Ask for at or for effective, not for both")
        asked = recorded or effective or self.at
        if asked > self.at:
            name = "at" if recorded else "effective"
            raise Invalid(errors=[FieldError(f"/{name}", "in-the-future", "ask for a moment that is past")])
        read = wallets_recorded if recorded else wallets_effective if effective else wallets
        books = value_books(self.program)
        balances = read(books=books, owners=[found.uuid], at=asked)
        return Response(
            _wallet(self.program, {book.unit: balances[book.pk, found.uuid] for book in books}, asked),
        )


def _wallet(program: Program, balances: dict[str, Balance], at: datetime) -> dict[str, object]:
    points = balances.get(POINTS, Balance())
    worth = (points.available * program.liability_value).quantize(unit(program.currency), ROUND_DOWN)
    return {
        "points": {
            "available": points.available,
            "pending": points.pending,
            "debt": points.debt,
            "worth": {"amount": _text(worth), "currency": program.currency},
        },
        "cashback": [
            {"currency": currency, "available": to_text(balance.available, currency)}
            for currency, balance in balances.items()
            if currency != POINTS and (balance.available or balance.pending or balance.debt)
        ],
        "expiring": [{"on": day.isoformat(), "points": amount} for day, amount in points.expiring],
        "pending": [{"on": day.isoformat(), "points": amount} for day, amount in points.maturing],
        "at": show_moment(at),
    }


def _text(amount: Decimal) -> str:
    return f"{amount:f}"


class LedgerView(ApiView):
    """A member's movements."""

    scopes = {"GET": "members:read"}

    @described(
        "List a ledger",
        tag="Wallets",
        answers={200: Success("A page of entries", page(ref("LedgerEntry")), {"items": [ENTRY_EXAMPLE], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List what moved in and out, newest first; point entries add up to available and pending."""
        found = find_member(program=self.program, reference=member)
        asked = read_page(request, f"ledger:{found.pk}")
        lines, following = member_statement(
            program=self.program, member=found, limit=asked.limit, after=_ledger_position(asked.after)
        )
        ended: PagePosition | None = [following.before, list(following.balances.items())] if following else None
        return Response(asked.document([_entry(line) for line in lines], ended))


def _ledger_position(after: PagePosition | None) -> Position | None:
    if after is None:
        return None
    before, balances = cast(tuple[int, list[tuple[int, int]]], after)
    return Position(before, dict(balances))


def _entry(line: StatementLine) -> dict[str, object]:
    entry, version, event = line.entry, line.version, line.event
    money = line.unit != POINTS
    return {
        "id": str(entry.id),
        "kind": entry.kind,
        "unit": line.unit,
        "amount": to_text(entry.amount, line.unit) if money else entry.amount,
        "balance": to_text(entry.balance, line.unit) if money else entry.balance,
        "occurred_at": show_moment(entry.occurred_at),
        "recorded_at": show_moment(entry.recorded_at),
        "expires_on": entry.expires_on and entry.expires_on.isoformat(),
        "campaign": version and version.campaign.code,
        "version": version and version.number,
        "rule": entry.rule,
        "event": event and {"source": event.source, "id": event.key},
        "redemption": None,
        "text": version.campaign.name if version else str(TEXTS[entry.kind]),
    }


class TierView(ApiView):
    """A member's tier."""

    scopes = {"GET": "members:read"}

    @described(
        "Read a tier",
        tag="Wallets",
        answers={200: Success("The tier", ref("Tier"), TIER_EXAMPLE)},
        refusals=["not-found"],
        parameters=[MEMBER],
    )
    def get(self, _request: Request, member: str) -> Response:
        """Read the tier, what counts toward the next one and what is missing."""
        found = find_member(program=self.program, reference=member)
        configuration = current_configuration(self.program.pk)
        today = self.at.astimezone(ZoneInfo(found.market.timezone)).date()
        sums = sum_windows([(found.pk, today)])[found.pk, today]
        progress = sums.progress(calendar_year=configuration.program.calendar_year)
        standing = tier_of(configuration.rungs.get(found.tier_id or 0), sums, configuration.program)
        return Response(
            {
                **_rung(found.tier),
                "since": found.tier_since and show_moment(found.tier_since),
                "until": found.tier_until and found.tier_until.isoformat(),
                **{key: standing[key] for key in ("next", "match", "missing")},
                "progress": {
                    "amount": to_text(progress.amount, self.program.currency),
                    "events": progress.events,
                    "status_points": progress.status_points,
                },
                "grace_until": None,
                "benefits": [],
            }
        )


def _rung(tier: Tier | None) -> dict[str, object]:
    return (
        {"code": tier.code, "name": tier.name, "rank": tier.rank} if tier else dict.fromkeys(("code", "name", "rank"))
    )


class BadgesView(ApiView):
    """A member's badges."""

    scopes = {"GET": "members:read"}

    @described(
        "List badges",
        tag="Wallets",
        answers={200: Success("A page of badges", page(ref("Badge")), {"items": [BADGE_EXAMPLE], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List the badges that a member earned, newest first."""
        found = find_member(program=self.program, reference=member)
        asked = read_page(request, f"badges:{found.pk}")
        before = asked.after if isinstance(asked.after, int) else None
        rows = earned_badges(member=found, limit=asked.limit + 1, before=before)
        shown = rows[: asked.limit]
        ended = shown[-1].id if len(rows) > asked.limit else None
        return Response(asked.document([_badge(row) for row in shown], ended))


def _badge(badge: EarnedBadge) -> dict[str, object]:
    source, key = badge.event
    return {
        "badge": badge.code,
        "name": badge.name,
        "icon": badge.icon,
        "earned_at": show_moment(badge.earned_at),
        "event": {"source": source, "id": key},
    }
