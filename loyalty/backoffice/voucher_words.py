"""What staff read of vouchers: never a whole code."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from loyalty.display.formats import amount, moment
from rewards.models import Voucher, VoucherUse, VoucherVoid
from rewards.rules.codes import masked
from rewards.rules.vouchers import shown_state

STATES: dict[str, Promise] = {
    "ready": gettext_lazy("Ready"),
    "used": pgettext_lazy("voucher", "Used"),
    "expired": gettext_lazy("Expired"),
    "void": gettext_lazy("Void"),
}


def value_words(voucher: Voucher) -> str:
    """What is left of a stored value."""
    if voucher.value_minor is None or voucher.left_minor is None:
        return "–"
    value, left = (amount(minor, voucher.currency) for minor in (voucher.value_minor, voucher.left_minor))
    return _("%(left)s of %(value)s") % {"left": left, "value": value}


def use_lines(voucher: Voucher) -> list[str]:
    """What outlets did, the latest first: taken, given back, taken out of use; when, where, how much, by whom."""
    voids = VoucherVoid.objects.filter(voucher=voucher).select_related("outlet", "user")
    uses = VoucherUse.objects.filter(voucher=voucher).select_related("outlet", "user").order_by("-id")
    return [" · ".join(parts) for parts in (*map(_parts, voids), *map(_parts, uses))]


def _parts(one: VoucherUse | VoucherVoid) -> Iterator[str]:
    yield moment(one.at)
    yield one.outlet.name
    if isinstance(one, VoucherVoid):
        yield _("Void")
    elif one.amount_minor is not None:
        yield amount(one.amount_minor, one.currency)
    if isinstance(one, VoucherUse) and one.undoes_id is not None:
        yield _("Undone")
    yield pgettext("code", "Scanned") if one.scanned else pgettext("code", "Typed")
    if by := one.client or (one.user and one.user.get_username()):
        yield by


def voucher_rows(rows: Iterable[Voucher], today: date) -> list[dict[str, Any]]:
    """Vouchers for a member's page."""
    return [
        {
            "row": row,
            "code": masked(row.code),
            "state": (state := shown_state(row.state, row.expires_on, today)),
            "state_name": STATES[state],
        }
        for row in rows
    ]
