"""What holdouts show, in words, in the language that is spoken now."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.estimates import Estimate
from campaigns.rules.holdout import AMOUNT, DAYS, LEAST, Comparison
from campaigns.rules.ratio import observed
from core.rules.money import to_decimal
from loyalty.display import formats

VERDICTS = {
    "works": gettext_lazy("It works"),
    "harms": gettext_lazy("It harms"),
    "no-evidence": gettext_lazy("No evidence"),
    "too-early": gettext_lazy("Too early"),
    "blocked": gettext_lazy("Figures withheld"),
    "not-randomised": gettext_lazy("Not randomised"),
}
MEASURES = {
    "events": gettext_lazy("Purchases and visits"),
    "amount": gettext_lazy("Spending"),
}
PLACES = 3  # decimals of a mean number of events


def verdict_words(verdict: str) -> str:
    """A verdict or state."""
    return str(VERDICTS[verdict])


def measure_words(measure: str) -> str:
    """What is compared."""
    return str(MEASURES[measure])


def reason_words(found: Comparison) -> str:
    """Why there are no figures; empty where there are."""
    match found.state:
        case "not-randomised":
            return _("Nobody is held out: what members do may have any cause, so nothing is claimed.")
        case "blocked":
            shares = {name: _share(value) for name, value in observed(found.splits).items()}
            text = _(
                "%(observed)s of the members are held out where %(expected)s were promised. Chance alone does that in "
                "fewer than one of 1,000 cases: something is wrong with who was counted, so no figures are shown."
            )
            return text % shares
        case "too-early":
            text = ngettext(
                "Each side needs %(least)s members whose %(days)s day is over; now there are %(exposed)s and %(held)s.",
                "Each side needs %(least)s members whose %(days)s days are over; "
                "now there are %(exposed)s and %(held)s.",
                DAYS,
            )
            return text % {
                "least": formats.number(LEAST),
                "days": formats.number(DAYS),
                "exposed": formats.number(found.exposed.whole),
                "held": formats.number(found.held_out.whole),
            }
    return ""


def _share(percent: float | None) -> str:
    return formats.percent(percent / 100, places=2) if percent is not None else ""


def measured(value: float, measure: str, currency: str, *, sign: bool = False) -> str:
    """A mean of a measure: money in the base currency, or a number of events."""
    plus = "+" if sign and value > 0 else ""
    if measure == AMOUNT:
        return plus + formats.amount(to_decimal(round(value), currency), currency)
    return plus + formats.number(round(value, PLACES))


def interval_words(found: Estimate, measure: str, currency: str) -> str:
    """``+0.12 to +0.31``."""
    low, high = (measured(value, measure, currency, sign=True) for value in (found.low, found.high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
