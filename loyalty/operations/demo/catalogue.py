"""The marketplaces of the demonstration: thousands of rewards of invented brands, always the same ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from ruamel.yaml import YAML

from core.models import Program
from core.rules.money import decimals
from loyalty.display import formats
from loyalty.operations.demo.suppliers import make_suppliers, supplied
from loyalty.operations.program_file.sections.base import text_columns
from loyalty.operations.program_file.sections.rewards import reward_columns
from rewards.models import Reward, Voucher
from rewards.models.codes import generated_code
from rewards.rules.categories import CATEGORIES
from rewards.rules.searching import search_text
from rewards.services.stock import stock_codes

GOODS = Path(__file__).parent / "goods.yaml"
UNITS = {  # about a dollar of Singapore, rounded to what prices end in
    "SGD": "1", "MYR": "4", "IDR": "10000", "THB": "25", "VND": "20000", "AED": "4", "SAR": "4", "QAR": "4",
    "OMR": "0.4", "BHD": "0.4",
}  # fmt: skip
FEW, DOZENS = 7, 36  # codes left of what is nearly gone, and of what is not


@dataclass(frozen=True, slots=True)
class Market:
    """How many brands a program's marketplace has in each category and market; ``dollar``: points for a dollar."""

    categories: Sequence[str]
    brands: int
    dollar: int
    tiers: Sequence[str]


MARKETPLACES: Mapping[str, Market] = {
    "bench": Market(tuple(CATEGORIES), 40, 100, ("gold", "platinum")),
    "wallet": Market(tuple(CATEGORIES), 16, 100, ("plus", "prime")),
    "merchant": Market(("business", "telecom", "bills", "food", "electronics", "fuel"), 4, 100, ("gold", "platinum")),
    "automotive": Market(
        ("motoring", "fuel", "food", "travel", "entertainment", "shopping", "health"), 3, 400, ("gold", "platinum")
    ),
}


def stock_marketplace(program: Program) -> int:
    """Put the rewards of a program of the demonstration into its catalogue; how many. Again it changes nothing."""
    if program.code not in MARKETPLACES or Reward.objects.filter(program=program, from_file=False).exists():
        return 0
    return fill_marketplace(program)


@transaction.atomic
def fill_marketplace(program: Program) -> int:
    """Add the invented rewards to whatever the catalogue holds; how many."""
    number = _copy(program, map(_columns, invented(program)))
    _stock(program)
    make_suppliers(program)
    return number


def _copy(program: Program, rows: Iterator[dict[str, Any]]) -> int:
    """Write rewards with COPY, in the order in which they come."""
    first = next(rows)
    names = ", ".join(["program_id", *first])
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY rewards_reward ({names}) FROM STDIN") as copy:
            for row in chain([first], rows):
                copy.write_row([program.pk, *row.values()])
        return int(cursor.rowcount)


