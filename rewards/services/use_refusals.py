"""Why an outlet cannot take a voucher, for the person at the till and for the till."""

from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid, NotAvailable, NotFound, VoucherExpired, VoucherUsed
from core.rules.moments import show_moment
from core.rules.money import to_text
from dealers.models import Outlet
from rewards.models import Voucher

DAY_FIRST = {"en": "en_GB"}  # as everywhere on screens


class UnknownCode(NotFound):
    """Nobody has such a code in this program, or a token was forged: a miss."""


class TakenOut(NotAvailable):
    """The voucher is void."""

    more = MappingProxyType({"because": "void"})


class OtherMarket(NotAvailable):
    """The reward is not had in the outlet's market."""

    more = MappingProxyType({"because": "market"})


class OtherOutlet(NotAvailable):
    """The reward names the outlets that take its vouchers, and this is none of them."""

    more = MappingProxyType({"because": "outlet"})


def used_before(voucher: Voucher, *, at: datetime | None, outlet: Outlet | None, zone: ZoneInfo) -> VoucherUsed:
    """That the voucher was used: when, in a zone, and where, if that is known."""
    said = {
        "when": at and format_datetime(at, "medium", tzinfo=zone, locale=_locale()),
        "outlet": outlet and outlet.name,
    }
    text = _("It was used on %(when)s at %(outlet)s.") if outlet else _("It was used on %(when)s.")
    refusal = VoucherUsed(text % said)
    refusal.more = {"used": {"at": at and show_moment(at), "outlet": outlet and outlet.code}, **left_of(voucher)}
    return refusal


def expired(voucher: Voucher) -> VoucherExpired:
    """That its last good day is over."""
    day = voucher.expires_on
    refusal = VoucherExpired(
        _("It was good until %(day)s.") % {"day": day and format_date(day, "medium", locale=_locale())}
    )
    refusal.more = {"expires_on": day and day.isoformat()}
    return refusal


def too_much(voucher: Voucher) -> Invalid:
    """That less is left on the voucher than is asked for."""
    left = left_of(voucher)
    detail = _("%(currency)s %(left)s is left on it: ask for that or less.") % left
    refusal = Invalid(errors=[FieldError("/amount", "invalid", detail)])
    refusal.more = left
    return refusal


def wrong_currency(voucher: Voucher) -> Invalid:
    """That the voucher's value is in another currency than the amount."""
    detail = _("Its value is in %(currency)s: send an amount in that, and the currency.")
    said = detail % {"currency": voucher.currency}
    return Invalid(errors=[FieldError("/currency", "wrong-currency", said)])


def left_of(voucher: Voucher) -> dict[str, object]:
    """What is left of a stored value, as JSON; nothing for other vouchers."""
    if voucher.left_minor is None:
        return {}
    return {"left": to_text(voucher.left_minor, voucher.currency), "currency": voucher.currency}


def _locale() -> str:
    language = get_language() or "en"
    return DAY_FIRST.get(language, language)
