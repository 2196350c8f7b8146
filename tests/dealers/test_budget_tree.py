from hypothesis import given
from hypothesis import strategies as st

from dealers.rules.budgets import Allocation, Shift, Shortfall, shifts

CODES = ["root", "a", "b", "c", "d"]
UNITS = ["points", "SGD"]


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Allocation]:
    """A tree under ``root`` whose parts fit into their wholes."""
    tree = {"root": Allocation(None, dict.fromkeys(UNITS, 1000))}
    room = {("root", unit): 1000 for unit in UNITS}
    for code in draw(st.lists(st.sampled_from(CODES[1:]), unique=True)):
        parent = draw(st.sampled_from(list(tree)))
        units = {unit: draw(st.integers(0, room[parent, unit])) for unit in UNITS}
        for unit, amount in units.items():
            room[parent, unit] -= amount
            room[code, unit] = amount
        tree[code] = Allocation(parent, {unit: amount for unit, amount in units.items() if amount})
    return tree


def unspent(tree: dict[str, Allocation]) -> dict[tuple[str, str], int]:
    """What every budget has while nothing was spent: what it was given less what it gave to its parts."""
    left = {(code, unit): allocation.units.get(unit, 0) for code, allocation in tree.items() for unit in UNITS}
    for allocation in tree.values():
        for unit, amount in allocation.units.items():
            if allocation.parent is not None:
                left[allocation.parent, unit] -= amount
    return {key: amount for key, amount in left.items() if amount}


def moved(left: dict[tuple[str, str], int], moves: list[Shift]) -> dict[tuple[str, str], int]:
    after = dict(left)
    for move in moves:
        for budget, change in ((move.src, -move.amount), (move.dst, move.amount)):
            if budget is not None:
                after[budget, move.unit] = after.get((budget, move.unit), 0) + change
    return {key: amount for key, amount in after.items() if amount}


@given(now=trees(), wanted=trees())
def test_any_tree_becomes_any_other_while_nothing_was_spent(
    now: dict[str, Allocation], wanted: dict[str, Allocation]
) -> None:
    moves, lacking = shifts(now, wanted, unspent(now))
    assert lacking == []
    assert all(move.amount > 0 for move in moves)
    assert moved(unspent(now), moves) == unspent(wanted)


@given(tree=trees())
def test_a_tree_that_stays_moves_nothing(tree: dict[str, Allocation]) -> None:
    assert shifts(tree, tree, unspent(tree)) == ([], [])


@given(tree=trees(), data=st.data())
def test_what_was_spent_is_never_asked_for_again(tree: dict[str, Allocation], data: st.DataObject) -> None:
    before = unspent(tree)
    left = {key: amount - data.draw(st.integers(0, amount)) for key, amount in before.items()}
    moves, lacking = shifts(tree, {"root": tree["root"]}, left)
    assert lacking == []
    spent = sum(before.values()) - sum(left.values())
    assert sum(moved(left, moves).values()) == 2000 - spent
    assert {code for code, _ in moved(left, moves)} <= {"root"}


def test_a_shortfall_names_the_budget_what_it_has_and_what_it_needs() -> None:
    now = {"root": Allocation(None, {"points": 100}), "a": Allocation("root", {"points": 60})}
    less = {"root": Allocation(None, {"points": 100}), "a": Allocation("root", {"points": 10})}
    _, lacking = shifts(now, less, {("root", "points"): 40, ("a", "points"): 20})
    assert lacking == [Shortfall("a", "points", left=20, needed=50)]
