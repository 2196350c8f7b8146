"""Tags of all pages: ``{% load display %}``.

The formats give plain text, fit for attributes; ``|num`` wraps a figure so that it neither breaks nor turns around in
Arabic: ``{{ balance|points|num }}``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.urls import get_script_prefix, get_urlconf
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.models import Program
from loyalty.display import formats
from loyalty.display.static import is_there

register = template.Library()

LATIN = "inter/inter-latin-opsz-normal.woff2"  # digits of every language stand in it
OF_SCRIPT = {
    "ar": ("noto-sans-arabic/noto-sans-arabic-arabic-wght-normal.woff2",),
    "th": ("noto-sans-thai/noto-sans-thai-thai-wght-normal.woff2",),
    "vi": ("inter/inter-vietnamese-opsz-normal.woff2", "inter/inter-latin-ext-opsz-normal.woff2"),
}


@register.simple_tag
@lru_cache(maxsize=1024)  # a page has dozens, and the sprite's address does not change while a process lives
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: ``{% icon "gift" "s" %}``."""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        " " if classes else "",
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def logo(brand: Mapping[str, str] | None) -> str:
    """The address of the brand's logo, if the file it names is there."""
    name = (brand or {}).get("logo", "")
    return static(name) if name and is_there(name) else ""


@register.filter
def fonts(language: str) -> list[str]:
    """The font files that a page in this language cannot do without."""
    return [static(f"vendor/{name}") for name in (LATIN, *OF_SCRIPT.get(language, ()))]


@register.filter
def points(value: float | Decimal) -> str:
    """A number of points, or any other number: ``12,480``."""
    return formats.number(value)


@register.simple_tag
def points_name(program: Program, number: int) -> str:
    """What that many points of a program are called: point, points."""
    return formats.counted(number, program.points_name, program.points_forms)


@register.filter
def signed(value: float | Decimal) -> str:
    """A change of points: ``+860``, ``−2,000``."""
    return formats.signed(value)


@register.filter
def amount(value: int | str | Decimal, currency: str) -> str:
    """Money: ``{{ price|amount:"AED" }}``; an integer counts smallest units, a decimal or text is an amount."""
    return formats.amount(value, currency)


@register.filter
def percent(share: float | Decimal) -> str:
    """``62%`` of 0.62."""
    return formats.percent(share)


@register.filter
def day(value: date | datetime | None) -> str:
    """``31 December``, with the year unless it is this one."""
    return formats.day(value) if value else ""


@register.filter
def day_short(value: date | datetime | None) -> str:
    """``18 Nov``, with the year unless it is this one."""
    return formats.day(value, short=True) if value else ""


@register.filter
def month(value: date | datetime | None) -> str:
    """``November``, with the year unless it is this one."""
    return formats.month(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """``18 Nov, 14:05``."""
    return formats.moment(value) if value else ""


@register.filter
def num(text: object) -> SafeString:
    """A figure, code or plate kept in one piece and in its own direction."""
    return format_html('<bdi class="num">{}</bdi>', text)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and last word: ``MA``; letters that would join, as Arabic ones, stand apart."""
    words = name.split()
    letters = [word[0].upper() for word in [*words[:1], *words[1:][-1:]]]
    return ("" if all(letter.isascii() for letter in letters) else " ").join(letters)


@register.simple_tag
def bar(value: float, whole: float, label: str, classes: str = "") -> SafeString:
    """A bar, filled as far as ``value`` is of ``whole``; ``label`` says it in words."""
    return format_html(
        '<progress value="{}" max="{}"{} aria-label="{}"></progress>',
        _plain(min(value, whole)),
        _plain(whole or 1),
        format_html(' class="{}"', classes) if classes else "",
        label,
    )


@register.simple_tag
def ring(value: float, whole: float, text: str, classes: str = "") -> SafeString:
    """A ring closed as far as ``value`` is of ``whole``, with a short text inside."""
    share = round(100 * min(value / whole, 1)) if whole else 100
    return format_html(
        '<span class="ring{}{}"><svg viewBox="0 0 48 48" aria-hidden="true">'
        '<circle cx="24" cy="24" r="20" pathLength="100"/>'
        '<circle cx="24" cy="24" r="20" pathLength="100" stroke-dasharray="{} 100"/></svg>{}</span>',
        " " if classes else "",
        classes,
        share,
        text,
    )


def _plain(value: float) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if not isinstance(value, int) else str(value)


class Kept(template.Node):
    """Markup that is rendered once in a process for each language, map of addresses and set of values."""

    MOST = 1_000  # sets of values, after which all begin anew

    def __init__(self, nodes: template.NodeList, values: Sequence[template.base.FilterExpression]) -> None:
        self.nodes, self.values = nodes, values
        self.known: dict[tuple[object, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """What is known, or known from now on."""
        values = [str(value.resolve(context)) for value in self.values]
        key = (get_language(), get_urlconf(), get_script_prefix(), *values)
        found = self.known.get(key)
        if found is None:
            with context.push():
                found = self.nodes.render(context)
            if len(self.known) >= self.MOST:
                self.known.clear()
            self.known[key] = found
        return found


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> Kept:
    """Render what depends on nothing but the values once: ``{% kept program.code section %}…{% endkept %}``.

    Language and addresses are known to it; what belongs to one reader or request has no place inside.
    """
    values = [parser.compile_filter(text) for text in token.split_contents()[1:]]
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodes, values)
