"""The embedded database during one command of ``manage.py``."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from loyalty.embedded.postgres import Postgres

WITHOUT_DATABASE = frozenset(
    {"", "collectstatic", "compilemessages", "findstatic", "help", "makemessages", "run", "spectacular", "version"}
)


def needs_embedded(arguments: list[str]) -> bool:
    """Whether this command line (without the program) needs the embedded database."""
    command = next(iter(arguments), "")
    asks_for_help = {"-h", "--help", "--version"} & set(arguments)
    offline = command in WITHOUT_DATABASE or arguments[:2] == ["program", "check"]
    return not (os.environ.get("DATABASE_URL") or offline or asks_for_help)


@contextlib.contextmanager
def database_for(arguments: list[str]) -> Iterator[None]:
    """Have the embedded database running while a command runs, and leave the machine as it was."""
    if not needs_embedded(arguments):
        yield
        return
    signal.signal(signal.SIGTERM, _leave)
    server = Postgres()
    server.use()
    try:
        yield
    finally:
        server.release()


def _leave(_signal: int, _frame: object) -> None:
    """Being told to end is an ordinary end: the server is given back."""
    sys.exit(143)
