"""The program's own look: a small style sheet, its icon, and what an installed portal is called."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.generic import View

from core.models import Program
from loyalty.display.app_icons import OURS as OUR_MARK
from loyalty.display.app_icons import SIZES, app_icon
from loyalty.display.brand import OURS, sheet
from loyalty.display.languages import spoken

YEAR = 365 * 24 * 3600  # seconds
SHORT = 300


class BrandFile(View):
    """A file made from the program's configuration: kept for ever under an address that names the revision."""

    program: Program

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Know the program; who asks does not matter."""
        super().setup(request, *args, **kwargs)
        self.program = get_object_or_404(Program, code=kwargs["program"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say how long it may be kept."""
        response = super().dispatch(request, *args, **kwargs)
        if request.META.get("QUERY_STRING") == str(self.program.revision):
            patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
        else:
            patch_cache_control(response, public=True, max_age=SHORT)
        return response


class BrandSheet(BrandFile):
    """The brand as a style sheet, over the tokens."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """CSS, empty for a program without a brand of its own."""
        return HttpResponse(sheet(self.program.brand), content_type="text/css; charset=utf-8")


class BrandIcon(BrandFile):
    """The icon of the browser's tab and of the home screen: the mark or the initials on the primary colour."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """SVG whose middle survives any mask."""
        context = {"program": self.program, "brand": OURS | self.program.brand}
        return render(request, "display/icon.svg", context, content_type="image/svg+xml")


class AppIcon(BrandFile):
    """The same for home screens that take no SVG; a program of initials only shows our own mark in its colour."""

    def get(self, _request: HttpRequest, *, size: int, **_kwargs: Any) -> HttpResponse:
        """PNG, in the sizes that are drawn."""
        if size not in SIZES:
            raise Http404
        brand = OURS | self.program.brand
        return HttpResponse(app_icon(brand.get("mark", OUR_MARK), brand["primary"], size), content_type="image/png")


class Manifest(BrandFile):
    """What a phone needs to put the portal on its home screen."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> JsonResponse:
        """A web app manifest in the reader's language."""
        language = spoken(request, offered=self.program.languages)
        with translation.override(language):
            return JsonResponse(self.described(language), content_type="application/manifest+json")

    def picture(self, size: int) -> str:
        """The address of the PNG icon."""
        at = {"program": self.program.code, "size": size}
        return f"{reverse('portal:app-icon', kwargs=at)}?{self.program.revision}"

    def described(self, language: str) -> dict[str, Any]:
        """The manifest, https://www.w3.org/TR/appmanifest/; held long, the icon on the home screen offers the card."""
        code = self.program.code
        home, card = (reverse(f"portal:{page}", kwargs={"program": code}) for page in ("home", "card"))
        return {
            "id": home,
            "name": self.program.name,
            "short_name": self.program.name,
            "lang": language,
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": (OURS | self.program.brand)["primary"],
            "icons": self.icons(),
            "shortcuts": [{"name": gettext("My card"), "url": card}],
        }

    def icons(self) -> list[dict[str, str]]:
        """The program's icon, drawn and as pictures."""
        drawn = f"{reverse('portal:icon', kwargs={'program': self.program.code})}?{self.program.revision}"
        return [
            {"src": drawn, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": drawn, "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
            *(
                {"src": self.picture(size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for size in (192, 512)
                for purpose in ("any", "maskable")
            ),
        ]
