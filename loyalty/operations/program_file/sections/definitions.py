"""Sections that are kept as they were written: messages, journeys, referral."""

from collections.abc import Mapping, Sequence
from typing import Any, override

from core.models import Definition, Program
from loyalty.operations.program_file.sections.base import Item, Section, Writing, upsert


class DefinitionsSection(Section):
    """A section of coded entries."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]  # one class serves several sections

    def read(self, program: Program) -> Any:  # noqa: ANN401
        """As it was written."""
        rows = Definition.objects.filter(program=program, section=self.name, retired=False).order_by("code")
        return [row.definition for row in rows]

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """One statement."""
        columns = [
            {"section": self.name, "code": code, "definition": item, "retired": False} for code, item in items.items()
        ]
        rows = [Definition(program=to.program, **row) for row in columns]
        upsert(Definition, rows, columns, ("program", "section", "code"))

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """The rows stay, for those who look back."""
        Definition.objects.filter(program=to.program, section=self.name, code__in=codes).update(retired=True)


class ReferralSection(DefinitionsSection):
    """``referral``: one entry without a code."""

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """The section itself."""
        return {"": document["referral"]} if "referral" in document else {}

    def read(self, program: Program) -> Any:  # noqa: ANN401
        """The only one, if there is one."""
        return next(iter(super().read(program)), None)
