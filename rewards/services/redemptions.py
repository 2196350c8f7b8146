"""Redeeming rewards for points, and taking that back: stock and points move in one transaction, or neither.

Lock order: the member's row, then the reward's for what it is, then stock, then accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Program, User
from core.refusals import (
    Changed,
    FieldError,
    Invalid,
    NotAvailable,
    NotFound,
    ReferenceUsed,
    VoucherExpired,
    VoucherUsed,
)
from core.rules.moments import show_moment
from core.services import prepared
from core.services.outbox import Message, publish
from core.services.references import marks
from ledger.models import Book
from members.models import Member, Notice
from members.rules.facts import local_date
from members.selectors.locking import locked
from members.services.notices import News, tell
from rewards.models import Redemption, Reward, Voucher
from rewards.models.categories import Stock
from rewards.rules.prices import Price, WrongDenomination
from rewards.rules.vouchers import EXPIRED, shown_state
from rewards.selectors.catalogue import hurdles, piece_price, standing_of
from rewards.selectors.policies import Demands, demands_of
from rewards.selectors.supply import was_delivered
from rewards.services.fulfilling import expects, fix_source, fulfil, last_day
from rewards.services.paying import refund_points, repaid_by, spend_points
from rewards.services.redemption_requests import AHEAD
from rewards.services.refusing import PriceChanged, refusal_of
from rewards.services.vouchers import void

MOST_PIECES = 100
CANCELLED = "redemption.cancelled"
State, WaitsFor = Redemption.State, Redemption.WaitsFor
REFERENCE_USED = gettext_lazy("The reference belongs to another redemption: use a new one.")
# What is sold stands until the transaction ends: who changes a reward's kind or stock waits for it, or was waited for
# here, and then there is no such reward.
STORE = """
    WITH sold AS (SELECT id FROM rewards_reward WHERE id = %s AND kind = %s AND stock = %s FOR KEY SHARE)
    INSERT INTO rewards_redemption (reward_id, uuid, program_id, member_id, quantity, value_minor, currency, points,
        state, waits_for, unseen_points, channel, at, issued_at, asked_by_id, client, reference, fingerprint)
    SELECT id, %s::uuid, %s::bigint, %s::bigint, %s::int, %s::bigint, %s::text, %s::bigint, %s::text, %s::text,
        %s::bigint, %s::text, %s::timestamptz, %s::timestamptz, %s::bigint, %s::text, %s::text, %s::bytea FROM sold
    ON CONFLICT (client, reference) WHERE reference <> '' DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; ``value`` names a denomination, ``happened_at`` a moment that is not now."""

    reward: Reward
    quantity: int
    value: str | None
    happened_at: datetime | None
    client: str
    reference: str

    def fingerprint(self, member: Member) -> bytes:
        """What stands for the content: the same request again has the same."""
        moment = show_moment(self.happened_at) if self.happened_at else ""
        parts = [self.reward.code, str(member.uuid), str(self.quantity), self.value or "", moment]
        return sha256("\n".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What came of asking; ``is_new``: made by this very call, and not found by its reference."""

    row: Redemption
    is_new: bool


