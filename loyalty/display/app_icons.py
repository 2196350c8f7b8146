"""The icon on a home screen as PNG: a mark that was drawn once, in a program's colour.

The files beside this one (`scripts/marks.py`) hold how much of a pixel the mark covers, as an index into the palette.
Writing a palette from the colour to white makes the icon, https://www.w3.org/TR/png-3/#11PLTE.
"""

import struct
import zlib
from functools import lru_cache
from pathlib import Path

MARKS = Path(__file__).resolve().parent / "marks"
SIZES = (180, 192, 512)
OURS = "loyalty"
SHADES = 256
WHITE = (255, 255, 255)


@lru_cache(maxsize=256)
def app_icon(mark: str, colour: str, size: int) -> bytes:
    """A PNG of one of ``SIZES``: the mark in white on ``colour`` (``#rrggbb``)."""
    drawn = (MARKS / f"{mark}-{size}.png").read_bytes()
    start = drawn.index(b"PLTE")
    body = b"PLTE" + _palette(colour)
    return drawn[:start] + body + struct.pack(">I", zlib.crc32(body)) + drawn[start + len(body) + 4 :]


def _palette(colour: str) -> bytes:
    """From the colour itself to white."""
    ground = bytes.fromhex(colour.removeprefix("#"))
    most = SHADES - 1
    return bytes(
        (low * (most - n) + high * n) // most for n in range(SHADES) for low, high in zip(ground, WHITE, strict=True)
    )
