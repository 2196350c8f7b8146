"""Static files under names that change with their content, compressed once, cached for ever."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Before files were collected for the first time, and in tests, they go by their plain names."""

    def stored_name(self, name: str) -> str:
        """The name with the hash, if the file was collected."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))


FOUND: set[str] = set()


def is_there(name: str) -> bool:
    """Whether such a static file exists. One that was found once stays; one that is missing is looked for again."""
    if name not in FOUND and _found(name):
        FOUND.add(name)
    return name in FOUND


def is_uploaded(name: str) -> bool:
    """Whether such a file was uploaded; found once, found for good."""
    if name not in FOUND and default_storage.exists(name):
        FOUND.add(name)
    return name in FOUND


def _found(name: str) -> bool:
    try:
        found = finders.find(name)
    except SuspiciousFileOperation:  # an absolute path, or one that leaves the folder
        return False
    return found is not None and Path(found).is_file()
