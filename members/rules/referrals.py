"""What a program asks of a referral, and what guards make of what they see."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.rules.texts import typed_code

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # none that are mistaken for each other, and no words
LENGTH = 8  # 27^8: 282,000 million codes
LONGEST = 40  # of what people may type as a code
CLAIM_DAYS = 30  # in which a referral may be told after joining, where the program names no days
MANY = 3  # so many other accounts on one device or instrument are a ring

type Word = Literal["hold", "reject", "allow"]
SELF, DEVICE, INSTRUMENT, PHONE, RING, VELOCITY = "self", "device", "instrument", "phone", "ring", "velocity"
GUARDS = (SELF, DEVICE, INSTRUMENT, PHONE, RING, VELOCITY)  # the first of the worst is the reason


@dataclass(frozen=True, slots=True)
class ReferralRules:
    """The ``referral`` section of a program: what qualifies, and what guards do. ``min_amount``: texts by currency."""

    kyc: bool
    event: str | None
    min_amount: Mapping[str, str]
    within_days: int | None
    max_per_day: int | None
    cooling_hours: int
    words: Mapping[str, Word]

    @property
    def claim_days(self) -> int:
        """Within how many local days of enrolment a referral may be told."""
        return self.within_days or CLAIM_DAYS


def referral_rules_of(section: Mapping[str, Any]) -> ReferralRules:
    """The section as it is stored; a guard that is not named holds, the same person is always refused."""
    qualifies, guard = section["qualifies"], section.get("guard", {})
    words = {name: guard.get(f"same_{name}", "hold") for name in (DEVICE, INSTRUMENT, PHONE)}
    return ReferralRules(
        kyc=qualifies.get("kyc", False),
        event=qualifies.get("event"),
        min_amount=qualifies.get("min_amount", {}),
        within_days=qualifies.get("within_days"),
        max_per_day=guard.get("max_per_day"),
        cooling_hours=guard.get("cooling_hours", 0),
        words={**words, SELF: "reject", RING: guard.get("ring", "hold"), VELOCITY: guard.get("velocity", "hold")},
    )


def new_code() -> str:
    """A code that nobody can guess and everybody can read out."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def normal_code(text: str) -> str:
    """A code however people type it: with small letters, spaces or dashes."""
    return typed_code(text).upper()


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a guard saw: with which members (uuids), since when, under which hash, or how many."""

    guard: str
    members: tuple[str, ...]
    at: datetime
    digest: str = ""
    count: int = 0

    def evidence(self) -> dict[str, object]:
        """As it is kept."""
        kept: dict[str, object] = {"guard": self.guard, "with": list(self.members), "at": self.at.isoformat()}
        if self.digest:
            kept["digest"] = self.digest
        if self.count:
            kept["count"] = self.count
        return kept


@dataclass(frozen=True, slots=True)
class Verdict:
    """What guards make of it: ``clear``, ``held`` or ``refused``, and for which guard."""

    verdict: str
    reason: str
    sightings: tuple[Sighting, ...]


def judge_sightings(rules: ReferralRules, sightings: Iterable[Sighting]) -> Verdict:
    """The worst word of any guard counts; what is allowed leaves no evidence."""
    seen = sorted(sightings, key=lambda one: GUARDS.index(one.guard))
    for word, verdict in (("reject", "refused"), ("hold", "held")):
        of_word = [one for one in seen if rules.words[one.guard] == word]
        if of_word:
            kept = tuple(one for one in seen if rules.words[one.guard] != "allow")
            return Verdict(verdict, of_word[0].guard, kept)
    return Verdict("clear", "", ())


def way_up(brought: Mapping[int, int], member_id: int) -> list[int]:
    """The member, who brought it, who brought that one, and so on; each once."""
    way = [member_id]
    while (above := brought.get(way[-1])) is not None and above not in way:
        way.append(above)
    return way
