"""The first page: the programs of this installation, and in a demonstration who may sign in to them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, get_language_info
from django.views.generic import TemplateView, View

from core.models import Market, Program
from loyalty.display import formats
from loyalty.display.brand import sheet
from loyalty.display.value_words import listed
from loyalty.operations.demo.keys import password
from loyalty.operations.demo.sign_ins import SignIn, members

BETWEEN = "\N{NO-BREAK SPACE}· "  # which never begins a line


@dataclass(frozen=True, slots=True)
class Card:
    """A program on the page: its markets and languages in a line each, and the personas to try it with."""

    program: Program
    markets: str
    languages: str
    people: list[SignIn]


class Programs(TemplateView):
    """All programs, each in its own colours."""

    template_name = "demo/programs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Cards; sign-ins only in a demonstration."""
        people = list(members()) if settings.DEMO else []
        cards = [_card(program, people) for program in _programs().prefetch_related("markets")]
        shown = {"cards": cards, "demo": settings.DEMO, "password": password() if people else ""}
        return {**super().get_context_data(**kwargs), **shown}


class Brands(View):
    """The colours of all programs, each for the elements that name it."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """CSS."""
        sheets = [sheet(program.brand, of=f'[data-brand="{program.code}"]') for program in _programs()]
        return HttpResponse("".join(sheets), content_type="text/css; charset=utf-8")


def _programs() -> QuerySet[Program]:
    return Program.objects.order_by("pk")


def _card(program: Program, people: list[SignIn]) -> Card:
    return Card(
        program,
        listed([_country(market, program) for market in program.markets.all() if not market.retired]),
        BETWEEN.join(get_language_info(code)["name_local"] for code in program.languages),
        [row for row in people if row.program == program.code],
    )


def _country(market: Market, program: Program) -> str:
    """As the program calls it, if it speaks the reader's language; else as that language does."""
    own = get_language() in program.languages
    return market.name if own else formats.current().territories.get(market.code, market.name)
