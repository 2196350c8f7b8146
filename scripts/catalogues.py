#!/usr/bin/env python3
"""Catalogues of the interface's texts, without GNU gettext: English in the code, other languages in `locale/`.

Usage: .venv/bin/python scripts/catalogues.py extract | update | compile | check

extract  write locale/django.pot: every text of the code
update   the same, then give every language the new texts, drop those that are gone, and compile
compile  write the .mo files, which Django reads, from the .po files, which people edit
check    nothing of this is left to do, every text is translated, and no placeholder was lost
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE = Path(__file__).resolve().parent.parent
LOCALE = BASE / "locale"
TEMPLATE = LOCALE / "django.pot"
LANGUAGES = ("ar", "id", "ms", "th", "vi")
ROOMS = ("campaigns", "core", "dealers", "insights", "ledger", "loyalty", "members", "rewards", "templates")
SUFFIXES = {".py", ".html", ".txt"}
# The back office is made of Unfold and of Django's admin: what Django does not say in all our languages is ours to say.
OFFICE = Path("loyalty") / "backoffice"
UNFOLD = ("*.py", "mixins/*.py", "templatetags/*.py", "templates/admin/**/*.html", "templates/unfold/**/*.html",
          "contrib/import_export/*.py", "contrib/import_export/templates/**/*.html")  # fmt: skip
IMPORT_EXPORT = ("admin.py", "forms.py", "mixins.py")  # its templates are Unfold's
ADMIN = "contrib/admin"
DJANGO = (ADMIN, "contrib/auth", "conf")
LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **LAZY, "gettext_noop": None}
# The order of the forms where Babel's is not that of gettext, of Django and of CLDR: zero, one, two, few, many, other.
PLURALS = {
    "ar": "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5",
}
PLACEHOLDER = re.compile(r"%%|%\(\w+\)\w|%\w|\{\w*\}")


type Text = str | list[str] | tuple[str, ...]


class Texts(Catalog):
    """A catalogue whose head holds no dates and no names: it changes only when a text does."""

    KEPT = frozenset({"Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"})

    def __init__(self, language: str | None = None) -> None:
        """Of a language, or the template of all."""
        super().__init__(locale=language, header_comment="", fuzzy=False)

    @property
    def plural_expr(self) -> str:
        """Which form a number takes."""
        return PLURALS.get(str(self.locale_identifier), super().plural_expr)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The fields of the head."""
        fields = [(name, value) for name, value in self._get_mime_headers() if name in self.KEPT]
        return [*fields[:-1], (fields[-1][0], f"{fields[-1][1]}\n")]


def from_code() -> Texts:
    """Every text of the code and of its templates, in the order of files and lines."""
    found = Texts()
    for path in sorted(path for room in ROOMS for path in (BASE / room).rglob("*.*") if path.suffix in SUFFIXES):
        place = path.relative_to(BASE).as_posix()
        for text, context in texts_of(path):
            found.add(text, locations=[(place, 0)], context=context)
    for place, text, context in from_packages() if (BASE / OFFICE).is_dir() else ():
        found.add(text, locations=[(place, 0)], context=context)
    return found


def texts_of(path: Path) -> Iterator[tuple[Text, str | None]]:
    """The texts of a file, each with its context."""
    for _line, text, _comments, context in extract("python", BytesIO(python(path)), KEYWORDS):
        yield text, context


def from_packages() -> Iterator[tuple[str, Text, str | None]]:
    """What packages say that Django does not translate for us: where, the text, its context."""
    others = [*from_package("unfold", UNFOLD), *from_package("import_export", IMPORT_EXPORT)]
    for place, text, context in [*others, *from_admin()]:
        if not all((first(text), context) in of_django(language) for language in LANGUAGES):
            yield place, text, context


def from_package(name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, Text, str | None]]:
    """The texts of a package's code and templates."""
    home = folder(name)
    for path in sorted({path for pattern in patterns for path in home.glob(pattern)}):
        for text, context in texts_of(path):
            yield f"{name}/{path.relative_to(home).as_posix()}", text, context


def from_admin() -> Iterator[tuple[str, Text, str | None]]:
    """The texts of the admin's code, from Django's own list; its templates are Unfold's."""
    for message in django_texts(ADMIN, "en"):
        place = str(message.locations[0][0])
        if place.endswith(".py"):
            yield f"django/{place}", message.id, message.context


