"""What a delivery says: the reward, how to get at it, and codes of partners; codes of ours stay in the portal."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from loyalty.display import formats
from loyalty.identity.letters import INK, sender
from rewards.models import Redemption, SupplierOrder, Voucher
from rewards.models.categories import Stock

OF_PARTNERS = (Stock.CODES, Stock.SUPPLIER)


def redeemed_letter(redemption: Redemption, address: str) -> EmailMultiAlternatives:
    """The mail, as text and as HTML, in the member's language."""
    program = redemption.member.program
    with translation.override(redemption.member.language):
        vouchers = list(redemption.vouchers.filter(state=Voucher.State.READY).order_by("pk"))
        shown = {
            "title": gettext("Your reward: %(reward)s") % {"reward": redemption.reward.name},
            "before": _before(redemption),
            "codes": _codes(redemption, vouchers),
            "after": _after(redemption, vouchers),
            "link": page_of(redemption),
            "link_text": gettext("Open my vouchers") if vouchers else gettext("Open my activity"),
            "name": program.name,
            "ink": program.brand.get("primary", INK),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        text = render_to_string("account/letter.txt", shown)
        subject = " ".join(shown["title"].split())  # names may have lines, headers may not
        mail = EmailMultiAlternatives(subject, text, sender(program), [address])
        mail.attach_alternative(render_to_string("account/letter.html", shown), "text/html")
    return mail


def redeemed_text(redemption: Redemption) -> str:
    """The SMS: no code, which anybody may read over a shoulder."""
    with translation.override(redemption.member.language):
        words = dict(zip(("reward", "link"), redeemed_texts(redemption), strict=True))
        return gettext("Your reward: %(reward)s. It is here: %(link)s") % words


def redeemed_texts(redemption: Redemption) -> tuple[str, str]:
    """What fills the places of the WhatsApp template, where lines and gaps are refused: the reward, and where it is."""
    with translation.override(redemption.member.language):
        return " ".join(redemption.reward.name.split()), page_of(redemption)


def page_of(redemption: Redemption) -> str:
    """The page of the portal where it is found."""
    name = "portal:vouchers" if redemption.vouchers.exists() else "portal:activity"
    return f"{settings.PUBLIC_URL}{reverse(name, kwargs={'program': redemption.member.program.code})}"


def _before(redemption: Redemption) -> str:
    words = {"reward": redemption.reward.name, "count": formats.number(redemption.quantity)}
    text = ngettext("You redeemed %(reward)s.", "You redeemed %(count)s × %(reward)s.", redemption.quantity)
    return text % words


def _codes(redemption: Redemption, vouchers: list[Voucher]) -> list[str]:
    """Codes of partners, each followed by its PIN where it has one."""
    if redemption.reward.stock not in OF_PARTNERS:
        return []
    pairs = ((one.code, one.pin and gettext("PIN: %(pin)s") % {"pin": one.pin}) for one in vouchers)
    return [text for pair in pairs for text in pair if text]


def _after(redemption: Redemption, vouchers: list[Voucher]) -> list[str]:
    order = getattr(redemption, "order", None)
    said = []
    if vouchers and redemption.reward.stock not in OF_PARTNERS:
        said.append(gettext("Show the QR code of the voucher where you use it."))
    ends = {one.expires_on for one in vouchers}
    if first := min((day for day in ends if day), default=None):
        first_of_many = gettext("The first that runs out is good through %(day)s.")
        text = gettext("It is good through %(day)s.") if len(ends) == 1 else first_of_many
        said.append(text % {"day": formats.day(first)})
    if isinstance(order, SupplierOrder) and order.number and not redemption.vouchers.exists():
        said.append(gettext("It was credited to your number. Receipt: %(number)s") % {"number": order.number})
    program = {"program": redemption.member.program.name}
    return [*said, gettext("You get this mail because you redeemed a reward of %(program)s.") % program]
