"""What belongs to no face: the icon browsers ask for unbidden, and the style page, for those who build pages."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_safe

from core.models import Program

TOKENS = {
    "Brand": ("brand", "accent", "fill", "on-fill", "bar", "brand-ink", "tint", "tint-strong", "hero", "hero-accent"),
    "Neutral": ("canvas", "surface", "raised", "sunken", "line", "line-strong", "ink", "ink-soft", "ink-faint"),
    "Meaning": ("good", "good-tint", "warn", "warn-tint", "bad", "bad-tint"),
}
NAMES = re.compile(r'<symbol id="([^"]+)"')
THEMES = ("light", "dark")
DENSITIES = ("compact", "roomy")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Of answers that are no pages."""
    return redirect(static("favicon.svg"))


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
