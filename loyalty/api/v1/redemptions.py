"""Redemptions: members' points become rewards, and come back when one is cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import Program
from core.refusals import FieldError, Invalid, NotFound
from core.rules.moments import show_moment
from core.rules.money import to_text
from loyalty.api.refusals import InsufficientScope
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.bodies import read_json
from loyalty.api.v1.description import ACTING, PAGE, Body, Success, described
from loyalty.api.v1.description import path as in_path
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.repeats import repeatable
from loyalty.api.v1.schema import page, ref
from loyalty.api.v1.vouchers import voucher_document
from loyalty.display.hurdles import in_words
from members.models import Member
from members.selectors.members import referenced
from rewards.models import Redemption, Reward
from rewards.selectors.catalogue import find_reward
from rewards.selectors.redemptions import ShownRedemption, find_redemption, redemptions_page, with_vouchers
from rewards.selectors.vouchers import HeldVoucher
from rewards.services.redemption_requests import OWN, read_redemption
from rewards.services.redemptions import Redeemed, cancel_redemption, redeem_reward

TAG = "Rewards"
ID = in_path("id", "`id` of the redemption", "0d9f5b7a-6d0e-4a8e-9a51-5b8a3f5a2f0e")
REFUSALS = [
    "idempotency-key-missing", "reference-used", "insufficient-points", "out-of-stock", "tier-required",
    "limit-reached", "not-available", "frozen",
]  # fmt: skip
CANCEL_REFUSALS = ["not-found", "idempotency-key-missing", "voucher-used", "voucher-expired", "not-available"]
PAST = gettext_lazy("A time in the past needs the scope history:write")
REDEEMED = {
    201: Success("Issued, with its vouchers", ref("Redemption"), examples.REDEMPTION),
    202: Success(
        "Pending: it waits for a supplier or for approval; read it again later",
        ref("Redemption"),
        examples.REDEMPTION | {"state": "pending", "waits_for": "supplier", "vouchers": []},
    ),
    200: Success("The reference was known: the redemption as it is now", ref("Redemption"), examples.REDEMPTION),
}


class RedemptionsView(ApiView):
    """Redemptions of the program's members."""

    scopes = {"POST": "redemptions:write"}

    @described(
        "Redeem a reward",
        tag=TAG,
        body=Body(ref("RedemptionRequest"), examples.REDEMPTION_REQUEST),
        answers=REDEEMED,
        refusals=REFUSALS,
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Trade a member's points for pieces of a reward: all of it happens, or nothing.

        Where the catalogue says why not, the refusal of that name is the answer. A reward with denominations wants one
        of those in the currency of the member's market. `at` in the past needs the scope `history:write`; it is not
        before the member was enrolled, spends only points that were there by then and still are, and is refused where
        the voucher would have expired by now.
        """
        past = None if "history:write" in self.caller.scopes else InsufficientScope(PAST)
        asked = read_redemption(read_json(request), at=self.at, past=past)
        member, reward = _named(self.program, asked.member, asked.reward)
        self.about = [member.external_id]
        with in_words(member):
            made = redeem_reward(
                program=self.program,
                member=member,
                reward=reward,
                quantity=asked.quantity,
                value=asked.value,
                at=self.at,
                happened_at=asked.at,
                channel=Redemption.Channel.API,
                client=self.caller.client_id,
                reference=asked.reference,
            )
        return _made(made, self.at)


class RedemptionView(ApiView):
    """A redemption."""

    scopes = {"GET": "redemptions:read"}

    @described(
        "Read a redemption",
        tag=TAG,
        answers={200: Success("The redemption", ref("Redemption"), examples.REDEMPTION)},
        refusals=["not-found"],
        parameters=[ID],
    )
    def get(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Read a redemption with its vouchers. The codes open the reward: show them to nobody but the member.

        What an erased member redeemed can still be read and settled: `member` and the codes are null then.
        """
        return _shown(find_redemption(program=self.program, name=id), self.at)


class RedemptionCancelView(ApiView):
    """That a redemption is not wanted any more."""

    scopes = {"POST": "redemptions:write"}

    @described(
        "Cancel a redemption",
        tag=TAG,
        answers={
            200: Success("The redemption", ref("Redemption"), examples.REDEMPTION | {"state": "cancelled"}),
        },
        refusals=CANCEL_REFUSALS,
        parameters=[ID],
        repeatable=True,
    )
    @repeatable(required=True)
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Give the points back to the very lots they came from, and void the vouchers; again changes nothing.

        Refused once a voucher was used, in part or whole, or has expired, while a supplier delivers, and for what was
        delivered at once, as cashback is. A partner's own code stays good at the partner's tills: make sure that it was
        not used there. What an outlet voided unused is given back.
        """
        found = find_redemption(program=self.program, name=id)
        self.about = [found.member.external_id]
        cancelled = cancel_redemption(redemption=found, at=self.at, because=Redemption.Because.ASKED)
        return _shown(cancelled, self.at)


class MeRedemptionsView(MeView):
    """The member's redemptions."""

    @described(
        "List my redemptions",
        tag="Member's app",
        answers={200: Success("A page", page(ref("Redemption")), {"items": [examples.REDEMPTION], "next": None})},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List what I redeemed, newest first."""
        asked = read_page(request, f"redemptions:{self.member.pk}")
        before = asked.after if isinstance(asked.after, int) else None
        rows = redemptions_page(member=self.member, limit=asked.limit + 1, before=before)
        shown = rows[: asked.limit]
        return Response(asked.document(_documents(shown, self.at), shown[-1].pk if len(rows) > asked.limit else None))

    @described(
        "Redeem a reward for me",
        tag="Member's app",
        body=Body(ref("MeRedemptionRequest"), {"reward": "coffee-5"}),
        answers=REDEEMED,
        refusals=[*REFUSALS, "not-found", "malformed"],
        parameters=[ACTING],
        repeatable=True,
        caller="member",
    )
    @repeatable(required=True)
    def post(self, request: Request) -> Response:
        """Trade my points for pieces of a reward: all of it happens, or nothing."""
        asked = read_redemption(read_json(request), at=self.at, known=OWN)
        member = self.member
        with in_words(member):
            made = redeem_reward(
                program=member.program,
                member=member,
                reward=_reward(member.program, asked.reward),
                quantity=asked.quantity,
                value=asked.value,
                at=self.at,
                channel=Redemption.Channel.APP,
                client=self.claimant,
                reference=asked.reference,
                asked_by=self.user,
            )
        return _made(made, self.at)


class MeRedemptionView(MeView):
    """A redemption of the member."""

    @described(
        "Read my redemption",
        tag="Member's app",
        answers={200: Success("The redemption", ref("Redemption"), examples.REDEMPTION)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, ID],
        caller="member",
    )
    def get(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Read what I redeemed, with its vouchers."""
        return _shown(_own(self.member, id), self.at)


class MeRedemptionCancelView(MeView):
    """That the member does not want a redemption any more."""

    @described(
        "Cancel my redemption",
        tag="Member's app",
        answers={
            200: Success("The redemption", ref("Redemption"), examples.REDEMPTION | {"state": "cancelled"}),
        },
        refusals=CANCEL_REFUSALS,
        parameters=[ACTING, ID],
        repeatable=True,
        caller="member",
    )
    @repeatable(required=True)
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002  # as the address says
        """Take my points back into the very lots they came from, and void the vouchers; again changes nothing.

        Refused once a voucher was used, in part or whole, or has expired, while a supplier delivers, and for what is
        good elsewhere at once: a partner's own code that was handed out, and cashback.
        """
        cancelled = cancel_redemption(
            redemption=_own(self.member, id),
            at=self.at,
            because=Redemption.Because.ASKED,
            by=self.user,
            by_member=True,
        )
        return _shown(cancelled, self.at)


def _own(member: Member, name: str) -> Redemption:
    """A redemption of the member; nobody else's exists."""
    found = find_redemption(program=member.program, name=name)
    if found.member_id != member.pk:
        raise NotFound(_("There is no such redemption"))
    return found


def _named(program: Program, member: str, reward: str) -> tuple[Member, Reward]:
    """Whom and what a request names. Raises Invalid."""
    found = referenced(program, member).only("external_id", "market").first()  # read whole when its row is held
    if found is None:
        detail = _("The program has no such member: enrol the member first.")
        raise Invalid(detail, errors=[FieldError("/member", "unknown-member", detail)])
    return found, _reward(program, reward)


def _reward(program: Program, code: str) -> Reward:
    try:
        return find_reward(program=program, code=code)
    except NotFound as unknown:
        detail = _("The program has no reward of this code.")
        raise Invalid(detail, errors=[FieldError("/reward", "unknown", detail)]) from unknown


def _made(made: Redeemed, at: datetime) -> Response:
    """201 for what was issued now, 202 for what is pending, 200 for what was there."""
    answer = _shown(made.row, at)
    answer.status_code = 200 if not made.is_new else 202 if made.row.state == Redemption.State.PENDING else 201
    return answer


def _shown(row: Redemption, at: datetime) -> Response:
    return Response(_documents([row], at)[0])


def _documents(rows: Sequence[Redemption], at: datetime) -> list[dict[str, object]]:
    return [redemption_document(one) for one in with_vouchers(rows, at=at)]


def redemption_document(one: ShownRedemption) -> dict[str, object]:
    """A redemption with its vouchers as JSON; of an erased member without whose it was, and without codes."""
    row, erased = one.row, one.row.member.status == Member.Status.ERASED
    return {
        "id": str(row.uuid),
        "reference": row.reference or None,
        "member": None if erased else row.member.external_id,
        "reward": row.reward.code,
        "name": row.reward.name,
        "quantity": row.quantity,
        "points": row.points,
        "state": row.state,
        "waits_for": row.waits_for or None,
        "denomination": None if row.value_minor is None else to_text(row.value_minor, row.currency),
        "currency": row.currency or None,
        "at": show_moment(row.at),
        "cancelled_at": row.cancelled_at and show_moment(row.cancelled_at),
        "vouchers": [_hidden(each) if erased else voucher_document(each) for each in one.vouchers],
    }


def _hidden(voucher: HeldVoucher) -> dict[str, object]:
    return {**voucher_document(replace(voucher, pin="")), "code": None}