def folder(package: str) -> Path:
    """Where a package is installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package} is not installed")
    return Path(spec.submodule_search_locations[0])


@cache
def of_django(language: str) -> frozenset[tuple[str, str | None]]:
    """Texts and contexts that Django translates into a language."""
    return frozenset(
        (first(message.id), message.context)
        for part in DJANGO
        for message in django_texts(part, language)
        if not message.fuzzy and all(forms(message.string))
    )


def django_texts(part: str, language: str) -> list[Message]:
    """The messages of one of Django's catalogues."""
    path = folder("django") / part / "locale" / language / "LC_MESSAGES" / "django.po"
    return texts(read_po(BytesIO(path.read_bytes()), locale=language))


def first(text: Text) -> str:
    """A text, or its form for one."""
    return text if isinstance(text, str) else text[0]


def python(path: Path) -> bytes:
    """A source as it is; of a template the calls in it, in parentheses since its indents are no Python."""
    source = path.read_text("utf-8")
    return (source if path.suffix == ".py" else f"({templatize(source, origin=str(path))}\n)").encode()


def translated(template: Catalog, language: str) -> Texts:
    """The template's texts with what the language's file says to them."""
    path = po(language)
    known = read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=language)
    result = Texts(language)
    for message in texts(template):
        new = result.add(message.id, locations=message.locations, context=message.context)
        if old := known.get(message.id, message.context):
            new.string, new.user_comments = old.string, old.user_comments
            new.flags |= old.flags & {"fuzzy"}
    return result


def texts(catalogue: Catalog) -> list[Message]:
    """Its messages without the head."""
    return [message for message in catalogue if message.id]


def po(language: str) -> Path:
    """The file that people edit."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def mo(language: str) -> Path:
    """The file that Django reads."""
    return po(language).with_suffix(".mo")


def written(catalogue: Catalog) -> bytes:
    """As .po: files without line numbers, one line a text."""
    out = BytesIO()
    write_po(out, catalogue, width=0, include_lineno=False)
    return out.getvalue().strip() + b"\n"


def compiled(catalogue: Catalog) -> bytes:
    """As .mo."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def placeholders(text: str) -> list[str]:
    """What the program fills in, in no order."""
    return sorted(PLACEHOLDER.findall(text))


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """The one text of a message, or its forms for numbers."""
    return list(text) if isinstance(text, list | tuple) else [text or ""]


def complaints() -> Iterator[str]:
    """What is left to do, in sentences."""
    template = from_code()
    if not holds(TEMPLATE, written(template)):
        yield f"{TEMPLATE.relative_to(BASE)} lacks texts of the code, or has others: update"
    for language in LANGUAGES:
        catalogue = translated(template, language)
        if not holds(po(language), written(catalogue)):
            yield f"{po(language).relative_to(BASE)} has not the texts of the code: update"
        if not holds(mo(language), compiled(catalogue)):
            yield f"{mo(language).relative_to(BASE)} is not of its .po file: compile"
        yield from (f"{language}: {fault}: {message.id}" for message in texts(catalogue) if (fault := wrong(message)))


def holds(path: Path, content: bytes) -> bool:
    """Whether the file has this content."""
    return path.exists() and path.read_bytes() == content


def wrong(message: Message) -> str:
    """What is wrong with a translation, if anything. Forms for one or two of a thing may leave the number out."""
    if message.fuzzy or not all(forms(message.string)):
        return "not translated"
    wanted = placeholders(forms(message.id)[-1])
    *few, last = (placeholders(form) for form in forms(message.string))
    return "" if last == wanted and all(set(form) <= set(wanted) for form in few) else "other placeholders"


def write(path: Path, content: bytes) -> None:
    """Write a file, and the folder where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main(command: str) -> None:
    """Do what the first lines say."""
    if command == "check":
        sys.exit("\n".join(complaints()) or 0)
    template = from_code()
    if command in {"extract", "update"}:
        write(TEMPLATE, written(template))
    for language in LANGUAGES if command == "update" else ():
        write(po(language), written(translated(template, language)))
    for language in LANGUAGES if command in {"update", "compile"} else ():
        write(mo(language), compiled(translated(template, language)))


if __name__ == "__main__":
    if sys.argv[1:] not in (["extract"], ["update"], ["compile"], ["check"]):
        sys.exit(__doc__)
    main(sys.argv[1])
