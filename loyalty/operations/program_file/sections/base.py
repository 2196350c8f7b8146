"""What every section of a program file can do with the database."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from modeltranslation.utils import build_localized_fieldname

from core.models import Program
from loyalty.operations.program_file.planning import Changes
from loyalty.operations.program_file.values import LANGUAGES

type Item = dict[str, Any]
BATCH = 2000


@dataclass(slots=True)
class Writing:
    """One program while a file is applied: ids by code, read once a model and only after it was written.

    ``wanted``: all entries of the file, by section and code.
    """

    program: Program
    wanted: Mapping[str, Mapping[str, Item]]
    at: datetime
    _ids: dict[type[Model], dict[str, int]] = field(default_factory=dict)

    def id(self, model: type[Model], code: str | None) -> int | None:
        """The id of a row of the program, None for no code."""
        if code is None:
            return None
        if model not in self._ids:
            rows = model._default_manager.filter(program=self.program)
            self._ids[model] = dict(rows.values_list("code", "pk"))
        return self._ids[model][code]


class Section(ABC):
    """One section: how it is taken from a document, read from the database, written and retired."""

    name: ClassVar[str]

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """What can be created, changed and retired by itself, by code."""
        return {item["code"]: item for item in document.get(self.name, [])}

    @abstractmethod
    def read(self, program: Program) -> Any:  # noqa: ANN401 - a list or a mapping
        """The section as the database has it, to be brought to its canonical form."""

    def apply(self, to: Writing, changes: Changes) -> None:
        """Retire first: what goes may hold a place that something new takes."""
        if changes.retire:
            self.retire(to, changes.retire)
        if changes.written:
            self.write(to, changes.written)

    @abstractmethod
    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """Create or change these entries."""

    @abstractmethod
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """Take these entries out of use; what members earned with them stays."""


class Coded[M: Model](Section):
    """A section whose entries are rows with a program, a code, texts in six languages, and ``retired``."""

    model: type[M]
    texts: ClassVar[tuple[str, ...]] = ("name",)
    refers: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """The columns of an entry, besides program, code, texts and ``retired``."""

    @abstractmethod
    def item(self, row: M) -> Item:
        """The entry of a row, besides code and texts."""

    def rows(self, program: Program) -> QuerySet[M]:
        """The rows in use."""
        rows = self.model._default_manager.filter(program=program, retired=False).order_by("code")
        return rows.select_related(*self.refers) if self.refers else rows

    def read(self, program: Program) -> list[Item]:
        """Every row in use, by code."""
        return [self.whole(row, program) for row in self.rows(program)]

    def whole(self, row: M, program: Program) -> Item:
        """The complete entry of a row."""
        texts = {name: texts_of(row, name, program.languages) for name in self.texts}
        return {"code": row.code, **texts, **self.item(row)}  # type: ignore[attr-defined]

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """One statement a batch, whether rows are new, changed or come back from retirement."""
        rows = [self._columns(code, item, to) for code, item in items.items()]
        upsert(self.model, [self.model(program=to.program, **row) for row in rows], rows, ("program", "code"))

    def _columns(self, code: str, item: Item, to: Writing) -> dict[str, Any]:
        columns = {"code": code, "retired": False, **self.row(item, to)}
        for name in self.texts:
            columns |= text_columns(name, item.get(name))
        return columns

    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """The rows stay for what refers to them."""
        self.model._default_manager.filter(program=to.program, code__in=codes).update(retired=True)


def upsert[M: Model](model: type[M], rows: Iterable[M], columns: Sequence[Item], unique: Sequence[str]) -> None:
    """Insert rows, or change those that are there; all have the same columns."""
    if columns:
        model._default_manager.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=unique,
            update_fields=[name for name in columns[0] if name not in unique],
        )


def text_columns(name: str, texts: Mapping[str, str] | None) -> dict[str, str | None]:
    """A text in every language's column; the plain column holds the first, as the one to fall back to."""
    given = texts or {}
    first = next(iter(given.values()), "")
    return {name: first, **{build_localized_fieldname(name, code): given.get(code) for code in LANGUAGES}}


def texts_of(row: Model, name: str, languages: Sequence[str]) -> dict[str, str]:
    """The texts of a row, in the program's languages."""
    texts = {language: getattr(row, build_localized_fieldname(name, language)) for language in languages}
    return {language: text for language, text in texts.items() if text}


def code_of(row: Any) -> str | None:  # noqa: ANN401 - any row with a code
    """The code of a row that may be missing."""
    return None if row is None else row.code
