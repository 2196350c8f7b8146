"""What value is made of: budgets that pay and rewards that are given."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.rules.money import to_minor, to_text
from loyalty.operations.program_file.schema import BAD, ListOf, Mapping, Reading, Shape, may, need, once
from loyalty.operations.program_file.values import Code, FileName, Line, Number, Priced, Ref, Text, Word, money

SCOPES = ("market", "region", "dealer")
PAID_AT_ONCE = ("unlimited", "generated")  # of cashback: into the wallet, no code
PAYER_WORDS = ("program", *SCOPES)

type Budgets = list[tuple[int, dict[str, Any]]]


def _tree(items: list[Any], path: str, to: Reading) -> None:
    budgets = [(index, item) for index, item in enumerate(items) if item is not BAD and "code" in item]
    _one_root(budgets, path, to)
    _no_circle(budgets, path, to)
    _parts_fit(budgets, path, to)
    _carried_once(budgets, path, to)
    for index, budget in budgets:
        if budget["code"] in PAYER_WORDS:
            to.fault(f"{path}[{index}].code", f"{budget['code']} has a meaning of its own in fund:; take another code")


def _one_root(budgets: Budgets, path: str, to: Reading) -> None:
    roots = [(index, budget["code"]) for index, budget in budgets if "parent" not in budget]
    if budgets and not roots:
        to.fault(path, "one budget must have no parent: the root of the tree")
    for index, code in roots[1:]:
        to.fault(f"{path}[{index}]", f"{code} needs a parent: the root is {roots[0][1]}, and there is only one")


def _no_circle(budgets: Budgets, path: str, to: Reading) -> None:
    parents = {budget["code"]: budget.get("parent") for _, budget in budgets}
    for index, budget in budgets:
        above, seen = budget.get("parent"), {budget["code"]}
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == budget["code"]:
            to.fault(f"{path}[{index}].parent", f"{above} would be a part of itself")


def _parts_fit(budgets: Budgets, path: str, to: Reading) -> None:
    whole = {budget["code"]: dict(_units(budget)) for _, budget in budgets}
    given: dict[tuple[str, str], int] = {}
    for index, budget in budgets:
        parent = budget.get("parent", "")
        for unit, units in _units(budget) if parent in whole else ():
            given[parent, unit] = total = given.get((parent, unit), 0) + units
            if total > (has := whole[parent].get(unit, 0)):
                to.fault(
                    f"{path}[{index}]",
                    f"{parent} has {_shown(has, unit)}; its parts up to {budget['code']} need {_shown(total, unit)}",
                )


def _units(budget: dict[str, Any]) -> Iterator[tuple[str, int]]:
    if "points" in budget:
        yield "points", budget["points"]
    for currency, amount in budget.get("money", {}).items():
        yield currency, to_minor(Decimal(amount), currency)


def _shown(units: int, unit: str) -> str:
    return f"{units} points" if unit == "points" else f"{to_text(units, unit)} {unit}"


def _carried_once(budgets: Budgets, path: str, to: Reading) -> None:
    carriers: dict[tuple[str, str], str] = {}
    for index, budget in budgets:
        scopes = [(scope, budget[scope]) for scope in SCOPES if scope in budget]
        if len(scopes) > 1:
            to.fault(f"{path}[{index}]", "a budget is for one market, one region or one dealer, not for several")
        for scope in scopes:
            if (first := carriers.setdefault(scope, budget["code"])) != budget["code"]:
                to.fault(f"{path}[{index}].{scope[0]}", f"{first} is already the budget of {scope[0]} {scope[1]}")


def _price(reward: dict[str, Any], path: str, to: Reading) -> None:
    if "points" in reward and "denominations" in reward:
        to.fault(f"{path}.denominations", "a reward has points or denominations, not both")
    elif "points" in reward and reward.get("kind") == "cashback" and reward.get("stock") in PAID_AT_ONCE:
        _paid_out(reward, path, to)


def _paid_out(reward: dict[str, Any], path: str, to: Reading) -> None:
    """Cashback of one price pays its cost, so it has one wherever it is had."""
    cost = reward.get("cost", {})
    for currency in dict.fromkeys(to.spent[code] for code in reward.get("markets", []) if code in to.spent):
        if not Decimal(cost.get(currency, 0)):
            to.missing(f"{path}.cost", f"cashback with one price pays its cost: say how much it pays in {currency}")


BUDGETS = ListOf(
    Mapping(
        need("code", Code("budgets")),
        may("parent", Ref("budgets")),
        may("market", Ref("markets")),
        may("region", Ref("regions")),
        may("dealer", Ref("dealers")),
        may("points", Number(0), 0),
        may("money", money(least_minor=0)),
    ),
    then=_tree,
)
REWARDS = ListOf(
    Mapping(
        need("code", Code("rewards", most=80)),
        need(
            "kind",
            Word("voucher", "gift_card", "prepaid_credit", "experience", "merchandise", "cashback", "entitlement"),
        ),
        need("category", Code()),
        need("brand", Line(120)),
        need("name", Text()),
        may("text", Text(5000)),
        may("terms", Text(5000)),
        need("markets", ListOf(Ref("markets"), least=1, unique=True)),
        may("points", Number(1)),
        may("denominations", ListOf(Priced("value", need("points", Number(1))), then=once("currency", "value"))),
        may("cost", money(least_minor=0)),
        may("tiers", ListOf(Ref("tiers"), unique=True)),
        may("outlets", ListOf(Ref("outlets or dealers or kinds of outlets"), unique=True)),
        need(
            "stock",
            Shape(
                word=Word("codes", "generated", "unlimited"),
                mapping=Mapping(need("supplier", Code(allowed="-_")), need("sku", Line())),
            ),
        ),
        may("valid_days", Number(1, 36500)),
        may(
            "per_member",
            Mapping(need("times", Number(1)), may("per", Word("day", "week", "month", "year", "lifetime"), "lifetime")),
        ),
        may("image", FileName()),
        then=_price,
    )
)
