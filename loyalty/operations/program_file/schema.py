"""A small language for grammars: what a value must look like, and its canonical form.

A node reads plain data, reports every fault with its path, and answers the canonical value, or ``BAD`` for a value
that cannot stand. Canonical means: the same content always looks the same. Optional keys at their default are left
out, texts are maps, amounts have their currency's decimals.
"""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from loyalty.operations.program_file.reading import Fault, Source, below, outward


class _Bad:
    """The answer for a value that has faults."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Final = _Bad()


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names something defined elsewhere in the file."""

    kind: str
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A condition to be checked when everything that it may speak about is known."""

    tree: Any
    path: str
    event_type: str | None
    member_only: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a goal counts by; ``number``: it must be one."""

    name: str
    path: str
    event_type: str
    number: bool


@dataclass(frozen=True, slots=True)
class AmountWanted:
    """An effect or goal that needs an event with an amount."""

    what: str
    path: str
    event_type: str


@dataclass(slots=True)
class Reading:
    """One pass over a file: what nodes need to know, and what they found."""

    source: Source
    languages: tuple[str, ...] = ()
    currency: str | None = None
    currencies: frozenset[str] = frozenset()
    spent: MappingType[str, str] = field(default_factory=dict)  # currencies by market
    faults: list[Fault] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)  # where something is wrong, and everything around it
    defined: dict[str, dict[str, str]] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    amounts_wanted: list[AmountWanted] = field(default_factory=list)
    payers: list[tuple[str, str]] = field(default_factory=list)  # market, region or dealer, and where it pays

    def __post_init__(self) -> None:
        """What could not be read is not missing."""
        self.faulty.update(place for fault in self.source.faults for place in outward(fault.path))

    def fault(self, path: str, message: str) -> _Bad:
        """Note what is wrong at a path; answers BAD for the caller to return."""
        self.faults.append(Fault(self.source.line(path), path, message))
        self.faulty.update(outward(path))
        return BAD

    def missing(self, path: str, message: str) -> None:
        """Note that something lacks, unless it is there and was found wrong, or something in it was."""
        if path not in self.faulty:
            self.fault(path, message)

    def define(self, kind: str, code: str, path: str) -> None:
        """Note that a code exists; a second one is a fault."""
        first = self.defined.setdefault(kind, {}).setdefault(code, path)
        if first != path:
            self.fault(path, f"the code {code} is already taken in line {self.source.line(first)}; codes are unique")


class Node(ABC):
    """What a value must look like."""

    @abstractmethod
    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401 - plain data of any shape
        """The canonical value, or BAD after noting the faults."""


type Hook = Callable[[dict[str, Any], str, Reading], None]
type ListHook = Callable[[list[Any], str, Reading], None]  # with BAD in its place, so that positions stay true


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping; an optional one has a default, which the canonical form leaves out."""

    name: str
    node: Node
    required: bool = True
    default: Any = None


def need(name: str, node: Node) -> Key:
    """A key that must be there."""
    return Key(name, node)


def may(name: str, node: Node, default: object = None) -> Key:
    """A key that may be missing or null; without a default it then means nothing."""
    return Key(name, node, required=False, default=default)


class Mapping(Node):
    """A mapping with these keys and no other; ``one_of`` are groups of which exactly one key stands."""

    def __init__(self, *keys: Key, one_of: Collection[tuple[str, ...]] = (), then: Hook | None = None) -> None:
        self._keys = {key.name: key for key in keys}
        self._one_of = one_of
        self._then = then

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Every key in the order of the grammar."""
        if not isinstance(value, dict):
            return to.fault(path, f"must be a mapping with {listed(self._keys)}, not {shown(value)}")
        for name in value.keys() - self._keys.keys():
            to.fault(below(path, name), f"unknown key {name}{meant(name, self._keys)}")
        read = {name: self._one(key, value, path, to) for name, key in self._keys.items()}
        result = {name: inner for name, inner in read.items() if inner is not BAD}
        for group in self._one_of:
            exactly_one(group, value, path, to)
        if self._then is not None:
            self._then(result, path, to)
        return result

    def _one(self, key: Key, value: MappingType[str, Any], path: str, to: Reading) -> Any:  # noqa: ANN401
        given = value.get(key.name)
        if given is None:
            if key.required:
                to.missing(below(path, key.name), f"{key.name} is missing")
            return BAD
        read = key.node.read(given, below(path, key.name), to)
        return BAD if not key.required and (same(read, key.default) or read in ([], {})) else read


def same(value: object, default: object) -> bool:
    """Whether a value is its default; ``0`` and ``false`` are different."""
    return type(value) is type(default) and value == default


