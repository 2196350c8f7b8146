"""Rewards as tables: what a row of a spreadsheet says, judged by the grammar of program files."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import tablib
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult
from modeltranslation.utils import build_localized_fieldname

from core.models import Program
from core.rules.sheets import guarded
from loyalty.backoffice.reward_cells import COLUMNS, read_cell, read_flag, read_number, said_entry, shown_cells
from loyalty.backoffice.reward_judging import LANGUAGES, TEXTS, codes_of, entry_of, judged
from loyalty.backoffice.reward_writing import compared, write_rewards
from loyalty.operations.program_file.sections.base import text_columns
from loyalty.operations.program_file.sections.rewards import reward_columns
from rewards.models import Reward
from rewards.selectors.issued import bound_ids, valued_ids

KEPT = ("kind", "stock")
WRITTEN = (
    *KEPT, "category", "brand", "markets", "points", "denominations", "cost", "tiers", "outlets", "supplier", "sku",
    "valid_days", "limit_times", "limit_per", "picture", "retired", "from_file", "search", *TEXTS,
    *(build_localized_fieldname(text, code) for text in TEXTS for code in LANGUAGES),
)  # fmt: skip
SHOWN = 1000  # changes in a preview; more make a page that no browser likes
STEP = 500  # rows between two words on how far it is
BOUND = gettext_lazy(
    "Members have this reward already: its kind stays %(kind)s and its stock %(stock)s. Make another one."
)
NOT_CLEANED = frozenset({"program", "search"})


class Cell(Field):
    """A column: shown as a person would type it; what is read is read row by row."""

    def export(self, instance: Reward, **_kwargs: Any) -> str:
        """The cell of a reward; what a spreadsheet would take for a formula is quoted."""
        return guarded(shown_cells(instance).get(self.column_name, ""))


class RewardSheet(ModelResource):
    """One row a reward. An unknown code makes a reward, a known one changes what the sheet has columns for.

    Rows are judged one by one against what was read at once, and written together after the last one, all or none;
    what the database refuses then is an error of its row. A dry run writes nothing.
    """

    class Meta:
        """Rows are found by program and code."""

        model = Reward
        import_id_fields: ClassVar = ["code"]
        fields: ClassVar = ("code",)
        skip_diff = True  # ours takes no copies
        report_skipped = False
        use_transactions = False
        use_bulk = True
        batch_size = None
        store_instance = True

    def __init__(self, **kwargs: Any) -> None:
        """For the programs in which the reader may change rewards; ``tell`` hears how many rows are judged."""
        self.programs: Mapping[str, Program] = {program.code: program for program in kwargs.pop("programs", ())}
        self.tell: Callable[[int, int], None] | None = kwargs.pop("tell", None)
        self.seen: dict[tuple[str, str], int] = {}
        self.codes: dict[int, Mapping[str, set[str]]] = {}
        self.there: dict[tuple[str, str], Reward] = {}
        self.bound: set[int] = set()
        self.valued: set[int] = set()
        self.rows, self.shown, self.heads = 0, 0, frozenset[str]()
        self.before: Mapping[str, str] = {}
        super().__init__(**kwargs)
        self.fields = {name: Cell(column_name=name, attribute=name) for name in COLUMNS}

    def before_import(self, dataset: tablib.Dataset, **_kwargs: Any) -> None:
        """Read the rewards that the sheet names, at once, and which of them stay what they are."""
        self.rows, self.heads = len(dataset), frozenset(dataset.headers)
        prefetch_related_objects(list(self.programs.values()), "markets")
        programs = {program.pk: program for program in self.programs.values()}
        for row in self.get_queryset().filter(code__in={str(code or "").strip() for code in dataset["code"]}):
            row.program = programs[row.program_id]
            self.there[row.program.code, row.code] = row
        self.bound = bound_ids(self._changing(dataset))
        if "denominations" in self.heads:
            self.valued = valued_ids([row.pk for row in self.there.values() if row.denominations])

    def _changing(self, dataset: tablib.Dataset) -> set[int]:
        """Rewards of which the sheet may say another kind or stock."""
        codes = [str(code or "").strip() for code in dataset["code"]]
        said = [(name, zip(codes, dataset[name], strict=True)) for name in KEPT if name in dataset.headers]
        return {
            is_there.pk
            for name, cells in said
            for code, value in cells
            for program in self.programs
            if (is_there := self.there.get((program, code))) and getattr(is_there, name) != str(value or "").strip()
        }

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        """As the library does it, but a row that says what is there already takes no work and is not shown."""
        if self.tell and kwargs["row_number"] % STEP == 1:
            self.tell(kwargs["row_number"] - 1, self.rows)
        if not self._says_what_is(row, kwargs["row_number"]):
            return super().import_row(row, instance_loader, **kwargs)
        result = RowResult()
        result.import_type = RowResult.IMPORT_TYPE_SKIP
        return result

    def _says_what_is(self, row: Mapping[str, Any], number: int) -> bool:
        try:
            said = {"retired": "", **{name: read_cell(name, value) for name, value in row.items()}}
            key = (self._program(said).code, said["code"])
        except ValidationError:
            return False
        is_there = self.there.get(key)
        if is_there is None or key in self.seen:
            return False
        cells = shown_cells(is_there)
        same = all(cells[name].strip() == value for name, value in said.items())
        if same:
            self.seen[key] = number
        return same

    def export_resource(self, instance: Reward, selected_fields: Any = None, **_kwargs: Any) -> list[str]:
        """The cells of a reward."""
        cells = shown_cells(instance)
        return [guarded(cells[field.column_name]) for field in self.get_export_fields(selected_fields)]

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        """Of a preview keep what is shown; the library would set the sequence of ids, which is the database's own."""
        if kwargs.get("dry_run"):
            result.rows = [row for row in result.rows if row.diff or row.errors]

    def get_queryset(self) -> QuerySet[Reward]:
        """Rewards of those programs alone: others do not exist."""
        return Reward.objects.filter(program__in=self.programs.values())

    def get_instance(self, _loader: Any, row: Mapping[str, Any]) -> Reward | None:
        """The reward with this code in the row's program."""
        return self.there.get((self._program(row).code, row["code"]))

    def init_instance(self, row: Mapping[str, Any] | None = None) -> Reward:
        """A new reward of the row's program."""
        return Reward(program=self._program(row or {}), code=(row or {}).get("code", ""))

    def _program(self, row: Mapping[str, Any]) -> Program:
        named = str(row.get("program") or "").strip()
        if not named and len(self.programs) == 1:
            return next(iter(self.programs.values()))
        if named not in self.programs:
            raise ValidationError(_("program: name one of %(programs)s") % {"programs": _(", ").join(self.programs)})
        return self.programs[named]

    def before_import_row(self, row: dict[str, Any], row_number: int = 0, **_kwargs: Any) -> None:
        """Refuse what is not safe, not whole or said twice, each with a sentence."""
        for name, value in row.items():
            row[name] = read_cell(name, value)
        key = (self._program(row).code, row["code"])
        if (first := self.seen.setdefault(key, row_number)) != row_number:
            raise ValidationError(_("code: %(code)s stands in row %(row)s already") % {"code": key[1], "row": first})

    def after_init_instance(self, instance: Reward, new: bool, row: Mapping[str, Any], **_kwargs: Any) -> None:  # noqa: FBT001 - as the library calls it
        """Remember what the reward was."""
        self.before = {} if new else shown_cells(instance)

    def import_instance(self, instance: Reward, row: Mapping[str, Any], **_kwargs: Any) -> None:
        """Put what the row says over what the reward is, and judge the whole as a program file is judged."""
        if instance.from_file:
            raise ValidationError(_("code: this reward comes from the program file; change it there"))
        item = self._judged(instance.program, said_entry(row, entry_of(instance)))
        columns = reward_columns(item)
        self._check_bound(instance, columns)
        for name, value in columns.items():
            setattr(instance, name, value)
        for text in TEXTS:
            for name, value in text_columns(text, item.get(text)).items():
                setattr(instance, name, value)
        if "low_stock" in row:
            instance.low_stock = read_number("low_stock", row["low_stock"])
        if "paused" in row:
            instance.paused = read_flag("paused", row["paused"])
        instance.retired = read_flag("retired", row.get("retired", ""))
        instance.from_file = False

    def _judged(self, program: Program, item: Mapping[str, Any]) -> dict[str, Any]:
        if program.pk not in self.codes:
            self.codes[program.pk] = codes_of(program)
        entry, faults = judged(program, item, self.codes[program.pk])
        if not entry:
            raise ValidationError([f"{path}: {message}" for path, message in faults])
        return entry

    def _check_bound(self, reward: Reward, columns: Mapping[str, Any]) -> None:
        if reward.pk in self.bound and any(getattr(reward, name) != columns[name] for name in KEPT):
            raise ValidationError(BOUND % {"kind": reward.kind, "stock": reward.stock})
        if reward.pk in self.valued and not columns["denominations"]:
            raise ValidationError(
                _("denominations: codes in stock have values, so it keeps some. Make another reward.")
            )

    def skip_row(
        self, instance: Reward, original: Reward, row: Mapping[str, Any], import_validation_errors: Any = None
    ) -> bool:
        """Whether a reward stays as it is."""
        return not import_validation_errors and shown_cells(instance) == self.before

    def validate_instance(
        self,
        instance: Reward,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002 - as the library calls it
    ) -> None:
        """Besides, that every column holds what is said; what many rows say together is the database's to judge."""
        if not import_validation_errors:
            _check_fits(instance)
        super().validate_instance(instance, import_validation_errors, validate_unique)

    def after_import_row(self, row: Mapping[str, Any], row_result: RowResult, **kwargs: Any) -> None:
        """What changes, for the preview."""
        if kwargs["dry_run"] and row_result.import_type != RowResult.IMPORT_TYPE_SKIP and self.shown < SHOWN:
            self.shown += 1
            after = shown_cells(row_result.instance)
            row_result.diff = [compared(self.before.get(name, ""), after[name]) for name in self.get_diff_headers()]

    def bulk_create(
        self,
        using_transactions: bool,  # noqa: FBT001 - as the library calls it
        dry_run: bool,  # noqa: FBT001
        raise_errors: bool,  # noqa: FBT001
        batch_size: int | None = None,
        result: Any = None,
    ) -> None:
        """Write new and changed rewards in one transaction, unless a row is wrong."""
        if dry_run or result.has_errors() or result.has_validation_errors():
            return
        for reward, said in write_rewards(self.create_instances, self.update_instances, self._written()):
            number = self.seen[reward.program.code, reward.code]
            result.append_invalid_row(number, {"code": reward.code}, ValidationError(said))

    def _written(self) -> list[str]:
        """What a sheet changes of a known reward; what it has no column for is left to whoever changes it meanwhile."""
        own = [name for name in ("low_stock", "paused") if name in self.heads]
        return [*WRITTEN, *own]

    def bulk_update(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: they are written with the new ones."""


def _check_fits(reward: Reward) -> None:
    try:
        reward.clean_fields(exclude=NOT_CLEANED)
    except ValidationError as error:
        said = [f"{name}: {message}" for name, found in error.message_dict.items() for message in found]
        raise ValidationError(said) from None
