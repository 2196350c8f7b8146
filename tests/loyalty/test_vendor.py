"""What others made and we serve: nothing was changed, nothing is missing, everything has its licence."""

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

BASE = Path(settings.BASE_DIR)
VENDOR = BASE / "static" / "vendor"
OWN = ("loyalty", "campaigns", "templates")


def test_vendored_files_are_those_that_were_fetched() -> None:
    lines = (VENDOR / "checksums.txt").read_text().splitlines()
    noted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "checksums.txt"]
    found = {
        path.relative_to(BASE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*files, BASE / "static" / "icons.svg"]
    }
    assert found == noted


def test_every_vendored_package_brings_its_licence() -> None:
    assert [folder.name for folder in VENDOR.iterdir() if folder.is_dir() and not list(folder.glob("LICENSE*"))] == []


def test_style_sheets_name_files_that_are_there_and_no_other_host() -> None:
    sheets = [*(BASE / "static" / "css").glob("*.css"), VENDOR / "fonts.css"]
    named = [(sheet, name) for sheet in sheets for name in re.findall(r"url\(([^)]+)\)", sheet.read_text())]
    assert [name for sheet, name in named if not (sheet.parent / name).is_file()] == []
    assert [sheet.name for sheet in sheets if "http" in sheet.read_text()] == []


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (BASE / "static" / "icons.svg").read_text()))
    sources = [path for room in OWN for path in (BASE / room).rglob("*.html")]
    shown = {(path.name, icon) for path in sources for icon in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    shown |= {(path.name, icon) for path in sources for icon in re.findall(r'symbol="([^"]+)"', path.read_text())}
    assert {(page, icon) for page, icon in shown if icon not in sprite} == set()


def test_static_files_that_templates_name_exist() -> None:
    sources = [path for room in OWN for path in (BASE / room).rglob("*.html")]
    named = {name for path in sources for name in re.findall(r'{% static "([^"]+)" %}', path.read_text())}
    assert {name for name in named if finders.find(name) is None} == set()
