"""Receipts: what a member redeemed, what came of it, having it sent again, and taking it back."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.models import User
from core.refusals import Refusal
from loyalty.display.notices import repaid_words
from loyalty.operations.deliveries import Addresses, resend
from loyalty.portal.base import MemberPage
from loyalty.portal.once import forget_name
from loyalty.portal.overview import Overview
from loyalty.portal.slips import slip
from loyalty.portal.vouchers import Ticket, ticket
from rewards.models import Delivery, Redemption
from rewards.selectors.receipts import find_receipt
from rewards.selectors.redemptions import redemptions_page
from rewards.selectors.supply import was_delivered
from rewards.selectors.vouchers import READY, VOID, vouchers_of
from rewards.services.redemptions import cancel_redemption, is_good_elsewhere

PAGE = 30
MOST_DIGITS = 19  # of a bigint
LOOKS_AGAIN = 4  # seconds, while somebody else has to act
WaitsFor = Redemption.WaitsFor


class RedemptionsPage(MemberPage):
    """All receipts, the latest first."""

    template_name = "portal/redemptions/page.html"
    section = "vouchers"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of them, and where the next one begins."""
        asked = self.request.GET.get("before", "")
        before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < MOST_DIGITS else None
        rows = redemptions_page(member=self.member, limit=PAGE + 1, before=before)
        return {
            **super().get_context_data(**kwargs),
            "slips": [slip(row) for row in rows[:PAGE]],
            "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
            "continued": before is not None,
        }


@method_decorator(never_cache, name="dispatch")
class RedemptionPage(MemberPage):
    """A receipt: what, when, for how much, the vouchers or what they wait for; and the way to take it back."""

    template_name = "portal/redemptions/receipt.html"
    section = "vouchers"

    def get_template_names(self) -> list[str]:
        """What may have changed alone for htmx."""
        partial = getattr(self.request, "htmx", False)
        return ["portal/redemptions/standing.html" if partial else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The receipt; that it was seen is noted."""
        row = self._row()
        forget_name(self.request, row.reference)
        overview = Overview(self.program, self.member, self.at)
        tickets = [ticket(one, overview.today) for one in vouchers_of([row], at=self.at)]
        return {
            **super().get_context_data(**kwargs),
            "slip": slip(row),
            "tickets": tickets,
            "holdings": overview.holdings,
            "can_cancel": can_cancel(row, tickets),
            "channels": channels_for(row),
            "again": LOOKS_AGAIN,
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Take it back (``action=cancel``), if nothing of it was used, or have it sent again by ``channel``.

        What names neither, or both, is answered with the page once more and changes nothing.
        """
        row, asked = self._row(), {name: request.POST[name] for name in ("action", "channel") if name in request.POST}
        by = request.user if isinstance(request.user, User) else None
        try:
            match asked:
                case {"action": "cancel", **others} if not others:
                    gone = cancel_redemption(
                        redemption=row, at=self.at, because=Redemption.Because.ASKED, by=by, by_member=True
                    )
                    done = _cancelled(gone)
                case {"channel": channel, **others} if not others:
                    resend(redemption=row, channel=channel, at=self.at)
                    done = _("It goes out within seconds.")
                case _:
                    return self.render_to_response(self.get_context_data(), status=HTTPStatus.BAD_REQUEST)
        except Refusal as refusal:
            messages.error(request, str(refusal.detail))
        else:
            messages.success(request, done)
        return redirect("portal:redemption", program=self.program.code, redemption=row.uuid)

    def _row(self) -> Redemption:
        row = find_receipt(member=self.member, uuid=self.kwargs["redemption"])
        if row is None:
            raise Http404
        row.member = self.member
        return row


def _cancelled(row: Redemption) -> str:
    said = _("Cancelled. Your points are back, with their old dates.")
    return f"{said} {repaid_words(row.repaid)}" if row.repaid else said


def channels_for(row: Redemption) -> list[tuple[str, str]]:
    """How it can be sent to the member again, with the words for it."""
    if row.state != Redemption.State.ISSUED:
        return []
    return [(name, str(Delivery.Channel(name).label)) for name in Addresses.of(row.member).channels()]


def can_cancel(row: Redemption, tickets: list[Ticket]) -> bool:
    """Whether taking it back would be carried out: nothing of it was used or has expired, nobody delivers it now.

    What an outlet took out of use unused is given back too.
    """
    if row.state == Redemption.State.PENDING:
        return row.waits_for == WaitsFor.APPROVAL
    if is_good_elsewhere(row):
        return False
    untouched = all(one.state in {READY, VOID} and not one.begun for one in tickets)
    return row.state == Redemption.State.ISSUED and bool(tickets) and untouched and not was_delivered(row)
