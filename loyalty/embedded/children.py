"""One process of the tree: started in its own group, with its own log, started again when it dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 10.0  # who lived this long has not failed to start
MOST_FAILURES = 6
LOG_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """A process, its log file, and how often it died in a row."""

    def __init__(self, name: str, command: list[str], logs: Path, *, stop_signal: int = signal.SIGTERM) -> None:
        """Prepare; nothing starts yet."""
        self.name = name
        self.log = logs / f"{name}.log"
        self.failures = 0
        self._command = command
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0

    @property
    def pid(self) -> int:
        """The number of the process and of its group; 0 if it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it; it is told to end when this process ends, however that happens (Linux)."""
        with _log(self.log) as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the tree's root, which stops the rest in order
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - the root has one thread
            )
        self._started_at = time.monotonic()

    def look_after(self) -> str:
        """Start it again if it died and its pause is over; a sentence when there is news."""
        if self._process is None:
            if time.monotonic() >= self._start_again_at:
                self.start()
            return ""
        code = self._process.poll()
        if code is None:
            return ""
        return self._bury(code)

    def _bury(self, code: int) -> str:
        self._kill_group()
        self._process = None
        steady = time.monotonic() - self._started_at > STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self._start_again_at = time.monotonic() + pause
        return f"{self.name} stopped ({describe(code)}); starting it again in {pause:.0f} s. Its log: {self.log}"

    def ask_to_stop(self) -> None:
        """Send the signal to finish what it does."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(self._stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait for its end, then leave nothing of it."""
        if self._process:
            try:
                self._process.wait(timeout=max(seconds, 0.1))
            except subprocess.TimeoutExpired:
                pass
            finally:
                self._kill_group()
                self._process.wait()
                self._process = None

    def _kill_group(self) -> None:
        """End what the process left behind, such as web workers that hold the port."""
        if self._process:
            kill_group(self._process.pid)


def kill_group(group: int) -> None:
    """End all processes of a group, if there are any."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def describe(code: int) -> str:
    """Say in words how a process ended."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _log(path: Path) -> IO[bytes]:
    """The log, opened to append; one that has grown large is put aside first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
