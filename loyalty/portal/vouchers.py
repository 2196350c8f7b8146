"""Vouchers: those that can be used, with their codes, those that were, and what expires when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache

from campaigns.selectors.holdings import Holdings
from loyalty.display.qr import qr_code
from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from loyalty.portal.slips import Slip, slip
from rewards.rules.categories import category_of
from rewards.rules.codes import in_fours
from rewards.selectors.outlets import where_valid
from rewards.selectors.receipts import waiting_receipts
from rewards.selectors.vouchers import EXPIRED, READY, USED, HeldVoucher, held_voucher, past_vouchers, ready_vouchers
from rewards.services.tokens import voucher_token

PAGE, MOST = 30, 600  # of a list, of the calendar
MOST_DIGITS = 6
CALENDAR = 24  # days on which something expires
SOON_DAYS = 7
LOOKS_AGAIN = 5  # seconds, while a code is shown
OUTLETS = 3  # that are named beside the code, which has to fit a phone
STEP = 30  # seconds that a picture lasts at most


class Tab(StrEnum):
    """Which vouchers are shown."""

    READY = "ready"
    USED = "used"
    EXPIRED = "expired"
    CALENDAR = "calendar"


TABS = {
    Tab.READY: gettext_lazy("Ready"),
    Tab.USED: pgettext_lazy("voucher", "Used"),
    Tab.EXPIRED: gettext_lazy("Expired"),
    Tab.CALENDAR: gettext_lazy("Calendar"),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A voucher as a member sees it; ``soon``: its last good day is near. ``value`` and ``left`` of stored value.

    ``code`` in the pieces that it is read by, ``pin`` empty if it has none.
    """

    id: str
    name: str
    brand: str
    text: str
    code: Sequence[str]
    pin: str
    symbol: str
    state: str
    voucher: HeldVoucher
    soon: bool
    value: int | None
    left: int | None
    currency: str

    @property
    def begun(self) -> bool:
        """Part of its value is spent."""
        return self.value != self.left


def ticket(held: HeldVoucher, today: date) -> Ticket:
    """A voucher as a ticket."""
    reward, until, row = held.reward, held.expires_on, held.row
    return Ticket(
        id=str(row.uuid),
        name=reward.name,
        brand=reward.brand,
        text=reward.terms or reward.text,
        code=in_fours(held.code),
        pin=held.pin,
        symbol=category_of(reward.category).icon,
        state=held.state,
        voucher=held,
        soon=until is not None and (until - today).days <= SOON_DAYS,
        value=row.value_minor,
        left=row.left_minor,
        currency=row.currency,
    )


@dataclass(frozen=True, slots=True)
class Expiry:
    """Points or vouchers that are good through a day for the last time; ``number`` of them, named if vouchers."""

    on: date
    number: int
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Month:
    """What expires in a month, day by day; ``of`` is its first day."""

    of: date
    items: Sequence[Expiry]


def expiry_calendar(held: Sequence[HeldVoucher], holdings: Holdings) -> list[Month]:
    """What expires when: vouchers of a kind together, and points; the first days only."""
    named = [(one.expires_on, one.reward) for one in held if one.expires_on]
    vouchers = [
        Expiry(on, len(list(same)), reward.name, category_of(reward.category).icon)
        for (on, reward), same in groupby(sorted(named, key=lambda pair: (pair[0], pair[1].pk)))
    ]
    points = [Expiry(on, number, "", "coins") for on, number in holdings.points.expiring]
    items = sorted([*vouchers, *points], key=lambda one: (one.on, one.name))
    last = sorted({one.on for one in items})[:CALENDAR]
    shown = [one for one in items if one.on <= last[-1]] if last else []
    return [Month(first, list(rows)) for first, rows in groupby(shown, lambda one: one.on.replace(day=1))]


class VouchersPage(MemberPage):
    """My vouchers; ``?show=`` picks which."""

    template_name = "portal/vouchers/page.html"
    section = "vouchers"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ready ones, the first to expire first; used and expired ones, the latest first; a page of them."""
        overview = Overview(self.program, self.member, self.at)
        asked = self.request.GET.get("show", "")
        shown = Tab(asked) if asked in set(Tab) else Tab.READY
        skip, calendar = self._skip(), shown is Tab.CALENDAR
        held = self._held(shown, skip)
        if skip and not held:
            skip, held = 0, self._held(shown, 0)
        return {
            **super().get_context_data(**kwargs),
            "shown": shown.value,
            "tabs": [(tab.value, text) for tab, text in TABS.items()],
            "waiting": self._waiting() if shown is Tab.READY and not skip else [],
            "tickets": [] if calendar else [ticket(one, overview.today) for one in held[:PAGE]],
            "more": skip + PAGE if len(held) > PAGE and not calendar else 0,
            "months": expiry_calendar(held, overview.holdings) if calendar else [],
        }

    def _held(self, shown: Tab, skip: int) -> list[HeldVoucher]:
        if shown is Tab.CALENDAR:
            return ready_vouchers(member=self.member, at=self.at, limit=MOST)
        if shown is Tab.READY:
            return ready_vouchers(member=self.member, at=self.at, limit=PAGE + 1, skip=skip)
        state = USED if shown is Tab.USED else EXPIRED
        return past_vouchers(member=self.member, at=self.at, limit=PAGE + 1, state=state, skip=skip)

    def _waiting(self) -> list[Slip]:
        return [slip(row) for row in waiting_receipts(member=self.member, limit=PAGE)]

    def _skip(self) -> int:
        asked = self.request.GET.get("after", "")
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < MOST_DIGITS else 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a phone shows at a till, and for how many seconds more; None = it stays as it is."""

    svg: SafeString
    seconds: int | None


def picture_of(held: HeldVoucher, at: datetime) -> Picture:
    """The QR code of a voucher at a moment."""
    shown = voucher_token(held.row, at)
    return Picture(qr_code(shown.text), shown.seconds_left)


@method_decorator(never_cache, name="dispatch")
class VoucherPage(MemberPage):
    """A voucher as it is shown at a till: the QR code fills the screen, and says when somebody has used it."""

    template_name = "portal/vouchers/voucher.html"
    section = "vouchers"

    def get_template_names(self) -> list[str]:
        """What has changed alone for htmx."""
        partial = getattr(self.request, "htmx", False)
        return ["portal/vouchers/code.html" if partial else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The voucher with its code, as long as it can be used."""
        held = held_voucher(member=self.member, uuid=self._uuid(), at=self.at)
        if held is None:
            raise Http404
        overview = Overview(self.program, self.member, self.at)
        is_ready = held.state == READY
        return {
            **super().get_context_data(**kwargs),
            "ticket": ticket(held, overview.today),
            "where": where_valid(reward=held.reward, market=self.member.market, most=OUTLETS) if is_ready else None,
            "picture": picture_of(held, self.at) if is_ready else None,
            "again": LOOKS_AGAIN,
            "step": STEP,
        }

    def _uuid(self) -> UUID:
        uuid: UUID = self.kwargs["voucher"]
        return uuid
