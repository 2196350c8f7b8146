"""What a start must bring up to date, and how to see that it is."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from loyalty.display import static


def schema_is_current() -> bool:
    """Whether every migration was applied; not in a database that nobody prepared, where the role does not exist."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        connection.close()
        return False
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def static_files() -> str:
    """A digest of all static files as they lie in the sources: where, how long, from when."""
    found = [version("django"), Path(static.__file__).read_text(encoding="utf-8")]
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            found.append(f"{storage.path(path)} {state.st_size} {state.st_mtime_ns}")
    return sha256("\n".join(found).encode()).hexdigest()


def static_files_are_collected() -> bool:
    """Whether what was collected last is what lies in the sources now."""
    stamp = _stamp()
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == static_files()


def remember_static_files() -> None:
    """Note what was collected, beside it, so that both go together."""
    _stamp().write_text(static_files(), encoding="utf-8")


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT, "collected-from")
