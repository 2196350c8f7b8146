"""Vouchers at outlets: is it good, take it, take it out of use."""

from collections.abc import Callable

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from core.rules.moments import show_moment
from core.rules.money import to_text
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import read_json
from loyalty.api.v1.description import Body, Success, described
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import ref
from loyalty.api.v1.vouchers import voucher_document
from rewards.models import VoucherUse
from rewards.rules.uses import UNDO_WITHIN
from rewards.services.misses import note_miss, refuse_guessing
from rewards.services.use_refusals import UnknownCode
from rewards.services.use_requests import UseRequest, read_use
from rewards.services.uses import TakenVoucher, Taker, redeem_voucher, validate_voucher, void_voucher

TAG = "Outlets"
BODY = Body(ref("VoucherUseRequest"), examples.USE_REQUEST)
REFUSALS = ["not-found", "voucher-used", "voucher-expired", "frozen", "not-available"]
ON_REDEEM = [*REFUSALS, "idempotency-key-missing"]


class UseView(ApiView):
    """What the addresses of outlets have in common: whoever guesses codes is kept waiting."""

    scopes = {"POST": "vouchers:write"}
    missed, voids = False, False

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse whoever missed too often; outside of the Idempotency-Key, which would keep the answer."""
        super().initial(request, *args, **kwargs)
        refuse_guessing(who=self.who, at=self.at)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Count a miss, whose transaction was undone."""
        if self.missed:
            note_miss(who=self.who, at=self.at)
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def who(self) -> str:
        """Whose misses are counted together."""
        return f"client:{self.caller.client_id}"

    @property
    def taker(self) -> Taker:
        """Who acts."""
        return Taker(client=self.caller.client_id)

    def answer(self, request: Request, work: Callable[[UseRequest], TakenVoucher]) -> Response:
        """Read the request, do the work, show the voucher."""
        asked = read_use(read_json(request), voids=self.voids)
        try:
            taken = work(asked)
        except UnknownCode:
            self.missed = True
            raise
        self.about = [taken.member.external_id]
        return Response({**voucher_document(taken.held), "use": taken.use and use_document(taken.use)})


class ValidateView(UseView):
    """Is it good?"""

    @described(
        "Validate a voucher",
        tag=TAG,
        body=BODY,
        answers={200: Success("It can be redeemed so", ref("TakenVoucher"), examples.TAKEN | {"use": None})},
        refusals=REFUSALS,
        repeatable=True,
    )
    @repeatable()
    def post(self, request: Request) -> Response:
        """Ask whether a voucher can be redeemed at an outlet, for an amount; nothing changes.

        `code` is what the member says, however it is typed, or what a scanner reads from the member's phone. What was
        scanned is good for half a minute to a minute, once: redeem with the `code` of the answer if that may pass.
        After 20 codes within an hour that nobody has, every question is answered with 429.
        """
        return self.answer(request, lambda asked: validate_voucher(program=self.program, request=asked, at=self.at))


class RedeemView(UseView):
    """Take it."""

    @described(
        "Redeem a voucher",
        tag=TAG,
        body=BODY,
        answers={200: Success("Taken, whole or in part", ref("TakenVoucher"), examples.TAKEN)},
        refusals=ON_REDEEM,
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Take a voucher, once, whoever else tries.

        Of a stored value (`left`) `amount` is taken, without it all that is left; it is `used` when nothing is left. Of
        another voucher `amount` is that of the bill and only kept. `currency` is that of the outlet's market unless it
        is sent. A voucher that was used before is refused with when and where (`used`).
        """
        return self.answer(
            request, lambda asked: redeem_voucher(program=self.program, request=asked, at=self.at, taker=self.taker)
        )


class VoidView(UseView):
    """Take it out of use, or undo."""

    voids = True

    @described(
        "Void a voucher",
        tag=TAG,
        body=Body(ref("VoucherVoidRequest"), examples.USE_REQUEST | {"undo": True}),
        answers={
            200: Success(
                "Void, or as it was before it was redeemed", ref("TakenVoucher"), examples.TAKEN | {"state": "void"}
            )
        },
        refusals=ON_REDEEM,
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Take an unused voucher out of use for good. Within five minutes after this outlet redeemed it: undo that.

        An undo gives back what the latest use here took; an `amount`, if it is sent, must be that of the use. Asked
        again within five minutes it changes nothing more. A voucher used before or elsewhere is refused. A till that
        does not know whether its redeeming arrived sends `"undo": true`: that never takes a voucher out of use.
        """
        return self.answer(
            request, lambda asked: void_voucher(program=self.program, request=asked, at=self.at, taker=self.taker)
        )


def use_document(use: VoucherUse) -> dict[str, object]:
    """A use as JSON, or its undoing."""
    amount = None if use.amount_minor is None else to_text(use.amount_minor, use.currency)
    is_undo = use.undoes_id is not None
    return {
        "id": str(use.uuid),
        "kind": "undo" if is_undo else "redeem",
        "at": show_moment(use.at),
        "outlet": use.outlet.code,
        "amount": amount,
        "currency": use.currency or None,
        "undo_until": None if is_undo else show_moment(use.at + UNDO_WITHIN),
    }
