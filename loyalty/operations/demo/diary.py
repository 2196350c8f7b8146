"""Writing down the story of one person, day by day."""

from datetime import datetime, timedelta

from loyalty.operations.demo.stories import Enrolment, Goodwill, Happening, Sent, sent, taken_back


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
        body = {"external_id": self.subject, "name": self.name, "email": self.email, "language": self.language}
        body |= {"enrolled_at": at.isoformat(), "kyc": known, "consents": consents}
        self.pages.append(Enrolment(decided, body | request))

    def did(self, type_: str, days: float, **data: object) -> Sent:
        """Something happened."""
        told = sent(type_, f"{self.subject}-{len(self.pages)}", self.subject, self.ago(days), **data)
        self.pages.append(told)
        return told

    def took_back(self, of: Sent, days: float, amount: str | None = None) -> None:
        """And was taken back, whole or in part."""
        self.pages.append(taken_back(of, self.ago(days), amount))

    def given(self, points: int, days: float, because: str) -> None:
        """Support gave points, or took some."""
        self.pages.append(Goodwill(self.ago(days), self.subject, points, because))
