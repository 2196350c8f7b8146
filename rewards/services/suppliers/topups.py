"""Suppliers of mobile top-ups: money onto a telephone number, and a receipt back.

``X-API-Key``; ``POST /topups`` with ``{"externalId", "operator", "phone", "amount", "currency"}``, answered at once or
later: ``{"externalId", "id", "status": "SUCCESS" | "PENDING" | "FAILED", "receipt", "cost"?}``; ``GET
/topups/{externalId}``; ``GET /balance``. A top-up cannot be taken back: cancelling asks what became of it.
A 4xx names its ``error``: ``topup_not_found`` and ``duplicate_topup`` mean something to us.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from core.rules.money import to_minor, to_text
from rewards.models import Supplier
from rewards.rules.supplying import Answer, Standing, TurnedDown, Unsure, Wanted
from rewards.services.suppliers.calling import Reply, call, named
from rewards.services.suppliers.reading import cost, money, same, text

STANDINGS = {"SUCCESS": Standing.COMPLETE, "PENDING": Standing.PROCESSING, "FAILED": Standing.CANCELLED}


class TopUpSupplier:
    """Speaks to one supplier of top-ups.

    The SKU is the operator, with the amount where the reward has no value:
    ``telco:5.00``, in the supplier's currency.
    """

    cancels = False

    def __init__(self, supplier: Supplier) -> None:
        """Ask nothing yet."""
        self.supplier = supplier

    def order(self, wanted: Wanted) -> Answer:
        """Top a number up, all pieces at once; the same external id again does nothing."""
        if not wanted.phone:
            raise TurnedDown("the member has no telephone number")
        operator, minor, currency = self._worth(wanted)
        body = {
            "externalId": wanted.po_number,
            "operator": operator,
            "phone": wanted.phone,
            "amount": to_text(minor * wanted.quantity, currency),
            "currency": currency,
        }
        reply = self._call("POST", "/topups", body)
        if reply.status == HTTPStatus.CONFLICT:
            raise Unsure(reply.why)
        if reply.refused:
            raise TurnedDown(reply.why)
        return _answer(reply, wanted)

    def status(self, wanted: Wanted) -> Answer:
        """What became of a top-up."""
        reply = self._call("GET", f"/topups/{named(wanted.po_number)}")
        if reply.body.get("error") == "topup_not_found":
            return Answer(Standing.UNKNOWN)
        if reply.refused:
            raise Unsure(reply.why)
        return _answer(reply, wanted)

    def cancel(self, wanted: Wanted) -> Answer:
        """What became of it: nobody takes a top-up back."""
        return self.status(wanted)

    def balance(self) -> tuple[int, str]:
        """What is left of the float: minor units and currency."""
        reply = self._call("GET", "/balance")
        if reply.refused:
            raise TurnedDown(reply.why)
        return money(reply.body)

    def _worth(self, wanted: Wanted) -> tuple[str, int, str]:
        """Operator, and what a piece is worth."""
        operator, _colon, amount = wanted.sku.partition(":")
        if wanted.value_minor is not None:
            return operator, wanted.value_minor, wanted.currency
        try:
            return operator, to_minor(Decimal(amount), self.supplier.currency), self.supplier.currency
        except (ValueError, InvalidOperation):
            raise TurnedDown("a top-up without a value") from None

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        return call(self.supplier, method, path, headers={"X-API-Key": self.supplier.opened("secret")}, body=body)


def _answer(reply: Reply, wanted: Wanted) -> Answer:
    body = reply.body
    same(body, "externalId", wanted.po_number)
    standing = STANDINGS.get(text(body, "status"))
    if standing is None:
        raise Unsure("an unknown status")
    number = text(body, "id", needed=False)
    if standing != Standing.COMPLETE:
        return Answer(standing, number)
    return Answer(standing, text(body, "receipt"), (), *cost(body.get("cost")))