def exactly_one(group: tuple[str, ...], value: MappingType[str, Any], path: str, to: Reading) -> None:
    """A fault unless exactly one key of the group stands."""
    given = [name for name in group if value.get(name) is not None]
    if len(given) != 1:
        to.fault(path, f"needs exactly one of {listed(group)}" + (f", not {listed(given, 'and')}" if given else ""))


class ListOf(Node):
    """A list of one kind of value. An empty one counts as missing where it is optional."""

    def __init__(self, item: Node, *, least: int = 0, unique: bool = False, then: ListHook | None = None) -> None:
        self._item = item
        self._least = least
        self._unique = unique
        self._then = then

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Every item, in order."""
        if not isinstance(value, list):
            return to.fault(path, f"must be a list, not {shown(value)}")
        if len(value) < self._least:
            return to.fault(path, f"needs at least {self._least} {'item' if self._least == 1 else 'items'}")
        if self._unique:
            self._twice(value, path, to)
        read = [self._item.read(item, f"{path}[{index}]", to) for index, item in enumerate(value)]
        if self._then is not None:
            self._then(read, path, to)
        return [item for item in read if item is not BAD]

    def _twice(self, value: list[Any], path: str, to: Reading) -> None:
        seen: set[str] = set()
        for index, item in enumerate(value):
            if (key := repr(item)) in seen:
                to.fault(f"{path}[{index}]", f"{shown(item)} is listed twice")
            seen.add(key)


def once(*keys: str) -> ListHook:
    """For lists: no two items have the same values under these keys."""

    def check(items: list[Any], path: str, to: Reading) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for index, item in enumerate(items):
            values = () if item is BAD else tuple(item.get(key) for key in keys)
            if values and None not in values and (first := seen.setdefault(values, index)) != index:
                line = to.source.line(f"{path}[{first}]")
                to.fault(f"{path}[{index}].{keys[0]}", f"{' '.join(values)} is already taken in line {line}; keep one")

    return check


class Shape(Node):
    """One of several forms, told apart by the type of the value."""

    def __init__(self, *, word: Node | None = None, mapping: Node | None = None, items: Node | None = None) -> None:
        self._forms: dict[type, Node | None] = {str: word, dict: mapping, list: items}

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """By the form that fits the type."""
        node = self._forms.get(type(value))
        if node is not None:
            return node.read(value, path, to)
        names = zip(("a word", "a mapping", "a list"), self._forms.values(), strict=True)
        forms = [name for name, form in names if form is not None]
        return to.fault(path, f"must be {listed(forms)}, not {shown(value)}")


class OneKey(Node):
    """A mapping of exactly one key, which says what the value is: an effect, a step."""

    def __init__(self, what: str, **nodes: Node) -> None:
        self._what = what
        self._nodes = nodes

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The one key and its value."""
        if not isinstance(value, dict) or len(value) != 1:
            given = f"{len(value)} keys" if isinstance(value, dict) else shown(value)
            return to.fault(path, f"{self._what} is a mapping with exactly one of {listed(self._nodes)}, not {given}")
        (name, inner) = next(iter(value.items()))
        if name not in self._nodes:
            return to.fault(below(path, name), f"unknown {self._what} {name}{meant(name, self._nodes)}")
        read = self._nodes[name].read(inner, below(path, name), to)
        return BAD if read is BAD else {name: read}


class MapOf(Node):
    """A mapping from keys that are themselves values, such as currencies, to values."""

    def __init__(self, key: Node, value: Callable[[str], Node], *, example: str) -> None:
        self._key = key
        self._value = value
        self._example = example

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Every entry, by key."""
        if not isinstance(value, dict) or not value:
            return to.fault(path, f"must be a mapping such as {self._example}, not {shown(value)}")
        result = {}
        for name in sorted(value):
            key = self._key.read(name, below(path, name), to)
            read = BAD if key is BAD else self._value(key).read(value[name], below(path, name), to)
            if read is not BAD:
                result[key] = read
        return result or BAD


class Lazily(Node):
    """A node that is made when it is first needed, for grammars that contain themselves."""

    def __init__(self, make: Callable[[], Node]) -> None:
        self._make = make

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """As the made node does."""
        return self._make().read(value, path, to)


def shown(value: object) -> str:
    """A wrong value as people see it in a sentence."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int | Decimal):
        return f"the number {value}"
    text = str(value)
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'  # noqa: PLR2004 - a sentence stays readable


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words as a list in a sentence."""
    *most, end = list(words) or ["nothing"]
    return f"{', '.join(most)} {last} {end}" if most else end


def near(word: str, known: Collection[str]) -> str:
    """A hint at what was probably meant, or nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def meant(word: str, known: Collection[str]) -> str:
    """A hint at what was probably meant, else what there is."""
    return near(word, known) or f"; there {'is' if len(known) == 1 else 'are'} {listed(known, 'and')}"
