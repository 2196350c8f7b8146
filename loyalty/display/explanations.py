"""Why an event paid or did not, in sentences: for the member, or with everything for support and auditors.

Members are told what paid, and of the rest what helps them next time. They never read that they are held out, in
which groups they are, or how they are rated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns.models import Event
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from campaigns.selectors.explanations import ExplainedLine
from campaigns.selectors.names import Names
from core.models import Program
from loyalty.display import formats
from loyalty.display.award_words import AwardWords, awards_of, figures, next_effects, reasons, refusals_of
from loyalty.display.condition_words import ConditionWords
from loyalty.display.effect_words import EffectWords
from loyalty.display.schedule_words import schedule_words
from loyalty.display.trace_words import REASONS, SHORT, Audience
from loyalty.display.value_words import is_coded, listed
from members.models import Member

RECENTLY = timedelta(days=30)  # a member who comes a little late is told so
PRIVATE = frozenset({
    "member.segments", "member.churn_risk", "member.lifecycle", "member.value_band", "member.agent",
    "member.top_category", "member.status",
})  # fmt: skip
OPEN_AUDIENCE = frozenset({"member.kyc"})  # of audiences, members hear only what they can change


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


TOLD = {"condition", "outside-schedule", "goal-progress"}  # to members, as they are; so is what was refused


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
        detail = "" if self.audience is Audience.MEMBER else self._detail(line)
        if awards := awards_of(line, answer):  # a correction may have given what the rule did not
            return Sentence(Tone.GIVEN, self._given(line, awards, answer), figures(awards), detail)
        if not line.reason:
            return Sentence(Tone.WITHHELD, self._nothing(line, answer), formats.number(0), detail)
        if line.reason in SHORT:
            return self._refused(event, line, answer, detail)
        if self.audience is not Audience.MEMBER:
            return Sentence(Tone.WITHHELD, self._because(event, line, answer), "", detail)
        return self._for_member(event, line, answer)

    def _for_member(self, event: Event, line: ExplainedLine, answer: Mapping[str, Any]) -> Sentence | None:
        fact = line.failed.fact if line.failed else ""
        if line.reason == "not-live":
            return self._ended(event, line)
        if fact in PRIVATE or not (line.reason in TOLD or fact in OPEN_AUDIENCE):
            return None
        if line.reason == "not-in-audience":
            text = REASONS[self.audience]["condition"] % self._words(event, line)
            return Sentence(Tone.WITHHELD, text)
        if line.reason == "condition" and is_coded(fact):
            text = _("%(campaign)s: this was not of the kind that it pays for") % self._words(event, line)
            return Sentence(Tone.WITHHELD, text)
        if line.reason == "outside-schedule":
            return Sentence(Tone.WITHHELD, self._too_early_or_late(event, line))
        tone = Tone.NOTE if line.reason == "goal-progress" else Tone.WITHHELD
        return Sentence(tone, self._because(event, line, answer))

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

    def _given(self, line: ExplainedLine, awards: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> str:
        """What a rule gave in this event; then what limits cut, and what was refused beside it."""
        text = self._told(line, self._awards.given(awards, line))
        return _sentences(self._awards.cut(text, awards, line), *self._awards.refused(self._heard(line, answer)))

    def _nothing(self, line: ExplainedLine, answer: Mapping[str, Any]) -> str:
        """A rule that found nothing to give: what it gives else, of a goal what comes next."""
        text = _("%(campaign)s: nothing this time") % {"campaign": self._campaign(line)}
        gives = "" if line.rule.get("goal") else self._effects(line.rule.get("then") or ())
        usual = [_("It gives %(effects)s") % {"effects": gives}] if gives else self._next(line, answer)
        return _sentences(text, *usual, *self._awards.refused(self._heard(line, answer)))

    def _refused(self, event: Event, line: ExplainedLine, answer: Mapping[str, Any], detail: str) -> Sentence | None:
        """All that a rule meant to give was refused: why, and what that was."""
        refused = self._heard(line, answer)
        if not refused and refusals_of(line, answer):
            return None
        if len(why := reasons(refused)) > 1:
            first, *others = self._awards.refused(refused)
            return Sentence(Tone.WITHHELD, _sentences(self._told(line, [first]), *others), "", detail)
        text = self._because(event, replace(line, reason=why[0]) if why else line, answer)
        return Sentence(Tone.WITHHELD, _sentences(text, *self._awards.withheld(refused)), "", detail)

    def _heard(self, line: ExplainedLine, answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return self._awards.heard(refusals_of(line, answer))

    @property
    def _awards(self) -> AwardWords:
        return AwardWords(self.names, self.audience, self.member.market.currency)

    def _told(self, line: ExplainedLine, effects: list[str]) -> str:
        return _("%(campaign)s: %(effects)s") % {"campaign": self._campaign(line), "effects": listed(effects)}

    def _effects(self, effects: Sequence[Mapping[str, Any]]) -> str:
        return listed(EffectWords(self.names, currency=self.member.market.currency).all_of(effects))

    def _next(self, line: ExplainedLine, answer: Mapping[str, Any]) -> list[str]:
        """What a goal gives at its next milestone."""
        effects = self._effects(next_effects(line, answer))
        return [_("The next step gives %(effects)s") % {"effects": effects}] if effects else []

    def _because(self, event: Event, line: ExplainedLine, answer: Mapping[str, Any]) -> str:
        text = str(REASONS[self.audience][line.reason] % self._words(event, line)).strip()
        return _sentences(text, *self._next(line, answer)) if line.reason == "goal-progress" else text

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

    def _detail(self, line: ExplainedLine) -> str:
        """Codes and values, untranslated: what support looks up."""
        parts = [f"{line.version.campaign.code} v{line.version.number} / {line.rule['code']}", line.reason]
        if line.failed:
            failed = line.failed
            parts += [failed.path, f"{failed.fact} {failed.op} {failed.value!r}", f"{failed.actual!r}"]
        if line.desired is not None:
            parts.append(f"{line.granted} / {line.desired}")
        return " · ".join(part for part in parts if part)


def _sentences(first: str, *others: str) -> str:
    """Sentences after each other; the last one ends as it does."""
    return ". ".join([first.rstrip("."), *others]) if others else first
