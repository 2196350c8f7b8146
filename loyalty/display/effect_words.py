"""What rules give, in words: ``1 point for each SGD 1.00``."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.selectors.names import Names
from loyalty.display import formats

type Plain = Mapping[str, Any]
type Written = Any  # what stands behind an effect's key


def points(number: int) -> str:
    """1 point, 2 points."""
    return ngettext("%(count)s point", "%(count)s points", number) % {"count": formats.number(number)}


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
            "badge": self._badge,
            "reward": lambda _value: _("a reward"),
            "tier": self._tier,
            "entry": lambda _value: _("a place in the contest"),
        }

    def _points(self, value: Plain) -> str:
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
        share = formats.percent(Decimal(str(percent)) / 100)
        most = value.get("max", {}).get(self.currency)
        if not most:
            return _("%(share)s cashback") % {"share": share}
        shown = formats.amount(most, self.currency)
        return _("%(share)s cashback, at most %(amount)s") % {"share": share, "amount": shown}

    def _badge(self, value: Written) -> str:
        code = value if isinstance(value, str) else value["code"]
        badge = self.names.badges.get(code)
        return _("the badge “%(badge)s”") % {"badge": badge.name if badge else code}

    def _tier(self, value: Plain) -> str:
        return _("the tier %(tier)s") % {"tier": self.names.tiers.get(value["to"], value["to"])}
