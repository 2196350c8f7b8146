"""Accepting the terms of a program."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from members.models import AcceptedTerms, Member


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody accepted the terms with this id, as they were shown in a language."""

    terms: int
    language: str

    @classmethod
    def of(cls, kept: Mapping[str, int | str] | None) -> Self | None:
        """As it was kept while somebody proved an address."""
        return cls(int(kept["terms"]), str(kept["language"])) if kept else None

    def keep(self) -> dict[str, int | str]:
        """As it can be kept."""
        return asdict(self)


def accept_terms(*, member: Member, accepted: Acceptance, at: datetime) -> None:
    """Note that the member accepted a version of the terms; the first time counts."""
    AcceptedTerms.objects.get_or_create(
        member=member, terms_id=accepted.terms, defaults={"language": accepted.language, "at": at}
    )
