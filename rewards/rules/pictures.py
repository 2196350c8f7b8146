"""Pictures that people bring: judged, and drawn anew, so that nothing but the picture is kept. Pure Python."""

import io
from collections.abc import Callable
from hashlib import sha256

from PIL import Image, ImageOps

FOLDER = "pictures/"
FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 25_000_000  # a small file can say that it is large: nothing beyond is unpacked, a hundred megabytes
LONGEST = 800  # pixels of the longer side that are kept: sharp on a phone, some forty kilobytes
QUALITY = 82


class PictureFault(Exception):
    """Why a file is no picture of a reward: ``code`` is too-large, too-wide or no-picture."""

    def __init__(self, code: str) -> None:
        """The code, for the words."""
        super().__init__(code)
        self.code = code


def name_of(picture: bytes) -> str:
    """The name of a picture, for ``Reward.picture``: the same picture has the same."""
    return f"{FOLDER}{sha256(picture).hexdigest()[:32]}.webp"


def drawn_anew(raw: bytes) -> bytes:
    """A PNG, JPEG or WebP as WebP: upright, at most 800 pixels long, without what cameras write besides.

    Raises: PictureFault.
    """
    if len(raw) > MOST_BYTES:
        raise PictureFault("too-large")
    with _tried(lambda: Image.open(io.BytesIO(raw), formats=FORMATS)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureFault("too-wide")
        return _tried(lambda: _webp(image))


def _tried[T](read: Callable[[], T]) -> T:
    try:
        return read()
    except Exception as error:  # a damaged file makes the library stumble anywhere
        raise PictureFault("no-picture") from error


def _webp(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    drawn.thumbnail((LONGEST, LONGEST))
    file = io.BytesIO()
    drawn.save(file, format="WEBP", quality=QUALITY, exif=b"", icc_profile=None)
    return file.getvalue()
