"""Taking vouchers at outlets: asking whether one is good, taking it or a part of it, taking it out of use.

Outlets, whoever runs them, take the vouchers of every reward that is had in their market and names no others. One way
for partner systems and for the counter: only what they say differs.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.models import Program, User
from core.refusals import FieldError, Frozen, Invalid, VoucherUsed
from core.rules.money import to_text
from core.services.outbox import Message, publish
from core.services.tokens import Replayed, is_used_up, use_up
from dealers.models import Outlet
from members.models import Member, Notice
from members.rules.facts import local_date
from members.selectors.locking import locked
from members.services.notices import News, tell
from rewards.models import Voucher, VoucherUse, VoucherVoid
from rewards.rules.uses import LastUse, VoidStep, void_step
from rewards.rules.vouchers import shown_state
from rewards.selectors.vouchers import EXPIRED, HeldVoucher
from rewards.services.tokens import Presented, find_presented
from rewards.services.use_refusals import (
    OtherMarket,
    OtherOutlet,
    TakenOut,
    UnknownCode,
    expired,
    too_much,
    used_before,
    wrong_currency,
)
from rewards.services.use_requests import UseRequest


@dataclass(frozen=True, slots=True)
class Taker:
    """Who acts for an outlet: a client of the API, or a person at the counter."""

    client: str = ""
    user: User | None = None


@dataclass(frozen=True, slots=True)
class TakenVoucher:
    """A voucher as it is now, whose it is, and the use that was made or undone, if any."""

    held: HeldVoucher
    member: Member
    use: VoucherUse | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """A voucher that is shown at an outlet, its member, and the day there."""

    shown: Presented
    member: Member
    outlet: Outlet
    at: datetime

    @property
    def voucher(self) -> Voucher:
        return self.shown.voucher

    @property
    def state(self) -> str:
        day = local_date(self.at, ZoneInfo(self.member.market.timezone))
        return shown_state(self.voucher.state, self.voucher.expires_on, day)

    def answer(self, use: VoucherUse | None = None) -> TakenVoucher:
        row = self.voucher
        return TakenVoucher(HeldVoucher(row, row.code, "", row.reward, self.state), self.member, use)


def validate_voucher(*, program: Program, request: UseRequest, at: datetime) -> TakenVoucher:
    """Say whether an outlet would get what it asks for; nothing changes.

    Raises Invalid, UnknownCode, Outdated, Replayed, VoucherUsed, VoucherExpired, Frozen, NotAvailable.
    """
    outlet = _outlet(program, request)
    scene = _scene(_present(program, request, at), outlet, at, hold=False)
    _check(scene)
    if scene.shown.token and is_used_up(scene.shown.token):
        raise Replayed
    _amount(scene, request)
    return scene.answer()


@transaction.atomic
def redeem_voucher(*, program: Program, request: UseRequest, at: datetime, taker: Taker) -> TakenVoucher:
    """Let an outlet take a voucher: whole, or so much of its stored value; or refuse and change nothing.

    Whoever asks at the same time for the same voucher waits. Raises as ``validate_voucher`` does.
    """
    outlet = _outlet(program, request)
    scene = _scene(_present(program, request, at), outlet, at, hold=True)
    _check(scene)
    if scene.shown.token:
        use_up(scene.shown.token, at=at)
    amount = _amount(scene, request)
    use = _new_use(scene, taker, amount, request)
    _take(scene, amount)
    publish([Message("voucher.redeemed", program.pk, _told(scene, use))])
    return scene.answer(use)


@transaction.atomic
def void_voucher(*, program: Program, request: UseRequest, at: datetime, taker: Taker) -> TakenVoucher:
    """Take an unused voucher out of use; or, for five minutes after this outlet took it, give back what was taken.

    The member is told of what was taken out of use. Again, after it was given back, changes nothing. A till in doubt
    asks for ``undo``, which takes nothing from the member, whether its use arrived or not, and whenever. Raises as
    ``validate_voucher`` does; VoucherUsed if it was used elsewhere or before.
    """
    outlet = _outlet(program, request)
    scene = _scene(_present(program, request, at), outlet, at, hold=True)
    row, last = scene.voucher, _last_use(scene.voucher, outlet)
    untouched = row.state == Voucher.State.READY and row.left_minor == row.value_minor
    moved = LastUse(last.outlet_id, _moved_at(last), hasattr(last, "undone")) if last else None
    step = void_step(untouched=untouched, last=moved, outlet_id=outlet.pk, at=at, undo=request.undo)
    if step is VoidStep.UNDONE:
        return scene.answer(getattr(last, "undone", None))
    if step is VoidStep.USED and row.state != Voucher.State.VOID:
        raise _used(scene)
    if last and step is VoidStep.UNDO:
        return scene.answer(_undo(scene, last, taker, request))
    _check(scene)
    if scene.shown.token:
        use_up(scene.shown.token, at=at)
    _void(scene, taker)
    return scene.answer()


def _outlet(program: Program, request: UseRequest) -> Outlet:
    rows = Outlet.objects.select_related("market", "dealer")
    found = rows.filter(program=program, code=request.outlet, retired=False).first()
    if found is None:
        raise Invalid(errors=[FieldError("/outlet", "unknown-outlet", _("There is no such outlet."))])
    return found


def _present(program: Program, request: UseRequest, at: datetime) -> Presented:
    shown = find_presented(program=program, code=request.code, at=at)
    if shown is None:
        raise UnknownCode(_("There is no such code"))
    return shown


def _scene(shown: Presented, outlet: Outlet, at: datetime, *, hold: bool) -> _Scene:
    """Who and what is concerned, held in the order of the whole product where something is to be changed."""
    members = Member.objects.select_related("market").filter(vouchers=shown.voucher)
    member = (locked(members) if hold else members).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise UnknownCode(_("There is no such code"))
    if hold:
        rows = Voucher.objects.select_related("reward", "used_outlet__market")
        row = rows.select_for_update(no_key=True, of=("self",)).get(pk=shown.voucher.pk)
        shown = Presented(row, shown.token)
    return _Scene(shown, member, outlet, at)


def _check(scene: _Scene) -> None:
    """Whether the voucher can be taken here today."""
    row = scene.voucher
    if row.state == Voucher.State.USED:
        raise _used(scene)
    if row.state == Voucher.State.VOID:
        raise TakenOut(_("This voucher was taken out of use."))
    if scene.state == EXPIRED:
        raise expired(row)
    if scene.member.status == Member.Status.FROZEN:
        raise Frozen(_("The membership is frozen: its vouchers cannot be used now."))
    if scene.outlet.market.code not in row.reward.markets:
        raise OtherMarket(_("This voucher is not taken in %(market)s.") % {"market": scene.outlet.market.name})
    if not row.reward.is_named(scene.outlet):
        raise OtherOutlet(_("This voucher is not taken at %(outlet)s.") % {"outlet": scene.outlet.name})


def _amount(scene: _Scene, request: UseRequest) -> int | None:
    """What to take of a stored value, or all that is left; else the amount of the bill, if it is said."""
    row = scene.voucher
    currency = request.currency or scene.outlet.market.currency
    if row.left_minor is None:
        return request.minor(currency)
    if request.amount is None and not request.currency:
        return row.left_minor
    if currency != row.currency:
        raise wrong_currency(row)
    amount = request.minor(currency)
    if amount == 0:
        raise Invalid(errors=[FieldError("/amount", "invalid", _("Send an amount of more than zero."))])
    if amount is not None and amount > row.left_minor:
        raise too_much(row)
    return row.left_minor if amount is None else amount


def _new_use(scene: _Scene, taker: Taker, amount: int | None, request: UseRequest) -> VoucherUse:
    stored = scene.voucher.currency
    currency = "" if amount is None else stored or request.currency or scene.outlet.market.currency
    return VoucherUse.objects.create(
        voucher=scene.voucher,
        outlet=scene.outlet,
        amount_minor=amount,
        currency=currency,
        at=scene.at,
        client=taker.client,
        user=taker.user,
        scanned=scene.shown.token is not None,
    )


def _take(scene: _Scene, amount: int | None) -> None:
    """The voucher after a use: less of its value, and used when nothing is left."""
    row = scene.voucher
    if row.left_minor is not None and amount is not None:
        row.left_minor -= amount
    if not row.left_minor:
        row.state, row.used_at, row.used_outlet = Voucher.State.USED, scene.at, scene.outlet
    row.save(update_fields=["state", "used_at", "used_outlet", "left_minor"])


def _undo(scene: _Scene, last: VoucherUse, taker: Taker, request: UseRequest) -> VoucherUse:
    """Give back what a use took. The database lets a voucher be ready again for that alone."""
    row = scene.voucher
    if request.amount is not None and last.amount_minor != request.minor(last.currency or scene.outlet.market.currency):
        raise Invalid(errors=[FieldError("/amount", "invalid", _("The latest use here was of another amount."))])
    undo = VoucherUse.objects.create(
        voucher=row,
        outlet=scene.outlet,
        amount_minor=last.amount_minor,
        currency=last.currency,
        at=scene.at,
        client=taker.client,
        user=taker.user,
        scanned=scene.shown.token is not None,
        undoes=last,
    )
    if row.left_minor is not None:
        row.left_minor += last.amount_minor or 0
    row.state, row.used_at, row.used_outlet = Voucher.State.READY, None, None
    row.save(update_fields=["state", "used_at", "used_outlet", "left_minor"])
    return undo


def _void(scene: _Scene, taker: Taker) -> None:
    """Take the voucher out of use, keep who did it where, and tell the member: nobody asked for that but the outlet."""
    row = scene.voucher
    row.state, row.voided_at = Voucher.State.VOID, scene.at
    row.save(update_fields=["state", "voided_at"])
    VoucherVoid.objects.create(
        voucher=row,
        outlet=scene.outlet,
        at=scene.at,
        client=taker.client,
        user=taker.user,
        scanned=scene.shown.token is not None,
    )
    values = {
        "voucher": str(row.uuid),
        "reward": row.reward.code,
        "outlet": scene.outlet.code,
        "redemption": str(row.redemption.uuid) if row.redemption else "",
    }
    news = News(scene.member.pk, Notice.Kind.VOUCHER_VOIDED, f"voucher:{row.uuid}:void", values)
    tell(program_id=row.program_id, news=[news], at=scene.at)


def _uses(voucher: Voucher) -> QuerySet[VoucherUse]:
    uses = VoucherUse.objects.filter(voucher=voucher, undoes=None).select_related("undone", "outlet__market")
    return uses.order_by("-id")


def _last_use(voucher: Voucher, outlet: Outlet) -> VoucherUse | None:
    """The latest use as far as it matters to an outlet: what another one took and gave back is as if it never was."""
    return _uses(voucher).filter(Q(undone=None) | Q(outlet=outlet)).first()


def _moved_at(last: VoucherUse) -> datetime:
    return last.undone.at if hasattr(last, "undone") else last.at


def _used(scene: _Scene) -> VoucherUsed:
    """That the voucher was used before, in whole or in part: when and where at last."""
    row = scene.voucher
    at, outlet = row.used_at, row.used_outlet
    if row.state != Voucher.State.USED:
        last = _uses(row).filter(undone=None).first()
        at, outlet = (last.at, last.outlet) if last else (None, None)
    zone = (outlet or scene.member).market.timezone
    return used_before(row, at=at, outlet=outlet, zone=ZoneInfo(zone))


def _told(scene: _Scene, use: VoucherUse) -> dict[str, object]:
    """What others hear of a use."""
    amount = None if use.amount_minor is None else to_text(use.amount_minor, use.currency)
    return {
        "voucher": str(scene.voucher.uuid),
        "use": str(use.uuid),
        "member": str(scene.member.uuid),
        "reward": scene.voucher.reward.code,
        "outlet": scene.outlet.code,
        "amount": amount,
        "currency": use.currency or None,
        "state": scene.voucher.state,
    }
