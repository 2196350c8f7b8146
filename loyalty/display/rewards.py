"""What a reward looks like where it has no picture of its own, and where its picture lies."""

from dataclasses import dataclass
from zlib import crc32

from django.core.files.storage import default_storage
from django.templatetags.static import static

from loyalty.display.static import is_there, is_uploaded
from rewards.models import Reward
from rewards.rules.categories import ARTS, category_of
from rewards.rules.pictures import FOLDER


@dataclass(frozen=True, slots=True)
class Cover:
    """Our own art in the colour of the category; the same reward always has the same."""

    hue: str
    art: str
    light: bool


def cover(reward: Reward) -> Cover:
    """The cover of a reward: rewards of a brand look related, and differ from other brands'."""
    number = crc32(reward.brand.encode())
    return Cover(category_of(reward.category).hue, ARTS[number % len(ARTS)], light=bool(number >> 8 & 1))


def picture(reward: Reward) -> str:
    """The address of the reward's picture, if there is such a file; else nothing."""
    name = reward.picture
    if name.startswith(FOLDER):
        return default_storage.url(name) if is_uploaded(name) else ""
    return static(name) if name and is_there(name) else ""
