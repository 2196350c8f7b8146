"""How Unfold's frame looks: our colours, our icon, our menu. Imported by the settings, so nothing of Django's apps."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

HUE = 268  # of the product's own brand, as in tokens.css; neutrals carry a breath of it

# Lightness and chroma of each step, light to dark.
NEUTRAL = {
    50: (98, 0.004), 100: (96, 0.006), 200: (91.5, 0.009), 300: (86, 0.012), 400: (69, 0.016), 500: (53, 0.02),
    600: (44, 0.022), 700: (35, 0.02), 800: (26, 0.016), 900: (20, 0.013), 950: (15, 0.011),
}  # fmt: skip
BRAND = {
    50: (97, 0.012), 100: (94, 0.025), 200: (89, 0.05), 300: (83, 0.075), 400: (78, 0.095), 500: (70, 0.11),
    600: (42, 0.1), 700: (36, 0.09), 800: (31, 0.08), 900: (26, 0.07), 950: (21, 0.05),
}  # fmt: skip


def _scale(steps: Mapping[int, tuple[float, float]]) -> dict[str, str]:
    return {str(step): f"oklch({light}% {chroma} {HUE})" for step, (light, chroma) in steps.items()}


def _file(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(path)


def unfold_settings() -> dict[str, Any]:
    """Settings of Unfold."""
    return {
        "SITE_TITLE": "Loyalty",
        "SITE_HEADER": "Loyalty",
        "SITE_SYMBOL": "loyalty",
        "SITE_URL": None,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("backoffice/icon.svg")}],
        "SHOW_LANGUAGES": True,
        "LANGUAGES": {"action": lambda _request: reverse("admin:language"), "navigation": []},
        "SHOW_BACK_BUTTON": True,
        "BORDER_RADIUS": "10px",
        "COLORS": {"base": _scale(NEUTRAL), "primary": _scale(BRAND)},
        "STYLES": [_file("vendor/fonts.css"), _file("css/tokens.css"), _file("backoffice/frame.css")],
        "SCRIPTS": [_file("backoffice/frame.js"), _file("js/refresh.js")],
        "SIDEBAR": {"navigation": "loyalty.backoffice.menu.menu"},
    }