@transaction.atomic
def redeem_reward(
    *,
    program: Program,
    member: Member,
    reward: Reward,
    quantity: int = 1,
    value: str | None = None,
    at: datetime,
    happened_at: datetime | None = None,
    channel: str,
    client: str = "",
    reference: str = "",
    asked_by: User | None = None,
    agreed: int | None = None,
) -> Redeemed:
    """Trade a member's points for pieces of a reward, or refuse and change nothing.

    ``value`` names a denomination as a decimal string; it may be left out where there is no choice. ``at`` is now,
    ``happened_at`` when the member took it, if not now. A ``reference`` that the client used before is answered with
    its redemption as it is now (``is_new`` is false then). ``asked_by`` is the person signed in, whichever face.
    ``agreed``: the points in all that somebody was shown and said yes to; no other price is taken then.
    It is issued, or pending while somebody approves or a supplier delivers; the points have left the wallet then.

    Raises: Invalid, NotFound, ReferenceUsed, Frozen, NotAvailable, TierRequired, OutOfStock, LimitReached,
    InsufficientPoints, PriceChanged. What the catalogue says of why not is what is raised (``about`` is its reason).
    """
    asked = Asked(reward, quantity, value, happened_at, client, reference)
    held = hold_member(member)
    if found := _known(asked, held):  # asked under the lock: the same reference at the same moment waits for its answer
        return Redeemed(found, is_new=False)
    _check_moment(asked, held)
    moment = happened_at or at
    price, demands = _judged(asked, held, at, moment, agreed)
    redemption = _new(program, held, asked, price, moment)
    if demands.approval.holds(redemption.points):
        redemption.state, redemption.waits_for, redemption.issued_at = State.PENDING, WaitsFor.APPROVAL, None
        redemption.unseen_points = demands.approval.unseen
    _check_end(redemption, held, at)
    redemption.channel, redemption.asked_by = channel, asked_by
    if not _store(redemption):
        return Redeemed(_found(asked, held), is_new=False)
    _trade(redemption, held, demands.book, at)
    return Redeemed(redemption, is_new=True)


def _judged(asked: Asked, member: Member, now: datetime, moment: datetime, agreed: int | None) -> tuple[Price, Demands]:
    """The price of a piece and what the program asks for, where nothing stands in the way; else the refusal."""
    price, demands = _price(asked, member), demands_of(member, at=now, moment=moment)
    reasons = hurdles(
        asked.reward,
        price=price,
        quantity=asked.quantity,
        member=member,
        standing=standing_of(member, at=now, demands=demands, since=moment if moment < now else None),
        at=moment,
    )
    if reasons or price is None:
        raise refusal_of(reasons)
    if agreed is not None and (points := price.points * asked.quantity) != agreed:
        raise PriceChanged(about=points)
    return price, demands


def _trade(redemption: Redemption, member: Member, book: Book, now: datetime) -> None:
    """Hand out and take the points: stock before accounts, and of these the book of points before that of money."""
    fix_source(redemption, member)
    last = redemption.reward.pays_out
    if redemption.waits_for != WaitsFor.APPROVAL and not last:
        fulfil(redemption, member, at=redemption.at)
    spend_points(redemption, member, book=book, now=now)
    if redemption.waits_for != WaitsFor.APPROVAL and last:
        fulfil(redemption, member, at=redemption.at)


def hold_member(member: Member) -> Member:
    """The member as it stands, with market and tier, the row held. Raises NotFound for one that was erased."""
    rows = Member.objects.select_related("market", "tier").exclude(status=Member.Status.ERASED)
    held = locked(rows.filter(pk=member.pk)).first()
    if held is None:
        raise NotFound(_("There is no such member"))
    return held


def _known(asked: Asked, member: Member) -> Redemption | None:
    """The redemption that the client made under this reference. Raises ReferenceUsed if it was for something else."""
    if not asked.reference:
        return None
    named = Redemption.objects.filter(
        Q(client=asked.client, reference=asked.reference) | Q(forgotten__in=marks(asked.client, asked.reference))
    )
    found = named.values_list("pk", "fingerprint")[:1]  # mostly there is none, and reading a whole one costs its share
    for pk, fingerprint in found:
        if bytes(fingerprint or b"") != asked.fingerprint(member):
            raise ReferenceUsed(REFERENCE_USED)
        return Redemption.objects.select_related("reward", "member__market").get(pk=pk)
    return None


def _found(asked: Asked, member: Member) -> Redemption:
    """The redemption whose reference somebody else stored at the same moment; or the reward is not what was judged."""
    row = _known(asked, member)
    if row is None:
        raise NotAvailable(Changed.title)
    return row


def _check_moment(asked: Asked, member: Member) -> None:
    """Nobody redeems before being a member; clocks of two systems may differ. Raises Invalid."""
    if asked.happened_at is not None and asked.happened_at < member.enrolled_at - AHEAD:
        detail = _("at is before %(moment)s, when the member was enrolled") % {
            "moment": show_moment(member.enrolled_at)
        }
        raise Invalid(errors=[FieldError("/at", "invalid", detail)])


