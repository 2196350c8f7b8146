"""``manage.py program check|load|dump``: a program as a file."""

import getpass
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.models import Program
from loyalty.operations.program_file.checking import check
from loyalty.operations.program_file.loading import load_program, read_program
from loyalty.operations.program_file.planning import Plan
from loyalty.operations.program_file.reading import MOST_BYTES, Fault
from loyalty.operations.program_file.writing import write

REFUSED = 2  # exit code


class Command(BaseCommand):
    """Check, load and dump program files."""

    help = "Check, load and dump program files: docs/program-file.md says what stands in them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="check|load|dump")
        for name, does in (("check", "judge a file, without a database"), ("load", "make a program what a file says")):
            action = actions.add_parser(name, help=does)
            action.add_argument("file", metavar="FILE")
            action.add_argument("--json", action="store_true", help="print plan and errors as JSON")
        actions.choices["load"].add_argument("--plan", action="store_true", help="only say what would change")
        actions.add_parser("dump", help="write a program as a file").add_argument("code", metavar="CODE")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "dump":
            self.dump(options["code"])
        else:
            self.judge(action, options["file"], as_json=options["json"], plan_only=options.get("plan", False))

    def judge(self, action: str, file: str, *, as_json: bool, plan_only: bool) -> None:
        """Check or load; exit 2 when the file has errors."""
        raw = _bytes(file)
        if isinstance(raw, Fault):
            plan = Plan(errors=(raw,))
        elif action == "check":
            plan = Plan(errors=check(raw).faults)
        else:
            why = f"program load {Path(file).name}"
            plan = load_program(raw=raw, at=timezone.now(), why=why, operator=_operator(), plan_only=plan_only)
        fine = f"{file}: no errors" if action == "check" and not plan.errors else plan.as_text(file)
        self.stdout.write(json.dumps(plan.as_json(), ensure_ascii=False) if as_json else fine)
        if plan.errors:
            sys.exit(REFUSED)

    def dump(self, code: str) -> None:
        """Print the file of a program."""
        program = Program.objects.filter(code=code).first()
        if program is None:
            raise CommandError(f"there is no program {code}", returncode=REFUSED)
        self.stdout.write(write(read_program(program)), ending="")


def _operator() -> str:
    """Who runs the command, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return str(os.getuid())


def _bytes(file: str) -> bytes | Fault:
    """The beginning of a file, one byte more than is read, or why it cannot be read."""
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as problem:
        return Fault(1, "", f"cannot read {file}: {problem.strerror}")
