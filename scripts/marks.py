#!/usr/bin/env python3
"""Draws the marks of programs as PNG files whose colours are filled in later, for home screens that take no SVG.

Usage: .venv/bin/python scripts/marks.py

Needs the browser of the tests. Each pixel of `loyalty/display/marks/MARK-SIZE.png` is how much of it the mark covers,
0 to 255, as an index into a palette; `loyalty/display/app_icons.py` writes one from the program's colour to white.
"""

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

BASE = Path(__file__).resolve().parent.parent
MARKS = BASE / "templates/display/marks"
DRAWN = BASE / "loyalty/display/marks"
SIZES = (180, 192, 512)
CHROMIUM = Path("/usr/bin/chromium")
COVERAGE = """async ([address, size]) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(size, size);
    const paper = canvas.getContext("2d");
    paper.drawImage(image, 0, 0, size, size);
    return Array.from(paper.getImageData(0, 0, size, size).data.filter((_, index) => index % 4 === 3));
}"""


def svg(mark: str, size: int) -> str:
    """The mark in the middle of a square, as `templates/display/icon.svg` has it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 56 56" width="{size}" height="{size}">'
        f'<g transform="translate(14 14)" fill-rule="evenodd">{mark}</g></svg>'
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: int, coverage: bytes) -> bytes:
    """An indexed PNG without its palette's colours: all are black."""
    rows = b"".join(b"\0" + coverage[row * size : (row + 1) * size] for row in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)
    parts = [
        chunk(b"IHDR", head),
        chunk(b"PLTE", bytes(768)),
        chunk(b"IDAT", zlib.compress(rows, 9)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def draw(page: Page, path: Path) -> None:
    """One mark in all sizes."""
    for size in SIZES:
        encoded = base64.b64encode(svg(path.read_text(), size).encode()).decode()
        coverage = bytes(page.evaluate(COVERAGE, [f"data:image/svg+xml;base64,{encoded}", size]))
        (DRAWN / f"{path.stem}-{size}.png").write_bytes(png(size, coverage))


def main() -> None:
    """All of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM) if CHROMIUM.exists() else None)
        page = browser.new_page()
        for path in sorted(MARKS.glob("*.svg")):
            draw(page, path)
        browser.close()


if __name__ == "__main__":
    main()