def _check_end(redemption: Redemption, member: Member, now: datetime) -> None:
    """What was taken in the past is worth something still: nobody pays for a voucher that has expired. Raises Invalid.

    What waits for approval or a supplier is issued later, and good from then on.
    """
    if redemption.state != State.ISSUED or redemption.reward.pays_out:
        return
    last = last_day(redemption.reward, member, redemption.at)
    if last is not None and last < local_date(now, ZoneInfo(member.market.timezone)):
        detail = _("a voucher of that moment was good through %(day)s, which is over") % {"day": last.isoformat()}
        raise Invalid(errors=[FieldError("/at", "invalid", detail)])


def _price(asked: Asked, member: Member) -> Price | None:
    """What a piece costs in the member's market. Raises Invalid with all that is wrong."""
    errors = []
    if not 1 <= asked.quantity <= MOST_PIECES:
        detail = _("quantity is a whole number from 1 to %(most)s") % {"most": MOST_PIECES}
        errors.append(FieldError("/quantity", "invalid", detail))
    price = None
    try:
        price = piece_price(asked.reward, member.market.currency, asked.value)
    except WrongDenomination as wrong:
        errors.append(_wrong_denomination(wrong, member.market.currency))
    if errors:
        raise Invalid(errors=errors)
    return price


def _wrong_denomination(wrong: WrongDenomination, currency: str) -> FieldError:
    if not wrong.fit:
        return FieldError("/denomination", wrong.code, _("this reward has one price: leave this out"))
    said = {"values": ", ".join(wrong.fit), "currency": currency}
    return FieldError("/denomination", wrong.code, _("choose one of %(values)s (%(currency)s)") % said)


def _new(program: Program, member: Member, asked: Asked, price: Price, moment: datetime) -> Redemption:
    waits_for = expects(asked.reward)
    pending = waits_for != WaitsFor.NOBODY
    return Redemption(
        uuid=uuid4(),
        program=program,
        member=member,
        reward=asked.reward,
        quantity=asked.quantity,
        value_minor=price.value_minor,
        currency=price.currency,
        points=price.points * asked.quantity,
        state=State.PENDING if pending else State.ISSUED,
        waits_for=waits_for,
        at=moment,
        issued_at=None if pending else moment,
        client=asked.client,
        reference=asked.reference,
        fingerprint=asked.fingerprint(member) if asked.reference else None,
    )


def _store(one: Redemption) -> bool:
    """Store a new redemption; False if its reference was stored, or its reward became another, a moment ago."""
    row: list[Any] = [
        one.reward_id, one.reward.kind, one.reward.stock,
        one.uuid, one.program_id, one.member_id, one.quantity, one.value_minor, one.currency, one.points, one.state,
        one.waits_for, one.unseen_points, one.channel, one.at, one.issued_at, one.asked_by and one.asked_by.pk,
        one.client, one.reference, one.fingerprint,
    ]  # fmt: skip
    with prepared.cursor() as cursor:
        cursor.execute(STORE, row)
        stored = cursor.fetchone()
    if stored is None:
        return False
    (one.pk,) = stored
    one._state.adding = False
    return True


@transaction.atomic
def cancel_redemption(
    *,
    redemption: Redemption,
    at: datetime,
    because: str,
    by: User | None = None,
    note: str = "",
    by_member: bool = False,
) -> Redemption:
    """Give a redemption's points back to the very lots they came from, and void its vouchers.

    One that is cancelled already stays as it is. A voucher that an outlet took out of use unused is no hindrance:
    nobody was served for it. Where staff cancel (``Because.OFFICE``, ``note`` says why) the member is told, and the
    points are good for thirty days at least.

    Raises VoucherUsed if one was used, in part or whole, VoucherExpired if one has expired, NotAvailable for what a
    supplier delivers or has delivered, for cashback that was paid out, and where members cancel themselves
    (``by_member``) for codes that stay good elsewhere.
    """
    row, member = hold_redemption(redemption)
    if row.state == State.CANCELLED:
        return row
    if row.waits_for == WaitsFor.SUPPLIER:
        raise NotAvailable(_("The order is with the supplier: it is delivered, or the points come back by themselves."))
    vouchers = list(Voucher.objects.filter(redemption=row).select_related("used_outlet"))
    if row.state == State.ISSUED and was_delivered(row):
        raise NotAvailable(_("What a supplier has delivered cannot be taken back."))
    if row.state == State.ISSUED and not vouchers:
        raise NotAvailable(_("What was delivered at once cannot be taken back."))
    if by_member and is_good_elsewhere(row):
        raise NotAvailable(_("Its code was shown and stays good at the shop: ask us to take it back."))
    _void(vouchers, member, at)
    row.note = note
    return undo_redemption(row, member, at=at, because=because, by=by, unasked=because == Redemption.Because.OFFICE)


