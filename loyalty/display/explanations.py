"""Why an event paid or did not, in sentences: for the member, or with everything for support.

Members are told what paid, and of the rest what helps them next time. They never read that they are held out, in
which groups they are, or how they are rated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Event
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from campaigns.selectors.explanations import ExplainedLine
from campaigns.selectors.names import Names
from core.models import Program
from loyalty.display import formats
from loyalty.display.condition_words import ConditionWords
from loyalty.display.effect_words import EffectWords, points
from loyalty.display.schedule_words import schedule_words
from loyalty.display.value_words import is_coded, listed
from members.models import Member

RECENTLY = timedelta(days=30)  # a member who comes a little late is told so
PRIVATE = frozenset({
    "member.segments", "member.churn_risk", "member.lifecycle", "member.value_band", "member.agent",
    "member.top_category", "member.status",
})  # fmt: skip
OPEN_AUDIENCE = frozenset({"member.kyc"})  # of audiences, members hear only what they can change


class Audience(StrEnum):
    """Who reads."""

    MEMBER = "member"
    SUPPORT = "support"


class Tone(StrEnum):
    """What a sentence tells: something was given, was not, or is to be known."""

    GIVEN = "given"
    WITHHELD = "withheld"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a figure beside it (``+860``), and for support the codes and values behind it."""

    tone: Tone
    text: str
    figure: str = ""
    detail: str = ""


