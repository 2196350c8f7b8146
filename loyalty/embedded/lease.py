"""Who uses a server: locks that the kernel drops when a process dies, however it dies."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from loyalty.embedded.places import EmbeddedError


class Lease:
    """Shared by all processes that use one server; the last to give it back stops the server."""

    def __init__(self, folder: Path, name: str) -> None:
        """Files ``NAME.lock`` (starting and stopping, one at a time) and ``NAME.lease`` (in use) in a folder."""
        self._gate = folder / f"{name}.lock"
        self._users = folder / f"{name}.lease"
        self._held: IO[bytes] | None = None

    @contextlib.contextmanager
    def gate(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        with _opened(self._gate) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def take(self) -> None:
        """Say that this process uses the server. Call inside the gate."""
        self._held = _opened(self._users)
        fcntl.flock(self._held, fcntl.LOCK_SH)

    def give_back(self) -> bool:
        """Say that this process is done; True if nobody else uses the server. Call inside the gate."""
        if self._held is None:
            return False
        with self._held as file:
            self._held = None
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except OSError as error:
        raise EmbeddedError(f"Cannot open {path}: {error.strerror}. LOYALTY_VAR names another folder.") from error
