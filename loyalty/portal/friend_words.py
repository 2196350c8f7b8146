"""Friends who were brought, in plain words: how far each is, what is missing, and by when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.selectors.referrals import ReferralView
from ledger.models import POINTS
from loyalty.display import formats
from loyalty.display.fact_words import type_name
from loyalty.display.friends import initial
from loyalty.portal.overview import Overview
from members.rules.referrals import ReferralRules

MOODS: Mapping[str, str] = {"rewarded": "good", "qualified": "good", "held": "warn", "refused": "bad"}
SYMBOLS: Mapping[str, str] = {
    "joined": "user-plus",
    "verified": "user-check",
    "qualified": "check",
    "rewarded": "gift",
    "held": "hourglass",
    "refused": "user-x",
}


@dataclass(frozen=True, slots=True)
class FriendRow:
    """One friend: an initial, since when, how far, and what came of it."""

    name: str
    symbol: str
    mood: str
    state: str
    text: str
    joined_at: datetime
    earned: str


class FriendWords:
    """Speaks about friends to the member who brought them."""

    def __init__(self, rules: ReferralRules, overview: Overview) -> None:
        self.rules = rules
        self.overview = overview

    def asks(self) -> list[str]:
        """What a friend has to do."""
        steps = [_("joins with your link")]
        if self.rules.kyc:
            steps.append(_("verifies the identity"))
        if self.rules.event:
            steps.append(self._event())
        return steps

    def days(self) -> str:
        """Within how long."""
        days = self.rules.within_days
        if days is None:
            return ""
        return ngettext("within %(days)s day", "within %(days)s days", days) % {"days": formats.number(days)}

    def row(self, row: ReferralView) -> FriendRow:
        """One friend."""
        return FriendRow(
            name=initial(row.friend.name) or _("A friend"),
            symbol=SYMBOLS[row.state],
            mood="faint" if self._is_late(row) else MOODS.get(row.state, "brand"),
            state=STATES[row.state](),
            text=_("The time for it is over") if self._is_late(row) else TEXTS[row.state](self, row),
            joined_at=row.joined_at,
            earned=_earned(row),
        )

    def missing(self, row: ReferralView) -> str:
        """What the friend has yet to do, and by when."""
        if row.due_at:
            return _("All done. It counts on %(day)s") % {"day": formats.day(row.due_at)}
        steps = self.asks()[1:]
        todo = steps[1:] if self.rules.kyc and row.verified_at else steps
        until = self._last(row)
        words = {"todo": _(", ").join(todo), "day": formats.day(until) if until else ""}
        return _("Still to come by %(day)s: %(todo)s") % words if until else _("Still to come: %(todo)s") % words

    def _event(self) -> str:
        name = type_name(self.rules.event or "", self.overview.names)
        least, currency = self.rules.min_amount, self.overview.member.market.currency
        if not least:
            return name
        known = currency if currency in least else next(iter(least))
        amount = formats.amount(least[known], known)
        return _("%(event)s of at least %(amount)s") % {"event": name, "amount": amount}

    def _last(self, row: ReferralView) -> date | None:
        days = self.rules.within_days
        return row.enrolled_on + timedelta(days=days) if days is not None else None

    def _is_late(self, row: ReferralView) -> bool:
        last = self._last(row)
        waits = row.state in {"joined", "verified"} and row.due_at is None
        return waits and last is not None and last < self.overview.today


def _earned(row: ReferralView) -> str:
    points = sum(effect["amount"] for effect in row.paid if effect["kind"] in {POINTS, "multiply"})
    money = [formats.amount(effect["amount"], effect["currency"]) for effect in row.paid if "currency" in effect]
    return _(", ").join([*([formats.signed(points)] if points else []), *(f"+{amount}" for amount in money)])


STATES: Mapping[str, Callable[[], str]] = {
    "joined": lambda: _("Joined"),
    "verified": lambda: _("Verified"),
    "qualified": lambda: _("Took part"),
    "rewarded": lambda: _("Rewarded"),
    "held": lambda: _("Being checked"),
    "refused": lambda: _("Does not count"),
}
TEXTS: Mapping[str, Callable[[FriendWords, ReferralView], str]] = {
    "joined": FriendWords.missing,
    "verified": FriendWords.missing,
    "qualified": lambda _words, _row: _("Your friend has done it all"),
    "rewarded": lambda _words, _row: _("Thank you for bringing a friend"),
    "held": lambda _words, _row: _("Our team looks at this invitation. You need not do anything"),
    "refused": lambda _words, _row: _("It does not meet the rules for inviting friends"),
}
