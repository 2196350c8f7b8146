"""What rules give, in words: ``1 point for each SGD 1.00``."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.selectors.names import Names
from loyalty.display import formats

type Plain = Mapping[str, Any]
type Written = Any  # what stands behind an effect's key
THINGS: Mapping[str, Promise] = {
    "reward": gettext_lazy("the reward “%(thing)s”"),
    "badge": gettext_lazy("the badge “%(thing)s”"),
    "tier": gettext_lazy("the tier %(thing)s"),
    "entry": gettext_lazy("an entry in the contest “%(thing)s”"),
    "message": gettext_lazy("the message “%(thing)s”"),
}


def points(number: int) -> str:
    """1 point, 2 points."""
    return ngettext("%(count)s point", "%(count)s points", number) % {"count": formats.number(number)}


def thing_name(kind: str, code: str, names: Names) -> str:
    """What people call a badge, tier, reward, board or message; its code where nobody named it."""
    if kind == "badge" and (badge := names.badges.get(code)):
        return badge.name
    named: Mapping[str, Mapping[str, str]] = {"tier": names.tiers, "reward": names.rewards, "entry": names.boards}
    return named.get(kind, {}).get(code, code)


class EffectWords:
    """Speaks about effects as definitions hold them, to members of a market with ``currency``."""

    def __init__(self, names: Names, *, currency: str) -> None:
        self.names = names
        self.currency = currency

    def all_of(self, effects: Iterable[Plain]) -> list[str]:
        """What each effect gives; those that a member does not receive as such say nothing."""
        return [words for effect in effects for kind, value in effect.items() if (words := self.one(kind, value))]

    def one(self, kind: str, value: Written) -> str:
        """What one effect gives."""
        say = self._known().get(kind)
        return say(value) if say else ""

    def _known(self) -> Mapping[str, Callable[[Any], str]]:
        return {
            "points": self._points,
            "multiply": self._multiply,
            "cashback": self._cashback,
            "badge": lambda value: self._thing("badge", value if isinstance(value, str) else value["code"]),
            "reward": lambda value: self._thing("reward", value),
            "tier": lambda value: self._thing("tier", value["to"]),
            "entry": lambda value: self._thing("entry", value["board"]),
            "message": lambda _value: _("a message"),
        }

    def _points(self, value: Plain) -> str:
        if value.get("status"):
            given = self._points({**value, "status": False})
            return _("%(points)s that count for the tier") % {"points": given}
        if value.get("fixed") is not None:
            return points(value["fixed"])
        rate = value["per_amount"]
        each = formats.amount(rate["every"], rate["currency"])
        return _("%(points)s for each %(amount)s") % {"points": points(rate["points"]), "amount": each}

    def _multiply(self, value: Plain) -> str:
        by = Decimal(str(value["by"])).normalize()
        return _("%(times)s times the points") % {"times": formats.number(by)}

    def _cashback(self, value: Plain) -> str:
        if (percent := value.get("percent")) is None:
            fixed = value.get("fixed", {}).get(self.currency)
            return _("%(amount)s cashback") % {"amount": formats.amount(fixed, self.currency)} if fixed else ""
        share = formats.percent(Decimal(str(percent)) / 100, places=2)
        most = value.get("max", {}).get(self.currency)
        if not most:
            return _("%(share)s cashback") % {"share": share}
        shown = formats.amount(most, self.currency)
        return _("%(share)s cashback, at most %(amount)s") % {"share": share, "amount": shown}

    def _thing(self, kind: str, code: str) -> str:
        return str(THINGS[kind]) % {"thing": thing_name(kind, code, self.names)}
