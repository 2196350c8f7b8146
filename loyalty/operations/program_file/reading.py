"""YAML 1.2 into plain data and the line of every value.

``NO`` and ``12:30`` are text, dates and times stay as they are written. What cannot be read safely or means
two things at once is refused: duplicate keys, tags, merge keys, expanding aliases, deep nesting, other encodings.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_BYTES = 10 * 1024 * 1024
MOST_DEPTH = 50
MOST_COPIES = 10_000  # values that aliases may repeat, all together

type Plain = str | int | Decimal | bool | list["Plain"] | dict[str, "Plain"] | None

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_OTHER_VERSION = re.compile(r"^%YAML(?! +1\.2\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file: where it is, and a sentence that says what to do."""

    line: int
    path: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The shape of ``--json``."""
        return {"line": self.line, "path": self.path, "message": self.message}


@dataclass(slots=True)
class Source:
    """A file as plain data; ``lines`` maps the path of every value, such as ``markets[0].code``, to its line."""

    data: Plain = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: str) -> int:
        """The line of a path, or of the nearest thing around it that the file has."""
        return next((self.lines[place] for place in outward(path) if place in self.lines), 1)


class _Unreadable(Exception):
    """Reading cannot go on."""


def outward(path: str) -> Iterator[str]:
    """A path, what is around it, and so on to the whole file (empty)."""
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    yield ""


def below(path: str, key: str) -> str:
    """The path of a key inside a mapping."""
    return f"{path}.{key}" if path else key


def read(raw: bytes) -> Source:
    """Read a file; what is wrong with its form is in ``faults``, and then ``data`` may lack it."""
    source = Source()
    try:
        root = _compose(_decode(raw))
        _Walk(source).mapping_root(root)
    except _Unreadable as problem:
        source.faults.append(Fault(*problem.args))
    return source


def _decode(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise _Unreadable(1, "", f"the file has {len(raw)} bytes, more than the {MOST_BYTES} that are read; split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise _Unreadable(line, "", f"byte {problem.start} is not UTF-8; save the file as UTF-8") from problem
    if (other := _OTHER_VERSION.search(text)) is not None:
        line = text.count("\n", 0, other.start()) + 1
        raise _Unreadable(line, "", "program files are YAML 1.2; leave the %YAML line out")
    return text


def _compose(text: str) -> Node | None:
    try:
        root: Node | None = YAML(typ="rt", pure=True).compose(io.StringIO(text))
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        said = " ".join(part for part in (problem.context, problem.problem) if part)
        raise _Unreadable(mark.line + 1 if mark else 1, "", f"not valid YAML: {said}") from problem
    except (YAMLError, ValueError) as problem:
        raise _Unreadable(1, "", f"not valid YAML: {' '.join(str(problem).split())}") from problem
    except RecursionError as problem:
        raise _Unreadable(1, "", f"nested more than {MOST_DEPTH} levels deep") from problem
    return root


class _Walk:
    """Turns nodes into plain data; counts what aliases repeat, so that a small file cannot become a huge one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: set[int] = set()
        self._copies = 0

    def mapping_root(self, root: Node | None) -> None:
        if root is None:
            raise _Unreadable(1, "", "the file is empty; it starts with program:")
        if not isinstance(root, MappingNode):
            raise _Unreadable(_line(root), "", "the file must be a mapping of sections, starting with program:")
        self._source.data = self._value(root, "", 0)

    def _value(self, node: Node, path: str, depth: int) -> Plain:
        self._count(node, path, depth)
        self._source.lines.setdefault(path, _line(node))
        if isinstance(node, MappingNode):
            self._standard(node, path, "map")
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            self._standard(node, path, "seq")
            return [self._value(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _count(self, node: Node, path: str, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise _Unreadable(_line(node), path[:200], f"nested more than {MOST_DEPTH} levels deep")
        self._copies += id(node) in self._seen
        if self._copies > MOST_COPIES:
            raise _Unreadable(_line(node), path, f"aliases repeat more than {MOST_COPIES} values; write them out")
        self._seen.add(id(node))

    def _mapping(self, node: MappingNode, path: str, depth: int) -> dict[str, Plain]:
        values: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            where = below(path, key)
            if key in values:
                first = self._source.lines[where]
                self._fault(key_node, where, f"{key} is given twice, first in line {first}; keep one")
                continue
            self._source.lines[where] = _line(key_node)
            values[key] = self._value(value_node, where, depth + 1)
        return values

    def _key(self, node: Node, path: str) -> str | None:
        if isinstance(node, ScalarNode):
            if node.tag == f"{_TAG}merge":
                self._fault(node, path, "merge keys (<<) are not part of YAML 1.2; write the keys out")
                return None
            # a language such as `no`, a date or a number is a key like any other: its text
            return str(node.value)
        self._fault(node, path, "a key must be a word, not a list or a mapping")
        return None

    def _scalar(self, node: Node, path: str) -> Plain:
        kind = str(node.tag).removeprefix(_TAG)
        reader = _SCALARS.get(kind)
        if reader is None:
            self._standard(node, path, "str")
            return str(node.value)
        try:
            return reader(str(node.value))
        except (ValueError, ArithmeticError):
            self._fault(node, path, f"{node.value} is not a plain number; put text in quotes")
            return None

    def _standard(self, node: Node, path: str, kind: str) -> None:
        if node.tag != _TAG + kind:
            self._fault(node, path, f"tags such as {str(node.tag).replace(_TAG, '!!')} are not supported; leave it out")

    def _fault(self, node: Node, path: str, message: str) -> None:
        self._source.faults.append(Fault(_line(node), path, message))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError
    return int(text)


def _number(text: str) -> Decimal:
    value = Decimal(text.replace("_", "x"))  # Python would allow the underscore
    if not value.is_finite():
        raise ValueError
    return value


def _null(_text: str) -> None:
    return None


_SCALARS: Mapping[str, Callable[[str], Plain]] = {
    "str": str,
    "timestamp": str,
    "int": _integer,
    "float": _number,
    "bool": lambda text: text.lower() == "true",
    "null": _null,
}
