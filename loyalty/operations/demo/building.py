"""Building the demonstration, as far as it is not there yet."""

import time
from collections.abc import Callable

from django.utils import timezone
from rich.console import Console

from loyalty.operations.demo import sign_ins, staff
from loyalty.operations.demo.seeding import to_do
from loyalty.operations.demo.watching import run_all
from loyalty.operations.proving import leave_proofs


def build(*, share: float, console: Console, stopping: Callable[[], bool]) -> None:
    """Load, invent and play what is not there yet, open accounts, have it proven, and keep the table of sign-ins.

    ``share`` of the usual number of members is invented; ``stopping`` is asked whether to leave the rest for later.
    Raises the ``Refusal`` that stops it.
    """
    began = time.monotonic()
    todo = to_do(now=timezone.now(), share=share)
    if todo:
        console.print("Inventing members and half a year of what they did, once:")
        run_all(todo, console=console, stopping=stopping, meanwhile=staff.make_everybody)
        sign_ins.open_accounts()
        if not stopping():
            leave_proofs()
            console.print(f"  ready after {time.monotonic() - began:.0f} s")
    sign_ins.write(sign_ins.as_text())
