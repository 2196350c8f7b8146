"""What suppliers' answers say, read with distrust: what makes no sense is no answer."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.rules.money import is_currency, to_minor
from rewards.rules.supplying import Card, Unsure

MOST_SIGNS = 100
MOST_MINOR = 10**15


def text(body: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """A short text."""
    found = body.get(name)
    if found is None and not needed:
        return ""
    if not isinstance(found, str) or not found.strip() or len(found) > MOST_SIGNS or not found.isprintable():
        raise Unsure(f"{name} makes no sense")
    return found.strip()


def same(body: Mapping[str, Any], name: str, asked: str) -> None:
    """An answer is about what was asked."""
    if body.get(name) != asked:
        raise Unsure(f"an answer about another {name}")


def money(body: object) -> tuple[int, str]:
    """An amount ``{"amount": "12.50", "currency": "SGD"}`` in minor units."""
    if not isinstance(body, dict) or not is_currency(currency := str(body.get("currency"))):
        raise Unsure("an amount in no currency")
    try:
        amount = to_minor(Decimal(str(body.get("amount"))), currency)
    except (ValueError, ArithmeticError):
        raise Unsure("an amount that makes no sense") from None
    if abs(amount) > MOST_MINOR:
        raise Unsure("an amount that makes no sense")
    return amount, currency


def cost(body: object) -> tuple[int | None, str]:
    """What an order cost, where the supplier says it."""
    return money(body) if body is not None else (None, "")


def cards(found: object, quantity: int) -> tuple[Card, ...]:
    """As many pieces as were ordered, each another one."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unsure("pieces that make no sense")
    read = tuple(Card(text(one, "code"), text(one, "pin", needed=False), _day(one.get("validity"))) for one in found)
    if len(read) != quantity or len({card.code for card in read}) != quantity:
        raise Unsure(f"{len(read)} pieces for {quantity}")
    return read


def _day(said: object) -> date | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise Unsure("validity makes no sense") from None
