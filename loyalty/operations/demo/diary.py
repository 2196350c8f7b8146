"""Writing down the story of one person, day by day."""

from datetime import datetime, timedelta, timezone
from random import Random

from loyalty.operations.demo.stories import Enrolment, Goodwill, Happening, Redeemed, Sent, sent, taken_back

BETWEEN = timezone(timedelta(hours=6))


class Diary:
    """What happened to one member, in days before now."""

    def __init__(self, now: datetime, subject: str, name: str, email: str, language: str) -> None:
        """Begin an empty diary."""
        self.now, self.subject, self.name, self.email, self.language = now, subject, name, email, language
        self.pages: list[Happening] = []

    def ago(self, days: float) -> datetime:
        """A moment some days ago."""
        return self.now - timedelta(days=days)

    def joined(self, days: float, *, kyc: str = "verified", **request: object) -> None:
        """The member joined, and the identity was looked at soon after."""
        at, decided = self.ago(days), self.ago(days * 0.999)
        known = {"state": kyc} | ({"at": decided.isoformat()} if kyc != "none" else {})
        consents = {"marketing": True, "profiling": True}
        body: dict[str, object] = {"external_id": self.subject, "name": self.name, "email": self.email}
        body |= {"language": self.language, "enrolled_at": at.isoformat(), "kyc": known, "consents": consents}
        body["signals"] = {"device": self.subject}
        self.pages.append(Enrolment(decided, body | request))

    def did(self, type_: str, days: float, **data: object) -> Sent:
        """Something happened, at some hour of that day."""
        return self.did_just_then(type_, self._by_day(days), **data)

    def did_just_then(self, type_: str, at: datetime, **data: object) -> Sent:
        """Something happened at a moment that matters."""
        told = sent(type_, f"{self.subject}-{len(self.pages)}", self.subject, at, **data)
        self.pages.append(told)
        return told

    def _by_day(self, days: float) -> datetime:
        """An hour of the day at which people between Riyadh and Singapore are up."""
        chance = Random(f"{self.subject} {len(self.pages)}")
        noon = self.ago(days).astimezone(BETWEEN).replace(hour=chance.randrange(9, 20), minute=chance.randrange(60))
        return min(noon, self.ago(days / 2))

    def took_back(self, of: Sent, days: float, amount: str | None = None) -> None:
        """And was taken back, whole or in part."""
        self.pages.append(taken_back(of, self.ago(days), amount))

    def given(self, points: int, days: float, because: str) -> None:
        """Support gave points, or took some."""
        self.pages.append(Goodwill(self.ago(days), self.subject, points, because))

    def redeemed(self, days: float, share: float, then: str = "") -> None:
        """Points were redeemed for something that could be had."""
        self.pages.append(Redeemed(self.ago(days), self.subject, share, then))