def _columns(item: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of a reward."""
    columns = {
        **reward_columns(dict(item)),
        "code": item["code"],
        "paused": False,
        "from_file": False,
        "retired": False,
    }
    for name in ("name", "text", "terms"):
        columns |= text_columns(name, item[name])
    columns["search"] = search_text(
        names=[*item["name"].values(), item["brand"]],
        code=item["code"],
        category=item["category"],
        descriptions=list(item["text"].values()),
    )
    return columns | {name: json.dumps(columns[name]) for name in ("denominations", "cost")}


def _stock(program: Program) -> None:
    """Of what comes as lists of codes one in three is gone, and a few pieces of the others are left.

    Of values the smallest is there by the dozen, of the largest a few are left or none.
    """
    listed = Reward.objects.filter(program=program, from_file=False, stock="codes").order_by("code")
    stocked = set(Voucher.objects.filter(reward__in=listed).values_list("reward", flat=True))
    for number, reward in enumerate(one for one in listed if not one.denominations):
        if number % 3 and reward.pk not in stocked:
            stock_codes(reward=reward, codes=_codes(FEW + number % 9))
    for number, reward in enumerate(one for one in listed if one.denominations and one.pk not in stocked):
        *smaller, largest = reward.values
        for value in smaller:
            stock_codes(reward=reward, codes=_codes(DOZENS), value=value)
        stock_codes(reward=reward, codes=_codes(FEW * (number % 2)), value=largest)


def _codes(number: int) -> list[str]:
    return [generated_code() for _ in range(number)]


def invented(program: Program) -> Iterator[dict[str, Any]]:
    """Every reward, as a program file would say it."""
    place = MARKETPLACES[program.code]
    for market in program.markets.filter(retired=False).order_by("code"):
        names = _brands(market.code)
        for row, category in enumerate(place.categories):
            for number in range(place.brands):
                brand = names[(row * place.brands + number) % len(names)]
                code = f"{market.code.lower()}-{category}-{number + 1:02d}"
                yield from _of_brand(program, place, (market.code, market.currency), category, brand, code)


def _of_brand(  # noqa: PLR0917 - where, whose and what
    program: Program, place: Market, market: tuple[str, str], category: str, brand: str, code: str
) -> Iterator[dict[str, Any]]:
    chance = Random(f"{program.code} {code}")
    for number, (goods, variant) in enumerate(_variants(category)):
        languages = program.languages
        price = _price(goods, variant, market[1], place.dollar)
        stock: object = "codes" if chance.random() < 0.015 else "generated"
        dollars = goods["money"][variant] if "money" in goods else 0
        supplier = supplied(code, category, goods, dollars)
        said = _said_of(goods["kind"], is_top_up=bool(supplier and dollars))
        days = chance.choice((30, 60, 90, 180, 365))
        yield {
            "code": f"{code}-{number + 1:02d}",
            "kind": goods["kind"],
            "category": category,
            "brand": brand,
            "name": {one: _name(goods, variant, market[1], one) for one in languages},
            "text": {one: said.text[one].replace("{b}", brand) for one in languages},
            "terms": {one: said.terms[one] for one in languages},
            "markets": [market[0]],
            "stock": supplier or (stock if said.has_code else "generated"),
            **({"valid_days": days} if said.has_code else {}),
            **price,
            **({"image": f"rewards/{category}.svg"} if goods in _goods()[category] else {}),
            **({"tiers": list(place.tiers)} if chance.random() < 0.04 else {}),
            **({"per_member": {"times": chance.randrange(1, 5), "per": "month"}} if chance.random() < 0.25 else {}),
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of rewards by language, and whether they are codes: top-ups and cashback are not, and never end."""

    text: Mapping[str, str]
    terms: Mapping[str, str]
    has_code: bool


def _said_of(kind: str, *, is_top_up: bool) -> Said:
    name = "top_up" if is_top_up else kind
    terms = _goods()["terms"]
    return Said(_goods()["texts"][name], terms.get(name, terms["voucher"]), name not in {"top_up", "cashback"})


def _variants(category: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Each thing of a category and each of its sizes or values."""
    for goods in [*_goods()["any"], *_goods()[category]]:
        for variant in range(len(goods.get("money", goods.get("points", (0,))))):
            yield goods, variant


def _name(goods: Mapping[str, Any], variant: int, currency: str, language: str) -> str:
    said: str = goods["name"][language]
    if "money" in goods:
        return said.replace("{v}", _money(goods["money"][variant], currency, language))
    return said.replace("{s}", _goods()["sizes"][variant][language])


@lru_cache(maxsize=1024)
def _money(dollars: int, currency: str, language: str) -> str:
    with translation.override(language):
        return formats.round_amount(_value(dollars, currency), currency)


def _value(dollars: int, currency: str) -> Decimal:
    return (dollars * Decimal(UNITS[currency])).quantize(Decimal(1).scaleb(-decimals(currency)))


def _price(goods: Mapping[str, Any], variant: int, currency: str, dollar: int) -> dict[str, Any]:
    """Points or denominations, and what it costs the program: a tenth less, of cashback all that is paid out."""
    if "denominations" in goods:
        sizes = [(size, f"{_value(size, currency):f}") for size in goods["denominations"]]
        return {
            "denominations": [{"value": value, "currency": currency, "points": size * dollar} for size, value in sizes]
        }
    hundredths = 100 * goods["money"][variant] if "money" in goods else goods["points"][variant]
    tenths = 10 if goods["kind"] == "cashback" else 9
    cost = (Decimal(UNITS[currency]) * hundredths * tenths / 1000).quantize(Decimal(1).scaleb(-decimals(currency)))
    return {"points": hundredths * dollar // 100, "cost": {currency: f"{cost:f}"}}


def _brands(market: str) -> list[str]:
    """Names that sound like the market, in an order that mixes them."""
    parts = _goods()["brands"][market]
    between = " & " if market == "SG" else " "
    names = [f"{word}{between}{other}" for word in parts["words"] for other in parts["with"]]
    Random(f"brands {market}").shuffle(names)
    return names


@cache
def _goods() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(GOODS.read_text(encoding="utf-8"))
    return loaded
