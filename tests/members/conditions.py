"""A small program's catalogue, and Hypothesis strategies for conditions over it."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from members.rules.catalogue import Catalogue, Declarations, FactType, Kind, choice
from members.rules.conditions import OPS, Condition, Op, parse

MEMBER_ATTRIBUTES = {
    "hobby": FactType(Kind.TEXT),
    "children": FactType(Kind.INTEGER),
    "income": FactType(Kind.AMOUNT),
    "newsletter": FactType(Kind.BOOLEAN),
    "wedding": FactType(Kind.DATE),
    "colour": choice("red", "blue"),
}
PROGRAM = Declarations(
    member_attributes=MEMBER_ATTRIBUTES,
    event_types={
        "payment.completed": {"category": choice("bill", "transfer"), "note": FactType(Kind.TEXT)},
        "service.done": {"odometer_km": FactType(Kind.INTEGER)},
        "wallet.topped_up": {},
    },
    languages=frozenset({"en", "id"}),
    currencies=frozenset({"SGD", "IDR", "USD"}),
    markets=frozenset({"SG", "ID", "NY"}),
    regions=frozenset({"JKT", "BDG"}),
    dealers=frozenset({"D1", "D2"}),
    outlets=frozenset({"O1", "O2", "O3"}),
    outlet_kinds=frozenset({"partner_outlet", "service_centre"}),
    tiers=frozenset({"silver", "gold"}),
    segments=frozenset({"vip", "quiet"}),
)
CATALOGUE = Catalogue(PROGRAM)
TODAY = date(2026, 3, 1)


def read(tree: object, event_type: str = "payment.completed") -> Condition:
    """A condition of a rule."""
    return parse(tree, catalogue=CATALOGUE, event_type=event_type)


def written_values(fact: FactType) -> st.SearchStrategy[object]:
    """Values as a file writes them: few and close together, so that edges are met."""
    if fact.choices is not None:
        return st.sampled_from(sorted(fact.choices))
    return {
        Kind.TEXT: st.sampled_from(["golf", "GOLF", "Điện", "điện", "a%_\\b", "'; --", "İ", "ß", "Σας", "🚗", "x"]),
        Kind.INTEGER: st.integers(-2, 40) | st.sampled_from([24, 365]) | st.sampled_from([10**17, -(10**17)]),
        Kind.AMOUNT: st.sampled_from(["0", "0.00", "9.99", "10.00", "10.005", "25.5", "999999999999999.99"]),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.integers(-3, 3).map(lambda days: (TODAY + timedelta(days)).isoformat()),
    }[fact.kind]


@st.composite
def leaf_trees(draw: st.DrawFn, names: list[str]) -> dict[str, object]:
    """Any leaf over these facts, as a tree."""
    name = draw(st.sampled_from(names))
    fact = CATALOGUE.lookup(name, "payment.completed")
    assert fact is not None
    op = draw(st.sampled_from(sorted(OPS[fact.kind])))
    values = written_values(fact)
    if op == Op.EXISTS:
        values = st.booleans()
    if op in {Op.IN, Op.NOT_IN}:
        values = st.lists(values, min_size=1, max_size=4)
    if op == Op.BETWEEN:
        key = Decimal if fact.kind == Kind.AMOUNT else None
        values = st.lists(values, min_size=2, max_size=2).map(lambda pair: sorted(pair, key=key))  # type: ignore[type-var,arg-type]
    return {"fact": name, "op": str(op), "value": draw(values)}


type Trees = st.SearchStrategy[dict[str, object]]


def trees(names: list[str]) -> Trees:
    """Any condition over these facts, as a tree."""
    return st.recursive(leaf_trees(names), _one_around, max_leaves=6)


def _one_around(inner: Trees) -> Trees:
    def several(key: str) -> Trees:
        return st.lists(inner, min_size=1, max_size=3).map(lambda parts: {key: parts})

    return several("all") | several("any") | inner.map(lambda part: {"not": part})
