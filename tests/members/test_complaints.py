"""What is wrong with a value is said in the reader's language: every sentence of the rules can be translated."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from core.refusals import told
from core.rules.complaints import Complaint, gettext_noop
from members.rules import readers, reading, values
from members.rules.catalogue import FactType, Kind
from members.rules.values import WrongValue, read_value

MODULES = [Path(str(module.__file__)) for module in (readers, reading, values)]
RAISED = {"Wrong": 1, "WrongValue": 0}  # where the sentence stands among the arguments
HANDED_ON = {"wrong.template"}  # marked where it was raised first


def raised(path: Path) -> Iterator[tuple[str, set[str], set[str]]]:
    """Every complaint of a module: the sentence as it is written, the texts it may be, and what fills it in."""
    tree = ast.parse(path.read_text())
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        named = {
            target.id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in RAISED:
                sentence = call.args[RAISED[call.func.id]]
                marked = named.get(sentence.id, sentence) if isinstance(sentence, ast.Name) else sentence
                filled = {word.arg or "**" for word in call.keywords}
                yield ast.unparse(sentence), set(texts(marked)), filled


def texts(expression: ast.expr) -> Iterator[str]:
    """The texts that are marked in an expression."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "gettext_noop":
            (text,) = node.args
            assert isinstance(text, ast.Constant)
            yield str(text.value)


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_every_sentence_is_marked_for_the_catalogues_and_filled_in(path: Path) -> None:
    found = list(raised(path))
    assert len(found) >= 8
    for written, marked, filled in found:
        assert marked or written in HANDED_ON, written
        for text in marked:
            text % dict.fromkeys(filled, 1)  # a KeyError names what is missing


def test_a_complaint_is_english_by_itself_and_told_in_the_readers_language() -> None:
    wrong = Complaint(gettext_noop("Send at most %(most)d characters."), most=30)
    said = told(wrong)
    with translation.override("ar"):
        assert (str(wrong), str(said)) == ("Send at most 30 characters.", "الحد الأقصى لعدد الأحرف: 30.")
    with translation.override("en"):
        assert str(said) == "Send at most 30 characters."


def test_what_people_write_is_never_read_as_a_template() -> None:
    with pytest.raises(WrongValue, match=r'^"%\(near\)s %s" is not one of a, b$') as caught:
        read_value("%(near)s %s", FactType(Kind.CHOICE, frozenset({"a", "b"})))
    assert str(told(caught.value)) == str(caught.value)
