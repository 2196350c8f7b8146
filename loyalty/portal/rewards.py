"""The marketplace: looking for rewards among thousands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from loyalty.portal.tiles import RewardsBase
from rewards.models.categories import Kind, category_name
from rewards.selectors.catalogue import browse
from rewards.selectors.shelves import BANDS, Facets, Question, Sort

LIMIT = 24
MOST_BRANDS = 8
MOST_LETTERS = 100
MOST_DIGITS = 19  # of a bigint
SORTS: Mapping[str, Promise] = {
    "": gettext_lazy("What fits best"),
    Sort.CHEAPEST: gettext_lazy("Fewest points first"),
    Sort.DEAREST: gettext_lazy("Most points first"),
    Sort.NEWEST: gettext_lazy("Newest first"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a facet: what it is called, how many it would leave, and the address that makes or undoes it."""

    name: str
    value: str
    label: str
    count: int
    chosen: bool
    address: str


class RewardsPage(RewardsBase):
    """The marketplace. All that is asked for stands in the address: it works without scripts and can be shared."""

    template_name = "portal/rewards/page.html"

    def get_template_names(self) -> list[str]:
        """For htmx what has changed alone: the next tiles, or results and facets."""
        if not getattr(self.request, "htmx", False):
            return ["portal/rewards/page.html"]
        return [f"portal/rewards/{'tiles' if 'after' in self.request.GET else 'found'}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of the catalogue, its facets, and what each further choice would find."""
        question = self.question()
        after = _key(self.request.GET.get("after", ""))
        continued = after is not None and bool(getattr(self.request, "htmx", False))  # else it is a whole page
        shown = browse(
            question, currency=self.member.market.currency, limit=LIMIT, at=self.at, after=after, member=self.member,
            standing=self.standing, facets=not continued,
        )  # fmt: skip
        return {
            **super().get_context_data(**kwargs),
            "tiles": self.tiles(shown.items),
            "more": self._address(after="_".join(map(str, shown.following))) if shown.following else "",
            "text": question.text,
            "sort": self.request.GET.get("sort", ""),
            "sorts": list(SORTS.items()),
            "continued": continued,
            **(self._facets(shown.facets, question) if shown.facets else {}),
        }

    def question(self) -> Question:
        """What the address asks for; nonsense in it is no question."""
        asked = self.request.GET
        most, sort = asked.get("most", ""), asked.get("sort")
        return Question(
            program_id=self.program.pk,
            market=self.member.market.code,
            text=asked.get("q", "").replace("\0", "")[:MOST_LETTERS],
            categories=_plain(asked, "category"),
            brands=_plain(asked, "brand"),
            kinds=_plain(asked, "kind"),
            most=int(most) if most in {str(band) for band in BANDS} else None,
            purse=self.standing.points,
            affordable=asked.get("affordable") == "1",
            sort=Sort(sort) if sort in set(Sort) else None,
        )

    def _facets(self, facets: Facets, question: Question) -> dict[str, Any]:
        categories = [self._choice("category", code, category_name(code), n) for code, n in facets.category.items()]
        brands = [self._choice("brand", brand, brand, n) for brand, n in facets.brand.items()]
        chosen = [choice for choice in brands[MOST_BRANDS:] if choice.chosen]
        filtered = any((question.categories, question.brands, question.kinds, question.affordable))
        kinds = [self._choice("kind", kind, str(Kind(kind).label), n) for kind, n in facets.kind.items()]
        return {
            "total": facets.total,
            "categories": categories,
            "brands": [*brands[:MOST_BRANDS], *chosen],
            "kinds": kinds,
            "affordable": self._choice("affordable", "1", "", facets.affordable or 0),
            "filtered": filtered,
            "narrowed": filtered or bool(question.text),
            "everything": self.request.path,
        }

    def _choice(self, name: str, value: str, label: str, count: int) -> Choice:
        chosen = value in self.request.GET.getlist(name)
        asked = self._asked()
        values = asked.getlist(name)
        asked.setlist(name, [v for v in values if v != value] if chosen else [*values, value])
        return Choice(name, value, label, count, chosen, f"?{asked.urlencode()}")

    def _asked(self) -> QueryDict:
        asked = self.request.GET.copy()
        asked.pop("after", None)
        return asked

    def _address(self, **values: str) -> str:
        asked = self._asked()
        for name, value in values.items():
            asked[name] = value
        return f"?{asked.urlencode()}"


def _plain(asked: QueryDict, name: str) -> list[str]:
    return [value for value in dict.fromkeys(asked.getlist(name)) if value and "\0" not in value][:20]


def _key(text: str) -> list[int] | None:
    """Where a page goes on; nonsense begins anew."""
    parts = text.split("_")
    fit = all(part.removeprefix("-").isdecimal() and part.isascii() and len(part) < MOST_DIGITS for part in parts)
    return [int(part) for part in parts] if text and fit else None
