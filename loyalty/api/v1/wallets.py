"""What a member has, and how it came and went."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import cast

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.statements import StatementLine, member_statement, value_books
from core.models import Program
from core.refusals import FieldError, Invalid
from core.rules.moments import show_moment
from core.rules.money import to_text, unit
from ledger.rules.balances import Balance
from ledger.selectors.entries import Position
from ledger.selectors.wallets import wallets, wallets_effective, wallets_recorded
from loyalty.api.refusals import Malformed
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, PAGE, Success, described, query
from loyalty.api.v1.pages import Position as PagePosition
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.parameters import read_moment_parameter
from loyalty.api.v1.schema import page, ref
from loyalty.display.entry_words import ENTRY_WORDS
from members.models import Member
from members.selectors.members import find_member

POINTS = "points"
MOMENTS = (
    query("at", "A past moment: the wallet as it was recorded then", format="date-time"),
    query("effective", "A past moment: the wallet from what had happened by then", format="date-time"),
)


class WalletView(ApiView):
    """A member's wallet."""

    scopes = {"GET": "members:read"}

    @described(
        "Read a wallet",
        tag="Wallets",
        answers={200: Success("What the member has", ref("Wallet"), examples.WALLET)},
        refusals=["not-found", "validation"],
        parameters=[MEMBER, *MOMENTS],
    )
    def get(self, request: Request, member: str) -> Response:
        """Read a wallet, now or at a past moment, as recorded (`at`) or as it happened (`effective`)."""
        return Response(wallet_document(request, find_member(program=self.program, reference=member), self.at))


def wallet_document(request: Request, member: Member, now: datetime) -> dict[str, object]:
    """What a member has, at the moment that the request names."""
    recorded, effective = (read_moment_parameter(request, name) for name in ("at", "effective"))
    if recorded and effective:
        raise Malformed(gettext("Ask for at or for effective, not for both"))
    asked = recorded or effective or now
    if asked > now:
        name = "at" if recorded else "effective"
        raise Invalid(errors=[FieldError(f"/{name}", "in-the-future", gettext("ask for a moment that is past"))])
    read = wallets_recorded if recorded else wallets_effective if effective else wallets
    books = value_books(member.program)
    balances = read(books=books, owners=[member.uuid], at=asked)
    return _wallet(member.program, {book.unit: balances[book.pk, member.uuid] for book in books}, asked)


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
        answers={200: Success("A page", page(ref("LedgerEntry")), {"items": [examples.ENTRY], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List what moved in and out, newest first; point entries add up to available and pending."""
        return Response(ledger_page(request, find_member(program=self.program, reference=member)))


def ledger_page(request: Request, member: Member) -> dict[str, object]:
    """A page of what moved in and out, newest first."""
    asked = read_page(request, f"ledger:{member.pk}")
    lines, following = member_statement(
        program=member.program, member=member, limit=asked.limit, after=_ledger_position(asked.after)
    )
    ended: PagePosition | None = [following.before, list(following.balances.items())] if following else None
    return asked.document([_entry(line) for line in lines], ended)


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
        "redemption": line.redemption and str(line.redemption.uuid),
        "text": _said(line),
    }


def _said(line: StatementLine) -> str:
    """The campaign that paid, or the reward that was redeemed, else in a word what happened."""
    if line.version:
        return line.version.campaign.name
    return line.redemption.reward.name if line.redemption else str(ENTRY_WORDS[line.entry.kind])
