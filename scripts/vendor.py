#!/usr/bin/env python3
"""Brings fonts, icons and scripts of others into `static/`, so that no page asks another server for anything.

Usage: .venv/bin/python scripts/vendor.py

Takes the packages below from the configured npm registry (needs npm), keeps the few files that pages use with their
licences in `static/vendor/`, writes `fonts.css` and the sprite of icons, and a checksum of every file. To add an icon,
name it in ICONS and run this again.
"""

import hashlib
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENDOR = BASE / "static" / "vendor"
SPRITE = BASE / "static" / "icons.svg"
SYMBOLS = BASE / "scripts" / "symbols.svg"  # our own art
CHECKSUMS = VENDOR / "checksums.txt"

ICONS = """
    arrow-down-right arrow-left arrow-left-right arrow-right arrow-up-down arrow-up-right at-sign award badge-check
    banknote bell bell-off bike book-open braces building-2 bus cake calendar calendar-check calendar-days
    calendar-range camera car chart-column check check-check chevron-down chevron-left chevron-right chevron-up
    chevrons-up circle-alert circle-check circle-dashed circle-minus circle-plus circle-question-mark
    circle-user-round circle-x clock clock-alert coffee coins compass copy credit-card crown download droplets
    ellipsis external-link eye eye-off file-text filter flag flame folder-tree footprints fuel gauge gem gift
    git-branch globe hand-coins handshake heart history hourglass house id-card info key key-round landmark
    languages layout-dashboard leaf lightbulb link list list-checks lock lock-open log-in log-out mail mail-check
    map map-pin medal megaphone menu message-circle message-square minus monitor moon mountain package palette
    party-popper pause pencil percent phone piggy-bank plane play plus power qr-code radio receipt receipt-text
    refresh-cw repeat rocket rotate-ccw route save scale scan-line search send settings share-2 shield shield-alert
    shield-check shopping-bag shopping-cart sliders-horizontal smartphone smile snowflake sparkles sprout star store
    sun tag target thumbs-up ticket timer trash-2 trending-down trending-up triangle-alert trophy truck undo-2
    upload user user-check user-plus user-x users utensils wallet wifi wifi-off wrench x zap
"""

NOTICES = {
    "fonts.css": "Made by scripts/vendor.py from the style sheets of Fontsource.",
    "icons.svg": "Made by scripts/vendor.py: icons of Lucide (ISC, see vendor/lucide/LICENSE) and symbols of our own.",
}


@dataclass(frozen=True)
class Package:
    """A package of the npm registry, the files we take from it, and the typeface that it brings, if any."""

    name: str
    version: str
    folder: str
    files: tuple[str, ...]
    typeface: str = ""
    sheet: str = "index.css"


INTER = tuple(f"files/inter-{subset}-opsz-normal.woff2" for subset in ("latin", "latin-ext", "vietnamese"))
ARABIC = "files/noto-sans-arabic-arabic-wght-normal.woff2"
THAI = "files/noto-sans-thai-thai-wght-normal.woff2"
PACKAGES = (
    Package("@fontsource-variable/inter", "5.3.0", "inter", ("LICENSE", *INTER), "Inter", "opsz.css"),
    Package(
        "@fontsource-variable/noto-sans-arabic", "5.3.0", "noto-sans-arabic", ("LICENSE", ARABIC), "Noto Sans Arabic"
    ),
    Package("@fontsource-variable/noto-sans-thai", "5.3.0", "noto-sans-thai", ("LICENSE", THAI), "Noto Sans Thai"),
    Package("lucide-static", "1.62.0", "lucide", ("LICENSE",)),
    Package("jquery-ui-dist", "1.13.3", "jquery-ui", ("LICENSE.txt", "jquery-ui.min.js")),
)
FACE = re.compile(r"@font-face \{.*?\n\}", re.DOTALL)
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def fetched(package: Package, folder: Path) -> tarfile.TarFile:
    """The package's archive, by npm's own download."""
    wanted = f"{package.name}@{package.version}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), wanted]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    return tarfile.open(folder / name)


def content(archive: tarfile.TarFile, name: str) -> bytes:
    """One file of an archive."""
    found = archive.extractfile(f"package/{name}")
    if found is None:
        raise FileNotFoundError(name)
    return found.read()


def faces(package: Package, archive: tarfile.TarFile) -> list[str]:
    """The @font-face rules of the files that we took, under the typeface's plain name."""
    rules = FACE.findall(content(archive, package.sheet).decode())
    kept = [rule for rule in rules if any(f"./{name})" in rule for name in package.files)]
    plain = [re.sub(r"font-family: '[^']*'", f'font-family: "{package.typeface}"', rule) for rule in kept]
    return [rule.replace("url(./files/", f"url({package.folder}/") for rule in plain]


def symbol(name: str, drawing: str) -> str:
    """An icon as a symbol of the sprite."""
    found = DRAWING.search(drawing)
    if found is None:
        raise ValueError(name)
    shapes = "".join(line.strip() for line in found[1].splitlines()).replace(" />", "/>")
    return f'  <symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def sprite(archive: tarfile.TarFile) -> str:
    """The icons in use and our own symbols in one file."""
    icons = [symbol(name, content(archive, f"icons/{name}.svg").decode()) for name in sorted(ICONS.split())]
    own = [line for line in SYMBOLS.read_text("utf-8").splitlines() if line.lstrip().startswith("<symbol")]
    lines = [f"<!-- {NOTICES['icons.svg']} -->", '<svg xmlns="http://www.w3.org/2000/svg">', *icons, *own, "</svg>"]
    return "\n".join(lines) + "\n"


def checksums() -> str:
    """Every vendored file and the sprite with its SHA-256, as sha256sum writes them."""
    files = [*sorted(path for path in VENDOR.rglob("*") if path.is_file() and path != CHECKSUMS), SPRITE]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(BASE).as_posix()}" for path in files]
    return "\n".join(lines) + "\n"


def take(package: Package, archive: tarfile.TarFile) -> None:
    """Keep the package's files."""
    folder = VENDOR / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in package.files:
        (folder / Path(name).name).write_bytes(content(archive, name))


def main() -> None:
    """Fetch everything, keep what is used."""
    rules: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            with fetched(package, Path(folder)) as archive:
                take(package, archive)
                rules += faces(package, archive) if package.typeface else []
                if package.name == "lucide-static":
                    SPRITE.write_text(sprite(archive), "utf-8")
    VENDOR.joinpath("fonts.css").write_text(f"/* {NOTICES['fonts.css']} */\n" + "\n".join(rules) + "\n", "utf-8")
    CHECKSUMS.write_text(checksums(), "utf-8")


if __name__ == "__main__":
    main()
