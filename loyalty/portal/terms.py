"""The terms of a program, to be read by anybody."""

from dataclasses import dataclass
from typing import Any, Self

from django.http import Http404
from django.utils.translation import get_language

from loyalty.portal.base import ProgramPage
from members.selectors.terms import accepted_terms


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some lines; the first of several is a heading."""

    heading: str
    lines: str

    @classmethod
    def of(cls, text: str) -> Self:
        """As it was written."""
        first, _line, rest = text.strip().partition("\n")
        return cls(first, rest) if rest else cls("", first)


def paragraphs(text: str) -> list[Paragraph]:
    """The parts of a text between empty lines."""
    return [Paragraph.of(part) for part in text.split("\n\n") if part.strip()]


class TermsPage(ProgramPage):
    """The terms in force; a member also reads when these were accepted."""

    template_name = "portal/terms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """In the reader's language, or the first that they are written in."""
        terms = self.program.terms
        if terms is None:
            raise Http404
        language, text = terms.spoken(get_language() or "")
        accepted = accepted_terms(member=self.member).filter(terms=terms).first() if self.member else None
        return {
            **super().get_context_data(**kwargs),
            "frame": "portal/base.html" if self.member else "portal/door.html",
            "terms": terms,
            "written_in": language,
            "paragraphs": paragraphs(text),
            "accepted": accepted,
        }