def is_good_elsewhere(row: Redemption) -> bool:
    """Whether its codes were handed out and are a partner's own: tills that know nothing of us take them, void or not.

    So members do not get the points back by themselves; staff and partner systems do it who know that it was not used.
    """
    return row.state == State.ISSUED and row.reward.stock == Stock.CODES


def hold_redemption(redemption: Redemption) -> tuple[Redemption, Member]:
    """A redemption as it stands, with its reward and its member (erased or not), whose row is held."""
    rows = Member.objects.select_related("market", "tier")
    member = locked(rows.filter(pk=redemption.member_id)).get()
    row = Redemption.objects.select_related("reward", "program").get(pk=redemption.pk)
    row.member = member
    return row, member


def undo_redemption(
    row: Redemption, member: Member, *, at: datetime, because: str, by: User | None, unasked: bool = False
) -> Redemption:
    """Cancel a redemption that is held, and give the points back; ``repaid`` of them went into the member's debt.

    ``unasked``: the points are good for thirty days at least, and the member is told. Who approved it stays written.
    """
    was_issued = row.state == State.ISSUED
    row.state, row.waits_for, row.cancelled_at, row.because = State.CANCELLED, WaitsFor.NOBODY, at, because
    row.decided_by = row.decided_by or by
    row.repaid = repaid_by(row, member)
    row.save(update_fields=["state", "waits_for", "cancelled_at", "because", "note", "decided_by", "repaid"])
    if was_issued:
        told = {"member": member.pk, "redemption": str(row.uuid), "time": at.isoformat()}
        publish([Message(CANCELLED, row.program_id, told)])
    if unasked and member.status != Member.Status.ERASED:
        _tell_member(row, member, at)
    refund_points(row, member, at=at, unasked=unasked)
    return row


def tell_ready(row: Redemption, member: Member, *, at: datetime) -> None:
    """Tell a member that what was pending is there, now that it is issued."""
    if row.state != State.ISSUED or member.status == Member.Status.ERASED:
        return
    values = {"redemption": str(row.uuid), "reward": row.reward.code}
    news = News(member.pk, Notice.Kind.REDEMPTION_READY, f"redemption:{row.uuid}:ready", values)
    tell(program_id=row.program_id, news=[news], at=at)


def _tell_member(row: Redemption, member: Member, at: datetime) -> None:
    values = {
        "redemption": str(row.uuid),
        "reward": row.reward.code,
        "points": row.points,
        "because": row.because,
        "repaid": row.repaid,
    }
    news = News(member.pk, Notice.Kind.REDEMPTION_BACK, f"redemption:{row.uuid}", values)
    tell(program_id=row.program_id, news=[news], at=at)


def _void(vouchers: Sequence[Voucher], member: Member, at: datetime) -> None:
    """Take unused vouchers out of use. A partner's code is not stock again: somebody has seen it."""
    today = local_date(at, ZoneInfo(member.market.timezone))
    for one in vouchers:
        if one.state == Voucher.State.USED or one.left_minor != one.value_minor:
            raise VoucherUsed(_("A voucher of it was used, so it cannot be cancelled."), about=one)
        if shown_state(one.state, one.expires_on, today) == EXPIRED:
            raise VoucherExpired(_("A voucher of it has expired, so it cannot be cancelled."))
    ready = {one.uuid for one in vouchers if one.uuid and one.state == Voucher.State.READY}
    if void(ready, at=at) != ready:
        raise VoucherUsed(_("A voucher of it was used, so it cannot be cancelled."))