REASONS: Mapping[str, Promise] = {
    "not-live": gettext_lazy("%(campaign)s: not live at that time"),
    "other-market": gettext_lazy("%(campaign)s: runs in another country or region"),
    "outside-schedule": gettext_lazy("%(campaign)s: outside its schedule (%(schedule)s)"),
    "not-in-audience": gettext_lazy("%(campaign)s: the member is not in the audience. %(condition)s"),
    "held-out": gettext_lazy("%(campaign)s: the member is held out, to measure what the campaign changes"),
    "no-open-offer": gettext_lazy("%(campaign)s: the member has no open offer"),
    "condition": gettext_lazy("%(campaign)s: %(condition)s"),
    "goal-progress": gettext_lazy("%(campaign)s: counted toward the goal"),
    "limit": gettext_lazy("%(campaign)s: all that it gives has been received already"),
    "outbid": gettext_lazy("%(campaign)s: a better offer counted instead"),
    "budget": gettext_lazy("%(campaign)s: its budget is used up"),
    "not-available": gettext_lazy("%(campaign)s: what it gives is not available"),
}
TOLD = {"condition", "outside-schedule", "limit", "outbid", "budget", "goal-progress"}  # to members, as they are


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains events of one member of one program to one reader."""

    program: Program
    member: Member
    names: Names
    audience: Audience

    def explain(self, event: Event, lines: Sequence[ExplainedLine]) -> list[Sentence]:
        """A sentence for each line that the reader should hear, what paid first."""
        answer = event.outcome.answer
        told = [sentence for line in lines if (sentence := self.sentence(event, answer, line)) is not None]
        return sorted(told, key=lambda sentence: sentence.tone is not Tone.GIVEN)

    def sentence(self, event: Event, answer: Mapping[str, Any], line: ExplainedLine) -> Sentence | None:
        """One line in words; None where a member should not hear it."""
        detail = self._detail(line) if self.audience is Audience.SUPPORT else ""
        if not line.reason:
            mine = self._effects(answer, line)
            figure = " · ".join(shown for effect in mine if (shown := _figure(effect)))
            tone = Tone.GIVEN if mine else Tone.WITHHELD
            return Sentence(tone, self._given(line), figure if mine else formats.number(0), detail)
        if self.audience is Audience.SUPPORT:
            return Sentence(Tone.WITHHELD, self._because(event, line), "", detail)
        return self._for_member(event, line)

    def _for_member(self, event: Event, line: ExplainedLine) -> Sentence | None:
        fact = line.failed.fact if line.failed else ""
        if line.reason == "not-live":
            return self._ended(event, line)
        if fact in PRIVATE or not (line.reason in TOLD or fact in OPEN_AUDIENCE):
            return None
        if line.reason == "not-in-audience":
            text = REASONS["condition"] % self._words(event, line)
            return Sentence(Tone.WITHHELD, text)
        if line.reason == "condition" and is_coded(fact):
            text = _("%(campaign)s: this was not of the kind that it pays for") % self._words(event, line)
            return Sentence(Tone.WITHHELD, text)
        if line.reason == "outside-schedule":
            return Sentence(Tone.WITHHELD, self._too_early_or_late(event, line))
        tone = Tone.NOTE if line.reason == "goal-progress" else Tone.WITHHELD
        return Sentence(tone, self._because(event, line))

    def _too_early_or_late(self, event: Event, line: ExplainedLine) -> str:
        local = event.time.astimezone(ZoneInfo(self.member.market.timezone))
        at = formats.weekday_and_time(local)
        return _("%(campaign)s: only %(schedule)s, and this was %(moment)s") % {
            **self._words(event, line),
            "moment": at,
        }

    def _ended(self, event: Event, line: ExplainedLine) -> Sentence | None:
        """A campaign that was over just before."""
        definition, zone = line.version.definition, ZoneInfo(self.member.market.timezone)
        ends = instant(moment(definition["ends"]), zone) if definition.get("ends") else None
        if ends is None or not ends <= event.time < ends + RECENTLY:
            return None
        words = {"campaign": self._campaign(line), "day": formats.day(ends)}
        return Sentence(Tone.WITHHELD, _("%(campaign)s: ended on %(day)s") % words)

    def _given(self, line: ExplainedLine) -> str:
        effects = EffectWords(self.names, currency=self.member.market.currency).all_of(_effects(line))
        words = {"campaign": self._campaign(line), "effects": listed(effects)}
        text = _("%(campaign)s: %(effects)s") % words if effects else words["campaign"]
        if isinstance(line.desired, int) and isinstance(line.granted, int) and line.granted < line.desired:
            limited = {"text": text, "granted": formats.number(line.granted), "desired": points(line.desired)}
            return _("%(text)s. A limit left %(granted)s of %(desired)s.") % limited
        return text

    def _because(self, event: Event, line: ExplainedLine) -> str:
        return str(REASONS[line.reason] % self._words(event, line)).strip()

    def _words(self, event: Event, line: ExplainedLine) -> Mapping[str, str]:
        conditions = ConditionWords(self.names, base=self.program.currency, currency=event.currency)
        return {
            "campaign": self._campaign(line),
            "condition": conditions.failed(line.failed) if line.failed else "",
            "schedule": schedule_words(line.version.definition.get("schedule") or {}),
        }

    def _campaign(self, line: ExplainedLine) -> str:
        known = self.names.campaigns.get(line.version.campaign_id)
        return known.name if known else line.version.campaign.name

    @staticmethod
    def _effects(answer: Mapping[str, Any], line: ExplainedLine) -> list[Mapping[str, Any]]:
        """What the rule gave, as the outcome says."""
        code, rule = line.version.campaign.code, line.rule["code"]
        return [e for e in answer.get("effects", ()) if (e["campaign"], e["rule"]) == (code, rule)]

    def _detail(self, line: ExplainedLine) -> str:
        """Codes and values, untranslated: what support looks up."""
        parts = [f"{line.version.campaign.code} v{line.version.number} / {line.rule['code']}", line.reason]
        if line.failed:
            failed = line.failed
            parts += [failed.path, f"{failed.fact} {failed.op} {failed.value!r}", f"{failed.actual!r}"]
        if line.desired is not None:
            parts.append(f"{line.granted} / {line.desired}")
        return " · ".join(part for part in parts if part)


def _effects(line: ExplainedLine) -> Sequence[Mapping[str, Any]]:
    milestones = [effect for step in line.rule.get("milestones") or () for effect in step["then"]]
    return [*(line.rule.get("then") or ()), *milestones]


def _figure(effect: Mapping[str, Any]) -> str:
    kind: str = effect["kind"]
    amount: Any = effect.get("amount")
    say: Callable[[Any], str] = formats.signed
    if kind == "cashback":
        return f"+{formats.amount(amount, effect['currency'])}"
    return say(amount) if kind in {"points", "multiply", "status_points"} and isinstance(amount, int) else ""
