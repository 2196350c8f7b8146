"""What an outcome says that a rule gave, cut and refused, in words for each of those who ask."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.selectors.explanations import ExplainedLine
from campaigns.selectors.names import Names
from loyalty.display import formats
from loyalty.display.effect_words import EffectWords, points
from loyalty.display.trace_words import SHORT, Audience, award_words, granted_words
from loyalty.display.value_words import listed

type Plain = Mapping[str, Any]
VALUED = {"points", "status_points", "multiply", "cashback"}  # kinds that have an amount; that of an entry is a score
UNSENT = "message"  # none is sent yet, and members miss nothing


@dataclass(frozen=True, slots=True)
class AwardWords:
    """Speaks of awards and refusals of outcomes to one reader, in a market with ``currency``."""

    names: Names
    audience: Audience
    currency: str

    def given(self, awards: Sequence[Plain], line: ExplainedLine) -> list[str]:
        """What a rule gave, with amounts as awarded; for auditors, what was posted."""
        if self.audience is Audience.AUDITOR:
            return _counted(granted_words(award, self.names) for award in awards)
        return _counted(self._given(award, line) for award in awards)

    def _given(self, award: Plain, line: ExplainedLine) -> str:
        given, how = award_words(award, self.names), self._how(award, line)
        return _("%(given)s (%(how)s)") % {"given": given, "how": how} if how else given

    def _how(self, award: Plain, line: ExplainedLine) -> str:
        """How the rule comes to the amount, where that is not the amount again."""
        alike = [value for kind, value in _written(award, line) if kind == award["kind"]]
        if len(alike) != 1 or award["kind"] not in VALUED or "fixed" in alike[0]:
            return ""
        kind = "points" if award["kind"] == "status_points" else award["kind"]
        return EffectWords(self.names, currency=self.currency).one(kind, {**alike[0], "status": False})

    def cut(self, text: str, awards: Sequence[Plain], line: ExplainedLine) -> str:
        """A text, and what limits left of awards."""
        for award in awards if _is_as_judged(awards, line) else ():
            if award["kind"] in VALUED and _worth(award) < Decimal(str(award["desired"])):
                text = _("%(text)s. A limit left %(granted)s of %(desired)s.") % {
                    "text": text.rstrip("."),
                    **_limited(award),
                }
        return text

    def refused(self, refused: Sequence[Plain]) -> list[str]:
        """What was not given, in a sentence for each reason."""
        return [
            _("Not given: %(what)s (%(reason)s)") % {"what": what, "reason": SHORT.get(reason, reason)}
            for reason, what in self._by_reason(refused).items()
        ]

    def withheld(self, refused: Sequence[Plain]) -> list[str]:
        """What was not given, where the reason is told already."""
        return [_("Not given: %(what)s") % {"what": what} for what in self._by_reason(refused).values()]

    def _by_reason(self, refused: Sequence[Plain]) -> dict[str, str]:
        return {
            reason: listed(_counted(award_words(one, self.names) for one in refused if one["reason"] == reason))
            for reason in reasons(refused)
        }

    def heard(self, refused: Sequence[Plain]) -> list[Plain]:
        """Those refusals of which the reader hears."""
        return [one for one in refused if self.audience is not Audience.MEMBER or one["kind"] != UNSENT]


def awards_of(line: ExplainedLine, answer: Plain) -> list[Plain]:
    """What a rule gave, as the outcome says; not what a correction took away again."""
    return [one for one in _of_rule(answer.get("effects", ()), line) if one["kind"] not in VALUED or _worth(one)]


def refusals_of(line: ExplainedLine, answer: Plain) -> list[Plain]:
    """What a rule meant to give and did not, as the outcome says."""
    return _of_rule(answer.get("refused", ()), line)


def reasons(refused: Iterable[Plain]) -> list[str]:
    """Why something was refused, each reason once."""
    return list(dict.fromkeys(one["reason"] for one in refused))


def next_effects(line: ExplainedLine, answer: Plain) -> Sequence[Plain]:
    """What a goal's next milestone gives; nothing after the last one."""
    goals = [one for one in _of_rule(answer.get("goals", ()), line) if one["target"] is not None]
    return _step(line.rule, goals[0]["target"]) if goals else ()


def figures(awards: Iterable[Plain]) -> str:
    """``+860``: what awards add up to, kind by kind."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for award in awards:
        if award["kind"] in VALUED:
            sums[award["kind"], award.get("currency", "")] += _worth(award)
    return " · ".join(
        f"+{formats.amount(total, currency)}" if currency else formats.signed(total)
        for (_kind, currency), total in sums.items()
    )


def _of_rule(parts: Sequence[Plain], line: ExplainedLine) -> list[Plain]:
    """Parts of an outcome that are a rule's."""
    code, rule = line.version.campaign.code, line.rule["code"]
    return [part for part in parts if (part["campaign"], part["rule"]) == (code, rule)]


def _worth(award: Plain) -> Decimal:
    return Decimal(str(award.get("amount") or 0))


def _is_as_judged(awards: Iterable[Plain], line: ExplainedLine) -> bool:
    """Whether no correction moved the awards since: then one below what was desired was cut by a limit."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for award in awards:
        unit = award.get("currency") or ("status" if award["kind"] == "status_points" else "points")
        sums[unit] += _worth(award) if award["kind"] in VALUED else 0
    return line.granted is not None and Decimal(str(line.granted)) in sums.values()


def _limited(award: Plain) -> dict[str, str]:
    granted, desired = award["amount"], award["desired"]
    if currency := award.get("currency"):
        return {"granted": formats.amount(granted, currency), "desired": formats.amount(desired, currency)}
    return {"granted": formats.number(granted), "desired": points(desired)}


def _written(award: Plain, line: ExplainedLine) -> Iterable[tuple[str, Any]]:
    """The effects among which the version has the one behind an award, by the kind that outcomes call them."""
    if award.get("version") != line.version.number:
        return
    effects = _step(line.rule, award["reach"]) if "reach" in award else line.rule.get("then") or ()
    for effect in effects:
        for kind, value in effect.items():
            yield ("status_points" if kind == "points" and value.get("status") else kind), value


def _step(rule: Plain, reach: int | str) -> Sequence[Plain]:
    """What a milestone gives; of sums, its reach is an amount as text."""
    steps = rule.get("milestones") or ()
    return next((one["then"] for one in steps if Decimal(str(one["reach"])) == Decimal(str(reach))), ())


def _counted(texts: Iterable[str]) -> list[str]:
    """Each text once, and how often: a lap after the other gives the same."""
    return [_often(text, times) if times > 1 else text for text, times in Counter(texts).items()]


def _often(text: str, times: int) -> str:
    often = ngettext("%(number)s time", "%(number)s times", times) % {"number": formats.number(times)}
    return _("%(given)s (%(how)s)") % {"given": text, "how": often}
