"""What refreshes itself can be held while somebody presses in it; tests/browser does press."""

import re
from pathlib import Path

from django.conf import settings

ITSELF = re.compile(r'<\w+\s[^<>]*hx-trigger="[^"]*\bevery\b[^<>]*>')


def test_whatever_refreshes_itself_has_a_name_and_does_so_too_when_it_is_let_go() -> None:
    found = [
        tag for path in Path(settings.BASE_DIR, "templates").rglob("*.html") for tag in ITSELF.findall(path.read_text())
    ]
    assert len(found) >= 8
    assert [tag for tag in found if ' id="' not in tag.replace("\n", " ") or "released" not in tag] == []
    assert [tag for tag in found if 'hx-swap="outerHTML"' not in tag or "hx-target" in tag] == []
