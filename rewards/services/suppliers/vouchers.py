"""Suppliers of vouchers and gift cards in the usual shape of the market.

OAuth client credentials at ``POST /oauth/token``; ``POST /orders`` with our ``poNumber``, answered by the order:
``{"poNumber", "orderId", "status": "COMPLETE" | "PROCESSING" | "CANCELLED", "cards": [{"code", "pin"?, "validity"?}],
"total"?: {"amount", "currency"}}``; ``GET /orders/{poNumber}``; ``POST /orders/{poNumber}/cancel``; ``GET /balance``.
A 4xx names its ``error``: ``order_not_found`` and ``duplicate_order`` mean something to us.
"""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from core.rules.money import to_text
from rewards.models import Supplier
from rewards.rules.supplying import Answer, NotReached, Standing, TurnedDown, Unsure, Wanted
from rewards.services.suppliers.calling import Reply, call, named
from rewards.services.suppliers.reading import cards, cost, money, same, text

STANDINGS = {
    "COMPLETE": Standing.COMPLETE,
    "PROCESSING": Standing.PROCESSING,
    "CANCELLED": Standing.CANCELLED,
}
EARLIER = 30  # seconds before its end a token is not used any more
_tokens: dict[tuple[int, str, bytes], tuple[str, float]] = {}  # of this process, by supplier and credentials


class VoucherSupplier:
    """Speaks to one supplier of vouchers."""

    cancels = True

    def __init__(self, supplier: Supplier) -> None:
        """Ask nothing yet."""
        self.supplier = supplier

    def order(self, wanted: Wanted) -> Answer:
        """Place an order under its number; the same number again orders nothing."""
        item: dict[str, object] = {"sku": wanted.sku, "quantity": wanted.quantity}
        if wanted.value_minor is not None:
            item |= {"value": to_text(wanted.value_minor, wanted.currency), "currency": wanted.currency}
        reply = self._call("POST", "/orders", {"poNumber": wanted.po_number, "items": [item]})
        if reply.status == HTTPStatus.CONFLICT:
            raise Unsure(reply.why)
        if reply.refused:
            raise TurnedDown(reply.why)
        return self._answer(reply, wanted)

    def status(self, wanted: Wanted) -> Answer:
        """What became of an order."""
        return self._known(self._call("GET", f"/orders/{named(wanted.po_number)}"), wanted)

    def cancel(self, wanted: Wanted) -> Answer:
        """Take an order back if it still can be; what became of it."""
        reply = self._call("POST", f"/orders/{named(wanted.po_number)}/cancel", {})
        if reply.status == HTTPStatus.CONFLICT:
            return self.status(wanted)
        return self._known(reply, wanted)

    def balance(self) -> tuple[int, str]:
        """What is left of the float: minor units and currency."""
        reply = self._call("GET", "/balance")
        if reply.refused:
            raise TurnedDown(reply.why)
        return money(reply.body)

    def _known(self, reply: Reply, wanted: Wanted) -> Answer:
        if reply.body.get("error") == "order_not_found":
            return Answer(Standing.UNKNOWN)
        if reply.refused:
            raise Unsure(reply.why)
        return self._answer(reply, wanted)

    def _answer(self, reply: Reply, wanted: Wanted) -> Answer:
        body = reply.body
        same(body, "poNumber", wanted.po_number)
        standing = STANDINGS.get(text(body, "status"))
        if standing is None:
            raise Unsure("an unknown status")
        number = text(body, "orderId", needed=False)
        if standing != Standing.COMPLETE:
            return Answer(standing, number)
        return Answer(standing, number, cards(body.get("cards"), wanted.quantity), *cost(body.get("total")))

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        """Ask with a token; one that is refused is fetched anew, once."""
        bearer = self._bearer()
        try:
            return call(self.supplier, method, path, headers=bearer, body=body)
        except NotReached as error:
            if str(error) != f"HTTP {HTTPStatus.UNAUTHORIZED.value}":
                raise
        _tokens.pop(self._key(), None)
        return call(self.supplier, method, path, headers=self._bearer(), body=body)

    def _bearer(self) -> dict[str, str]:
        token, until = _tokens.get(self._key(), ("", 0.0))
        if time.monotonic() > until:
            token, until = _tokens[self._key()] = self._token()
        return {"Authorization": f"Bearer {token}"}

    def _token(self) -> tuple[str, float]:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.supplier.client_id,
            "client_secret": self.supplier.opened("secret"),
        }
        try:
            reply = call(self.supplier, "POST", "/oauth/token", form=asked)
            if reply.refused:
                raise NotReached(reply.why)
            lives = int(reply.body.get("expires_in", 0))
            return text(reply.body, "access_token"), time.monotonic() + lives - EARLIER
        except Unsure as error:  # whatever happened, nothing was ordered
            raise NotReached(f"no token: {error}") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise NotReached("no token") from error

    def _key(self) -> tuple[int, str, bytes]:
        return self.supplier.pk, self.supplier.client_id, bytes(self.supplier.secret)
