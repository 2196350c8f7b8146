"""The member card: a QR code that says at a counter who stands there."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from core.rules.tokens import STEP
from loyalty.display.qr import qr_code
from loyalty.portal.base import MemberPage
from members.services.cards import show_card


@method_decorator(never_cache, name="dispatch")
class CardPage(MemberPage):
    """The card fills the screen, and shows another code each half minute."""

    template_name = "portal/card/page.html"
    section = "home"
    http_method_names = ["get", "head"]

    def get_template_names(self) -> list[str]:
        """The card alone for htmx."""
        return ["portal/card/card.html" if getattr(self.request, "htmx", False) else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The code of this moment, and when the next one follows."""
        shown = show_card(member=self.member, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "picture": qr_code(shown.text),
            "seconds": shown.seconds_left,
            "step": STEP,
        }

    def unread(self) -> int:
        """Nothing else is on the screen."""
        return 0
