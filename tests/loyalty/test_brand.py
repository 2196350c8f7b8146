"""A program's look: few values, safe in every one of them."""

import json
import re
import struct
import zlib
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from core.models import Program
from core.rules.contrast import WHITE, contrast
from loyalty.display.brand import sheet
from loyalty.operations.program_file.checking import check
from tests.loyalty.demo_program import FILE
from tests.members.program import make_program

BRAND = {"primary": "#2747e0", "accent": "#ff7a59", "round": "1.2", "art": "waves", "mark": "wallet"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", WHITE, 21.0), (WHITE, "#000000", 21.0), ("#777777", WHITE, 4.48), ("#0b5fff", "#0b5fff", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


def test_the_sheet_sets_what_the_brand_says_and_nothing_else() -> None:
    said = "--brand: #2747e0; --accent: #ff7a59; --round: 1.2; --hero-art: var(--art-waves);"
    assert sheet(BRAND) == f"@layer brand {{ :root {{ {said} }} }}\n"
    assert sheet({}) == ""


@pytest.mark.parametrize(
    ("brand", "path", "said"),
    [
        ('{primary: "#ffe000"}', "program.brand.primary", "contrast of 1.3 with white"),
        ('{round: "2.1"}', "program.brand.round", "at most 2"),
        ("{art: stars}", "program.brand.art", "not known here"),
        ("{mark: bank}", "program.brand.mark", "not known here"),
    ],
)
def test_a_program_file_with_an_unsafe_brand_is_refused(brand: str, path: str, said: str) -> None:
    text = re.sub(r"brand: \{primary.*?\}", f"brand: {brand}", FILE.read_text())
    assert [(fault.path, said in fault.message) for fault in check(text.encode()).faults] == [(path, True)]


@pytest.fixture
def program(db: None) -> Program:
    program = make_program("wallet")
    Program.objects.filter(pk=program.pk).update(brand=BRAND)
    program.refresh_from_db()
    return program


def test_brand_files_are_kept_for_ever_under_the_revision_and_briefly_without(client: Client, program: Program) -> None:
    for name in ("brand.css", "icon.svg", "manifest.webmanifest"):
        kept = client.get(f"/p/wallet/{name}?{program.revision}")
        brief = client.get(f"/p/wallet/{name}")
        assert (kept.status_code, kept.content) == (200, brief.content)
        assert kept["Cache-Control"] == "public, max-age=31536000, immutable"
        assert brief["Cache-Control"] == "public, max-age=300"
        assert "Cookie" not in kept.get("Vary", "")


def test_pages_link_the_sheet_of_the_present_revision(client: Client, program: Program) -> None:
    before = client.get("/p/wallet/").content.decode()
    Program.objects.filter(pk=program.pk).update(revision=program.revision + 1)
    after = client.get("/p/wallet/").content.decode()
    assert f"/p/wallet/brand.css?{program.revision}" in before
    assert f"/p/wallet/brand.css?{program.revision + 1}" in after


def test_the_icon_wears_the_mark_or_the_initials(client: Client, program: Program) -> None:
    marked = client.get("/p/wallet/icon.svg").content.decode()
    Program.objects.filter(pk=program.pk).update(brand={}, name="Blue <Bird>")
    lettered = client.get("/p/wallet/icon.svg").content.decode()
    assert 'fill="#2747e0"' in marked
    assert "<text" not in marked
    assert ">B&lt;</text>" in lettered


def test_the_manifest_makes_the_portal_installable(client: Client, program: Program) -> None:
    manifest: dict[str, Any] = json.loads(client.get("/p/wallet/manifest.webmanifest").content)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/p/wallet/", "/p/wallet/", "standalone")
    assert manifest["theme_color"] == "#2747e0"
    assert [(icon["sizes"], icon.get("purpose")) for icon in manifest["icons"]] == [
        ("any", "any"),
        ("any", "maskable"),
        ("192x192", "any"),
        ("192x192", "maskable"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    pictures = [client.get(icon["src"]) for icon in manifest["icons"][2:]]
    assert {answer["Content-Type"] for answer in pictures} == {"image/png"}
    assert [_size(answer.content) for answer in pictures] == [(192, 192), (192, 192), (512, 512), (512, 512)]


def test_the_picture_on_the_home_screen_is_the_mark_in_the_program_s_colour(client: Client, program: Program) -> None:
    for colour in ("#2747e0", "#0d3f3a"):
        Program.objects.filter(pk=program.pk).update(brand={"primary": colour, "mark": "wallet"})
        ground, mark = _colours(client.get("/p/wallet/icon-180.png").content)
        assert (ground, mark) == (colour, "#ffffff")
    Program.objects.filter(pk=program.pk).update(brand={"primary": "#0d3f3a"})
    assert _colours(client.get("/p/wallet/icon-180.png").content) == ("#0d3f3a", "#ffffff")
    assert client.get("/p/wallet/icon-181.png").status_code == 404


def _size(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


def _colours(png: bytes) -> tuple[str, str]:
    """The first and the last colour of the palette, whose checksum is right."""
    at = png.index(b"PLTE")
    palette = png[at + 4 : at + 4 + 768]
    assert png[at + 772 : at + 776] == struct.pack(">I", zlib.crc32(png[at : at + 772]))
    return f"#{palette[:3].hex()}", f"#{palette[-3:].hex()}"


def test_colours_come_from_program_files_alone_which_judge_their_contrast(rf: RequestFactory) -> None:
    office = admin.site.get_model_admin(Program)
    fixed = office.get_readonly_fields(rf.get("/office/"))
    assert "brand" in [getattr(name, "__name__", name) for name in fixed]
