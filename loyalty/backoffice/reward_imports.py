"""Sheets of rewards that somebody confirmed: short ones are imported at once, long ones as a job with progress."""

import re
from typing import Any

import pghistory
import tablib
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.cache import cache
from django.utils.translation import gettext as _
from import_export.results import Result, RowResult
from import_export.tmp_storages import CacheStorage

from core.models import Job, Program, User
from core.refusals import Changed, Refusal
from core.services import jobs
from core.tasks import run_job
from loyalty.backoffice.reward_formats import FORMATS
from loyalty.backoffice.reward_sheets import RewardSheet
from loyalty.identity import rights

KIND = "rewards.import"
RIGHT = "rewards.change"
ROWS_AT_ONCE = 1000
TAKEN = "reward-import-taken-"
NAME = re.compile(r"[0-9a-f]{32}")
LOGGED = {RowResult.IMPORT_TYPE_NEW: ADDITION, RowResult.IMPORT_TYPE_UPDATE: CHANGE}


class KeptFile(CacheStorage):
    """An uploaded sheet until it is confirmed, a day at most, where every web host and worker finds it."""

    def dataset(self, format_at: int) -> tablib.Dataset:
        """Its rows. Raises Changed if it is not kept any more."""
        raw = self.read() if NAME.fullmatch(self.name) else None
        if raw is None:
            raise Changed(_("The file is not kept any more. Upload it again."))
        read: Any = FORMATS[format_at]()
        found: tablib.Dataset = read.create_dataset(raw)
        return found

    def take(self) -> None:
        """Confirm it. Raises Changed for whoever comes second, so that one sheet is imported once."""
        if not NAME.fullmatch(self.name) or not cache.add(TAKEN + self.name, "taken", self.CACHE_LIFETIME):
            raise Changed(_("The file is not kept any more. Upload it again."))

    def remove(self) -> None:
        """Forget it."""
        super().remove()
        cache.delete(TAKEN + self.name)


def start_import(*, file: KeptFile, format_at: int, rows: tablib.Dataset, by: User) -> Job:
    """Queue the import of a confirmed sheet; the job stands with the program of its first row."""
    programs = {program.code: program for program in programs_of(by)}
    named = str(rows["program"][0] or "").strip() if "program" in rows.headers else ""
    program = programs.get(named) or next(iter(programs.values()))
    arguments: dict[str, object] = {"file": file.name, "format": format_at, "by": by.pk, "rows": len(rows)}
    return jobs.start(kind=KIND, program_id=program.pk, arguments=arguments, wake=run_job.delay)


def programs_of(by: User) -> list[Program]:
    """The programs whose rewards somebody may import."""
    return list(rights.programs_of(by, RIGHT, whole=True))


def run(progress: jobs.Progress) -> dict[str, object]:
    """Import a confirmed sheet, all rows or none; a second run finds what the first one did, and skips it.

    Raises: Refusal with the first row that is wrong by now.
    """
    asked, by = progress.job.arguments, User.objects.get(pk=progress.job.arguments["by"])
    file = KeptFile(name=asked["file"])
    rows = file.dataset(asked["format"])
    with pghistory.context(user=by.pk, why=f"import of rewards, job {progress.job.pk}"):
        result = RewardSheet(programs=programs_of(by), tell=progress.report).import_data(rows)
        _log(result, by)
    file.remove()
    if wrong := errors_of(result):
        number, _code, said = wrong[0]
        raise Refusal(_("Nothing was imported. Row %(row)s: %(error)s") % {"row": number, "error": said})
    progress.report(len(rows), len(rows))
    return {name: result.totals[name] for name in (*LOGGED, RowResult.IMPORT_TYPE_SKIP)}


def _log(result: Result, by: User) -> None:
    for kind, flag in LOGGED.items() if not result.has_validation_errors() else ():
        made = [row.instance for row in result if row.import_type == kind]
        if made:
            LogEntry.objects.log_actions(by.pk, made, flag, change_message=f"{kind} through import_export")


def errors_of(result: Any) -> list[tuple[int, str, str]]:
    """Number, code and error of every wrong row; row 0 stands for the sheet."""
    invalid = [
        (row.number, str(row.values[result.diff_headers.index("code")] if "code" in result.diff_headers else ""), said)
        for row in result.invalid_rows
        for said in row.error.messages
    ]
    broken = [(number, str(row.get("code", "")), str(error.error)) for number, row, error in _broken(result)]
    whole = [(0, "", str(error.error)) for error in result.base_errors]
    return sorted(whole + invalid + broken)


def _broken(result: Any) -> list[tuple[int, Any, Any]]:
    return [(row.number, error.row, error) for row in result.error_rows for error in row.errors]
