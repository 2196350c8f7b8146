"""Suppliers of the demonstration: the simulator plays them."""

from collections.abc import Mapping
from typing import Any

from core.models import Program
from loyalty.operations.suppliers.simulator import API_KEY, CLIENT_ID, SECRET
from rewards.models import Supplier
from rewards.services.suppliers.calling import SIMULATOR

CARDS, TOPUPS = "cardhouse", "topwave"
CARD_CATEGORIES = ("electronics", "entertainment")
LOW = 50_000  # cents


def make_suppliers(program: Program) -> None:
    """A supplier of gift cards and one of top-ups; again it changes nothing."""
    _make(program, CARDS, "Cardhouse", Supplier.Adapter.VOUCHERS, SECRET)
    _make(program, TOPUPS, "Topwave", Supplier.Adapter.TOPUPS, API_KEY)


def _make(program: Program, code: str, name: str, adapter: str, secret: str) -> None:
    if Supplier.objects.filter(program=program, code=code).exists():
        return
    row = Supplier(
        program=program, code=code, name=name, adapter=adapter, base_url=SIMULATOR, client_id=CLIENT_ID, currency="SGD",
        low_minor=LOW, answer_within_minutes=30,
    )  # fmt: skip
    row.keep("secret", secret)
    row.save()


def supplied(code: str, category: str, goods: Mapping[str, Any], dollars: int) -> dict[str, str] | None:
    """From whom pieces of a reward are ordered and under which SKU, None = from nobody."""
    if goods["kind"] == "gift_card" and category in CARD_CATEGORIES:
        return {"supplier": CARDS, "sku": code}
    if category == "telecom" and goods["kind"] == "prepaid_credit" and dollars:
        return {"supplier": TOPUPS, "sku": f"{code.partition('-')[0]}-mobile:{dollars}.00"}
    return None
