"""Static files under names that change with their content, compressed once, cached for ever."""

from functools import cache

from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Before files were collected for the first time, and in tests, they go by their plain names."""

    def stored_name(self, name: str) -> str:
        """The name with the hash, if the file was collected."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))


@cache
def is_there(name: str) -> bool:
    """Whether such a static file exists."""
    return finders.find(name) is not None
