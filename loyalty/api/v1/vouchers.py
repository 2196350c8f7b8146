"""The vouchers of a member."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.refusals import NotFound
from core.rules.moments import show_moment
from core.rules.money import to_text
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import ACTING, MEMBER, PAGE, Success, described, path
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.schema import page, ref
from members.models import Member
from members.selectors.members import find_member
from rewards.selectors.vouchers import READY, HeldVoucher, held_voucher, vouchers_page
from rewards.services.tokens import voucher_token

ID = path("id", "Id of the voucher", examples.VOUCHER["id"])


class VouchersView(ApiView):
    """A member's vouchers."""

    scopes = {"GET": "members:read"}

    @described(
        "List vouchers",
        tag="Wallets",
        answers={200: Success("A page of vouchers", page(ref("Voucher")), {"items": [examples.VOUCHER], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List the vouchers that a member was given, newest first; one that is ready can be used through `expires_on`.

        The code opens the reward: show it to nobody but the member.
        """
        return Response(voucher_page(request, find_member(program=self.program, reference=member), self.at))


class MeVoucherView(MeView):
    """A voucher of the member."""

    @described(
        "Read my voucher",
        tag="Member's app",
        answers={200: Success("The voucher", ref("MyVoucher"), examples.MY_VOUCHER)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, ID],
        caller="member",
    )
    def get(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Read a voucher to show it at a till. Draw `qr.token`, and ask again when `qr.seconds_left` are over."""
        held = held_voucher(member=self.member, uuid=_uuid(id), at=self.at)
        if held is None:
            raise _missing()
        return Response(voucher_document(held) | {"qr": _qr(held, self.at)})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _missing() from None


def _missing() -> NotFound:
    return NotFound(_("There is no such voucher"))


def _qr(held: HeldVoucher, at: datetime) -> dict[str, object] | None:
    """What the QR code says now; nothing for what cannot be used."""
    if held.state != READY:
        return None
    token, seconds_left = voucher_token(held.row, at)
    return {"token": token, "seconds_left": seconds_left}


def voucher_page(request: Request, member: Member, at: datetime) -> dict[str, object]:
    """A page of a member's vouchers."""
    asked = read_page(request, f"vouchers:{member.pk}")
    before = asked.after if isinstance(asked.after, int) else None
    rows = vouchers_page(member=member, at=at, limit=asked.limit + 1, before=before)
    shown = rows[: asked.limit]
    ended = shown[-1].row.pk if len(rows) > asked.limit else None
    return asked.document([voucher_document(one) for one in shown], ended)


def voucher_document(one: HeldVoucher) -> dict[str, object]:
    """A voucher as JSON; what is worth money says how much of it is left."""
    used = {"at": show_moment(one.used_at), "outlet": one.outlet.code if one.outlet else None} if one.used_at else None
    return {
        "id": str(one.row.uuid),
        "code": one.code,
        "reward": one.reward.code,
        "name": one.reward.name,
        "state": one.state,
        "expires_on": one.expires_on and one.expires_on.isoformat(),
        "used": used,
        **({"pin": one.pin} if one.pin else {}),
        **_stored(one),
    }


def _stored(one: HeldVoucher) -> dict[str, object]:
    if one.value is None:
        return {}
    value, left, currency = one.value
    return {"value": to_text(value, currency), "left": to_text(left, currency), "currency": currency}
