"""Reading a QR code off a screenshot, as the scanner of a till does."""

import struct
import zlib
from collections.abc import Iterator

import zxingcpp

GREY = {2: 3, 6: 4}  # bytes a pixel, of PNGs in colour without and with transparency
HEADER = 8


def read_qr(png: bytes) -> str:
    """What the one QR code on a picture says."""
    width, height, pixels = _green(png)
    found = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (height, width)))
    assert len(found) == 1, found
    return str(found[0].text)


def _green(png: bytes) -> tuple[int, int, bytearray]:
    """Width, height, and a byte a pixel: the green of a PNG with eight bits a channel, as browsers write them."""
    parts = dict(_parts(png))
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert depth == 8
    size = GREY[kind]
    packed = zlib.decompress(parts[b"IDAT"])
    above, pixels = bytearray(width * size), bytearray()
    for row in range(height):
        start = row * (width * size + 1)
        line = _line(packed[start], bytearray(packed[start + 1 : start + 1 + width * size]), above, size)
        pixels += line[1::size]
        above = line
    return width, height, pixels


def _parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks by their names; those of the picture itself together."""
    picture, at = b"", HEADER
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if name == b"IDAT":
            picture += body
        else:
            yield name, body
        at += length + 12
    yield b"IDAT", picture


def _line(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    """A line as it was before it was filtered (PNG specification, section 9)."""
    if kind:
        for place, byte in enumerate(line):
            left = line[place - size] if place >= size else 0
            corner = above[place - size] if place >= size else 0
            line[place] = byte + _guess(kind, left, above[place], corner) & 0xFF
    return line


def _guess(kind: int, left: int, above: int, corner: int) -> int:
    match kind:
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
    nearest = left + above - corner
    return min((left, above, corner), key=lambda one: abs(nearest - one))
