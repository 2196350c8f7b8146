"""What belongs to no face: the icon browsers ask for unbidden, and the style page, for those who build pages."""

import re

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.models import Program
from rewards.rules.pictures import FOLDER

TOKENS = {
    "Brand": ("brand", "accent", "fill", "on-fill", "bar", "brand-ink", "tint", "tint-strong", "hero", "hero-accent"),
    "Neutral": ("canvas", "surface", "raised", "sunken", "line", "line-strong", "ink", "ink-soft", "ink-faint"),
    "Meaning": ("good", "good-tint", "warn", "warn-tint", "bad", "bad-tint"),
}
NAMES = re.compile(r'<symbol id="([^"]+)"')
PICTURE = re.compile(r"[0-9a-f]{32}\.webp")
YEAR = 365 * 24 * 3600
THEMES = ("light", "dark")
DENSITIES = ("compact", "roomy")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Of answers that are no pages."""
    return redirect(static("favicon.svg"))


@require_safe
@cache_control(max_age=YEAR, public=True, immutable=True)
def uploaded(_request: HttpRequest, picture: str) -> FileResponse:
    """A picture of a reward that was uploaded; its name follows from its content, so it can be kept for ever."""
    name = f"{FOLDER}{picture}"
    if not PICTURE.fullmatch(picture) or not default_storage.exists(name):
        raise Http404
    return FileResponse(default_storage.open(name), content_type="image/webp")


def style(request: HttpRequest) -> HttpResponse:
    """All tokens and components, in DEBUG only: ``?program=wallet&language=ar&theme=dark&density=roomy``."""
    asked = request.GET
    language = asked.get("language", "en")
    if translation.check_for_language(language):
        translation.activate(language)
    context = {
        "program": Program.objects.filter(code=asked.get("program", "")).first(),
        "programs": Program.objects.order_by("code"),
        "tokens": TOKENS,
        "theme": asked.get("theme", ""),
        "themes": THEMES,
        "density": asked.get("density", ""),
        "densities": DENSITIES,
        "languages": [code for code, _name in settings.LANGUAGES],
        "spoken": language,
        "icons": NAMES.findall((settings.BASE_DIR / "static" / "icons.svg").read_text("utf-8")),
    }
    return render(request, "display/style.html", context)
