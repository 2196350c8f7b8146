"""Pictures of rewards that people bring, in the storage of files, under names that follow from their content."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from rewards.models import Reward
from rewards.rules.pictures import FOLDER, name_of

A_LOOK = 1000  # names that the database is asked about at once


def keep_picture(picture: bytes) -> str:
    """Keep what ``rewards.rules.pictures.drawn_anew`` made, once, and return its name.

    One that is there already is young again, so that nobody forgets it before a reward names it.
    """
    name = name_of(picture)
    if default_storage.exists(name) and default_storage.size(name) == len(picture):  # a full disk leaves a stump
        Path(default_storage.path(name)).touch()
    else:
        default_storage.save(name, ContentFile(picture))
    return name


def forget_pictures(*, before: datetime) -> int:
    """Delete pictures written before a moment that no reward names, in use or retired, of any program; how many."""
    forgotten = 0
    for names in batched(_pictures(), A_LOOK):
        named = set(Reward.objects.filter(picture__in=names).values_list("picture", flat=True))
        for name in names:
            if name not in named and default_storage.get_modified_time(name) < before:
                default_storage.delete(name)
                forgotten += 1
    return forgotten


def _pictures() -> Iterator[str]:
    if default_storage.exists(FOLDER):
        yield from (f"{FOLDER}{name}" for name in sorted(default_storage.listdir(FOLDER)[1]))
