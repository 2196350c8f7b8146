"""Putting terms in force."""

from collections.abc import Mapping
from datetime import datetime

from core.models import Program, Terms


def put_terms(*, program: Program, text: Mapping[str, str | None], at: datetime) -> None:
    """Let these terms be in force, as a new version if they differ from those that are; without a text there are none.

    ``text`` holds the columns of ``Terms.text``, one a language; the program is locked by the caller.
    """
    languages = [column for column in text if column != "text"]
    if all((getattr(program.terms, column, None) or None) == (text[column] or None) for column in languages):
        return
    program.terms = _new_version(program, text, at) if any(text.values()) else None
    program.save(update_fields=["terms"])


def _new_version(program: Program, text: Mapping[str, str | None], at: datetime) -> Terms:
    last = program.versions_of_terms.order_by("-version").values_list("version", flat=True).first() or 0
    return Terms.objects.create(program=program, version=last + 1, since=at, **text)
