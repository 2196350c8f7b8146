"""The interface's texts in six languages: their files, and what a caller of the API sees of them."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Program
from loyalty.api.refusals import TooLarge
from loyalty.display.stock_words import problem_words
from loyalty.display.value_words import days
from tests.loyalty.api import Caller, document, make_caller
from tests.loyalty.ground import BASE
from tests.members.program import make_program

OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
SCRIPT = "scripts/catalogues.py"


def run(base: Path, command: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, base / SCRIPT, command], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.strip()


# -- the files ------------------------------------------------------------------------------------


def test_every_text_of_the_code_is_translated_into_every_language() -> None:
    assert run(BASE, "check") == (0, "")


def test_days_that_are_to_be_copied_keep_their_order_among_arabic_words() -> None:
    """Behind Arabic letters the parts of 2027-12-31 would be shown the other way round."""
    with Path(BASE, "locale/ar/LC_MESSAGES/django.po").open("rb") as file:
        texts = [str(message.string) for message in read_po(file, locale="ar") if message.id]
    bare = [text for text in texts if re.search(r"\d{4}-\d\d-\d\d", re.sub("\u2066[^\u2069]*\u2069", "", text))]
    assert bare == []
    with translation.override("ar"):
        assert "\u20682027-1-1\u2069" in problem_words("day", "2027-1-1")


def read(message: Message) -> set[str]:
    """What Django says for a message, with every number where there is one."""
    if isinstance(message.id, str):
        return {translation.pgettext(message.context, message.id) if message.context else _(message.id)}
    one, many = message.id
    context = message.context
    told = (translation.npgettext(context, one, many, n) if context else ngettext(one, many, n) for n in range(120))
    return set(told)


def written(message: Message) -> set[str]:
    """What the file says."""
    return set(message.string) if isinstance(message.string, list | tuple) else {str(message.string)}


@pytest.mark.parametrize("language", OTHERS)
def test_django_reads_every_text_in_every_language(language: str) -> None:
    with (BASE / "locale" / language / "LC_MESSAGES/django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    with translation.override(language):
        said = [(message.id, read(message), written(message)) for message in messages]
        assert [(text, heard, wanted) for text, heard, wanted in said if heard != wanted] == []
        assert str(TooLarge.title) != "The request is too large"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 يوم"),
        (1, "يوم واحد"),
        (2, "يومان"),
        (3, "3 أيام"),
        (10, "10 أيام"),
        (11, "11 يومًا"),
        (99, "99 يومًا"),
        (100, "100 يوم"),
        (103, "103 أيام"),
        (112, "112 يومًا"),
    ],
)
def test_arabic_words_follow_their_number(number: int, words: str) -> None:
    with translation.override("ar"):
        assert days(number) == words


@dataclass(frozen=True)
class Checkout:
    """A small tree with one text, translated into every language, and the script."""

    base: Path

    @property
    def code(self) -> Path:
        return self.base / "core/greetings.py"

    @property
    def arabic(self) -> Path:
        return self.base / "locale/ar/LC_MESSAGES/django.po"

    def replace(self, path: Path, old: str, new: str) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def check(self) -> tuple[int, list[str]]:
        result, complaints = run(self.base, "check")
        return result, complaints.splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "scripts").mkdir()
    shutil.copy(BASE / SCRIPT, tmp_path / SCRIPT)
    made.code.write_text('GREETING = gettext_lazy("Hello %(name)s")\n')
    assert run(tmp_path, "update") == (0, "")
    for path in tmp_path.glob("locale/*/LC_MESSAGES/django.po"):
        made.replace(path, 'Hello %(name)s"\nmsgstr ""', 'Hello %(name)s"\nmsgstr "%(name)s, 你好"')
    assert run(tmp_path, "compile") == (0, "")
    assert made.check() == (0, [])
    return made


def test_a_new_text_is_missed_until_it_is_translated(checkout: Checkout) -> None:
    checkout.replace(checkout.code, "\n", '\nPARTING = _("Good bye")\n')
    result, complaints = checkout.check()
    assert (result, complaints[0]) == (1, "locale/django.pot lacks texts of the code, or has others: update")
    assert run(checkout.base, "update") == (0, "")
    assert checkout.check() == (1, [f"{language}: not translated: Good bye" for language in sorted(OTHERS)])
    assert "%(name)s, 你好" in checkout.arabic.read_text("utf-8")


def test_texts_of_templates_count(checkout: Checkout) -> None:
    page = checkout.base / "templates/portal/home.html"
    page.parent.mkdir(parents=True)
    page.write_text('{% load i18n %}\n    <p>{% translate "It\'s yours" %}\n  {{ x|default:_("None yet") }}</p>\n')
    assert run(checkout.base, "update") == (0, "")
    missed = [line for line in checkout.check()[1] if line.startswith("ar")]
    assert missed == ["ar: not translated: It's yours", "ar: not translated: None yet"]


def test_texts_that_rules_mark_count(checkout: Checkout) -> None:
    checkout.replace(checkout.code, "\n", '\nraise Wrong("invalid", gettext_noop("Too far"))\n')
    assert run(checkout.base, "update") == (0, "")
    assert checkout.check() == (1, [f"{language}: not translated: Too far" for language in sorted(OTHERS)])


def test_a_text_that_is_gone_is_dropped(checkout: Checkout) -> None:
    checkout.code.write_text("")
    assert checkout.check()[0] == 1
    assert run(checkout.base, "update") == (0, "")
    assert checkout.check() == (0, [])
    assert "Hello" not in checkout.arabic.read_text("utf-8")


def test_a_translation_keeps_the_placeholders(checkout: Checkout) -> None:
    checkout.replace(checkout.arabic, "%(name)s, 你好", "你好")
    assert run(checkout.base, "compile") == (0, "")
    assert checkout.check() == (1, ["ar: other placeholders: Hello %(name)s"])


def test_words_for_one_or_two_may_say_the_number_themselves(checkout: Checkout) -> None:
    checkout.code.write_text('AGO = ngettext("%(days)s day", "%(days)s days", 3)\n')
    assert run(checkout.base, "update") == (0, "")
    for path in checkout.base.glob("locale/*/LC_MESSAGES/django.po"):
        text = re.sub(r'(msgstr\[\d\]) ""', r'\1 "%(days)s"', path.read_text("utf-8"))
        path.write_text(text, "utf-8")
    checkout.replace(checkout.arabic, 'msgstr[1] "%(days)s"', 'msgstr[1] "يوم"')
    assert run(checkout.base, "compile") == (0, "")
    assert checkout.check() == (0, [])
    checkout.replace(checkout.arabic, 'msgstr[1] "يوم"', 'msgstr[1] "%(hours)s"')
    assert run(checkout.base, "compile") == (0, "")
    assert checkout.check()[0] == 1


def test_a_fuzzy_translation_does_not_count(checkout: Checkout) -> None:
    checkout.replace(checkout.arabic, "#, python-format", "#, fuzzy, python-format")
    assert run(checkout.base, "update") == (0, "")
    assert checkout.check() == (1, ["ar: not translated: Hello %(name)s"])


def test_a_translation_is_compiled(checkout: Checkout) -> None:
    checkout.replace(checkout.arabic, "你好", "您好")
    assert checkout.check() == (1, ["locale/ar/LC_MESSAGES/django.mo is not of its .po file: compile"])


def test_lines_that_move_change_no_catalogue(checkout: Checkout) -> None:
    checkout.code.write_text("\n\n" + checkout.code.read_text())
    assert checkout.check() == (0, [])


# -- the API --------------------------------------------------------------------------------------


@pytest.fixture
def program(db: None) -> Program:
    program = make_program()
    program.languages = ["id", "ar", "en"]
    program.save()
    return program


@pytest.fixture
def partner(program: Program) -> Caller:
    return make_caller(program)


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("ar", "ar", "غير موجود"),
        ("ar-OM, en;q=0.5", "ar", "غير موجود"),
        ("en", "en", "Not found"),
        ("fr", "id", "Tidak ditemukan"),  # nobody speaks it: the program's default
        ("th", "id", "Tidak ditemukan"),  # we speak it, the program does not
        ("", "id", "Tidak ditemukan"),
    ],
)
def test_a_problem_is_in_a_language_of_caller_and_program(
    partner: Caller, accepted: str, language: str, title: str
) -> None:
    answer = partner.get("members/M-NONE", Accept_Language=accepted)
    assert (answer.status_code, answer.headers["Content-Language"]) == (404, language)
    assert document(answer)["title"] == title


@pytest.mark.parametrize(("accepted", "language", "title"), [("ar", "ar", "غير موجود"), ("fr", "en", "Not found")])
def test_where_no_program_is_known_english_is_the_default(accepted: str, language: str, title: str) -> None:
    answer = Client().get("/api/none", headers={"Accept-Language": accepted})
    assert (answer.status_code, answer.headers["Content-Language"]) == (404, language)
    assert answer.json()["title"] == title


def test_a_problem_instead_of_a_page_says_its_language(partner: Caller) -> None:
    answer = partner.get("members/M-NONE", Accept_Language="ar", Host="elsewhere.example")
    assert (answer.status_code, answer.headers["Content-Language"]) == (400, "ar")
    assert document(answer)["title"] == "تتعذر قراءة الطلب"
    assert answer.headers["Vary"] == "Accept-Language"


def test_wrong_fields_are_explained_in_the_callers_language(partner: Caller) -> None:
    answer = partner.post("events", {"specversion": "1.0"}, Accept_Language="ar")
    found = {error["pointer"]: error["detail"] for error in document(answer)["errors"]}
    assert found["/id"] == "أرسل نصًا غير فارغ."
