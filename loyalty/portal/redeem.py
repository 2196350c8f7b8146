"""Redeeming a reward: everything once more on one page, then it counts, once."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.models import User
from core.refusals import Refusal
from loyalty.display import formats
from loyalty.display.hurdles import hurdle_words
from loyalty.portal.once import is_name, name_for
from loyalty.portal.reward import RewardBase
from members.models import Tier
from rewards.models import Redemption
from rewards.rules.availability import Reason
from rewards.selectors.receipts import receipt_under
from rewards.services.redemptions import redeem_reward
from rewards.services.refusing import PriceChanged

MOST_DIGITS = 18  # of a bigint


@method_decorator(never_cache, name="dispatch")
class RedeemPage(RewardBase):
    """The question before it counts, and for which price. What cannot be had is said on the reward's own page."""

    template_name = "portal/redemptions/confirm.html"

    @cached_property
    def client(self) -> str:
        """Whose references they are."""
        return f"portal:{self.member.uuid}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask; what was redeemed already without an answer that arrived is shown instead."""
        if self.basket is None or self.tile.reasons:
            return redirect("portal:reward", program=self.program.code, code=self.reward.code)
        self.name, given_before = name_for(request, self._what())
        done = receipt_under(client=self.client, reference=self.name) if given_before else None
        if done:
            messages.info(request, _("This has gone through already. Nothing was redeemed twice."))
            return self._to_receipt(done)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Redeem for the price that was shown, or say why not; the same form again finds what it did the first time."""
        self.name = request.POST.get("name", "")
        if not is_name(self.name) or not isinstance(request.user, User):
            return redirect("portal:reward", program=self.program.code, code=self.reward.code)
        try:
            done = redeem_reward(
                program=self.program,
                member=self.member,
                reward=self.reward,
                quantity=_number(request.POST.get("quantity", "")),
                value=request.POST.get("value") or None,
                at=self.at,
                channel=Redemption.Channel.PORTAL,
                client=self.client,
                reference=self.name,
                asked_by=request.user,
                agreed=_number(request.POST.get("points", "")),
            ).row
        except Refusal as refusal:
            context = self.get_context_data(**self.kwargs, refused=self._words(refusal))
            return self.render_to_response(context, status=HTTPStatus.CONFLICT)
        return self._to_receipt(done)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The name of this form, besides."""
        return {**super().get_context_data(**kwargs), "name": self.name}

    def _what(self) -> str:
        basket = self.basket
        value = basket.value.amount if basket and basket.value else ""
        return f"redeem:{self.member.pk}:{self.reward.pk}:{value}:{basket.quantity if basket else 0}"

    def _words(self, refusal: Refusal) -> str:
        if isinstance(refusal, PriceChanged) and isinstance(refusal.about, int):
            return _("The price has changed to %(points)s %(unit)s.") % self._price(refusal.about)
        if not isinstance(refusal.about, Reason):
            return str(refusal.detail)
        tiers = {tier.code: tier.name for tier in Tier.objects.filter(program=self.program)}
        return hurdle_words(refusal.about, tiers=tiers)

    def _price(self, points: int) -> dict[str, str]:
        unit = formats.counted(points, self.program.points_name, self.program.points_forms)
        return {"points": formats.number(points), "unit": unit}

    def _to_receipt(self, done: Redemption) -> HttpResponse:
        return redirect("portal:redemption", program=self.program.code, redemption=done.uuid)


def _number(text: str) -> int:
    """A number out of a form; nonsense is zero, which nothing costs and nobody asks for."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
