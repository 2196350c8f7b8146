"""The process tree of one machine: looks after its children, and stops them in order."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from loyalty.embedded.children import MOST_FAILURES, Child, kill_group
from loyalty.embedded.places import EmbeddedError, make_folder, make_var
from loyalty.embedded.processes import command_of

STOP_SECONDS = 20.0
TICK_SECONDS = 0.2
OUR_WORDS = ("granian", "celery", "valkey", "relay", "simulator")


class Tree:
    """Children in the order in which they start; they stop in the opposite order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Be the only tree of this ``var/``, and end what a killed one left.

        Raises: EmbeddedError if another tree runs.
        """
        self.stopping = False
        self.logs = make_folder(make_var() / "log")
        self._say = say
        self._children: list[Child] = []
        self._groups = make_var() / "run/tree.json"
        self._lock = _only_tree(make_var() / "run/tree.lock")
        end_leftovers(self._groups)
        signal.signal(signal.SIGINT, self._stop_soon)
        signal.signal(signal.SIGTERM, self._stop_soon)

    def add(self, name: str, command: list[str], *, stop_signal: int = signal.SIGTERM) -> None:
        """Start a child."""
        child = Child(name, command, self.logs, stop_signal=stop_signal)
        child.start()
        self._children.append(child)
        self._remember()

    def tick(self) -> None:
        """Look after all children once, then pause.

        Raises: EmbeddedError if one dies again and again.
        """
        pids = [child.pid for child in self._children]
        for child in self._children:
            if news := child.look_after():
                self._report(child, news)
        if pids != [child.pid for child in self._children]:
            self._remember()
        time.sleep(TICK_SECONDS)

    def _report(self, child: Child, news: str) -> None:
        if self.stopping:
            return
        if child.failures >= MOST_FAILURES:
            raise EmbeddedError(f"{child.name} died {child.failures} times in a row: see {child.log}. Stopping.")
        self._say(news)

    def stop(self) -> None:
        """Stop all children, the last started first."""
        self.stopping = True
        for child in reversed(self._children):
            child.ask_to_stop()
            child.wait(STOP_SECONDS)
        self._groups.unlink(missing_ok=True)

    def _remember(self) -> None:
        draft = self._groups.with_suffix(".new")
        draft.write_text(json.dumps({str(child.pid): child.name for child in self._children if child.pid}))
        draft.replace(self._groups)

    def _stop_soon(self, _signal: int, _frame: object) -> None:
        """The first time stop in order, the second time at once."""
        if self.stopping:
            for child in self._children:
                if child.pid:
                    kill_group(child.pid)
        self.stopping = True


def _only_tree(path: Path) -> IO[bytes]:
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise EmbeddedError("The platform already runs in this folder: stop it first (Ctrl-C where it runs).") from None
    return lock


def end_leftovers(groups: Path) -> None:
    """End the processes of a tree whose root was killed; a number that now belongs to another program is left alone."""
    try:
        left = [int(pid) for pid in json.loads(groups.read_text())]
    except (OSError, ValueError):
        return
    ours = [pid for pid in left if any(word in _commands_of_group(pid) for word in OUR_WORDS)]
    for pid in ours:
        kill_group(pid)
    give_up = time.monotonic() + STOP_SECONDS
    while any(_commands_of_group(pid) for pid in ours) and time.monotonic() < give_up:
        time.sleep(TICK_SECONDS)  # until they have let go of the port
    groups.unlink(missing_ok=True)


def _commands_of_group(group: int) -> str:
    """The command lines of all processes in a group."""
    proc = Path("/proc")
    if not (proc / "self/stat").exists():
        return command_of(group)
    return " ".join(command_of(pid) for pid in _pids(proc) if _group_of(pid) == group)


def _pids(proc: Path) -> list[int]:
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return 0
