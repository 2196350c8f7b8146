"""Two suppliers in one HTTP server, vouchers and mobile top-ups, with faults on demand. Needs nothing but Python.

What they speak: ``rewards/services/suppliers/vouchers.py`` and ``topups.py``. SKUs and operators that begin with
``slow-`` are ready after some seconds. ``POST /faults {"call", "fault", "times"}`` makes the next calls go wrong:
``call`` is ``token``, ``order``, ``status``, ``cancel`` or ``balance``; the faults are those of ``Fault``.
"""

import argparse
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

CLIENT_ID, SECRET, API_KEY = "demo", "demo-secret", "demo-key"
FLOAT = Decimal(5000)
SLOW_SECONDS = 5.0
DRIP_SECONDS = 0.05
PRICE = Decimal(10)  # of a piece whose SKU says it all
COMPLETE, PROCESSING, CANCELLED = "COMPLETE", "PROCESSING", "CANCELLED"
TOPUP_WORDS = {COMPLETE: "SUCCESS", PROCESSING: "PENDING", CANCELLED: "FAILED"}


class Fault(StrEnum):
    """What goes wrong. ``…_after``: when the call was acted on already."""

    ERROR = "error"  # HTTP 500
    ERROR_AFTER = "error_after"
    SILENT = "silent"  # no answer
    SILENT_AFTER = "silent_after"
    DROP_AFTER = "drop_after"  # the connection is closed
    DRIP_AFTER = "drip_after"  # a byte now and then
    GARBAGE_AFTER = "garbage_after"  # HTML
    OTHER_NUMBER_AFTER = "other_number_after"  # an answer about another order
    TOO_FEW_AFTER = "too_few_after"  # a piece is missing
    LAPSED_AFTER = "lapsed_after"  # pieces that ran out long ago
    ENDLESS_AFTER = "endless_after"
    REFUSED = "refused"  # 422
    UNAUTHORIZED = "unauthorized"  # 401
    BUSY = "busy"  # 429
    STAYS_PROCESSING = "stays_processing"  # until it is released; cannot be cancelled
    SAME_CODES = "same_codes"  # the codes of the order before


@dataclass
class Order:
    """What somebody ordered."""

    number: str
    sku: str
    amount: Decimal
    currency: str
    charged: Decimal
    ready_at: float
    cards: list[dict[str, str]] = field(default_factory=list)
    phone: str = ""
    cancelled: bool = False
    stuck: bool = False

    @property
    def standing(self) -> str:
        """Where it stands now."""
        if self.cancelled:
            return CANCELLED
        return PROCESSING if self.stuck or time.monotonic() < self.ready_at else COMPLETE


class Simulator:
    """The suppliers' books, and what shall go wrong; for all threads of the server."""

    def __init__(self, *, port: int = 0, balance: Decimal = FLOAT, currency: str = "SGD") -> None:
        """Listen at a port of this machine, any free one by default."""
        self.orders: dict[str, Order] = {}
        self.placed: list[str] = []  # numbers, each time something was ordered
        self.calls: list[str] = []
        self.balance, self.currency = balance, currency
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        """Answer until it is closed."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop, and let go of the port."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def go_wrong(self, call: str, fault: Fault | str, times: int = 1) -> None:
        """Let the next calls of a kind go wrong."""
        with self._lock:
            self._faults.setdefault(call, []).extend([Fault(fault)] * times)

    def release(self, number: str) -> None:
        """Complete an order that stays processing."""
        self.orders[number].stuck = False

    def fault(self, call: str) -> Fault | None:
        """What goes wrong with this call."""
        with self._lock:
            self.calls.append(call)
            waiting = self._faults.get(call)
            return waiting.pop(0) if waiting else None

    def wait(self, seconds: float) -> bool:
        """Wait; whether the server is being closed."""
        return self._closing.wait(seconds)

    def order(self, number: str, sku: str, quantity: int, price: tuple[Decimal, str], fault: Fault | None) -> Order:
        """Take an order; raises Refusal for one that is known, or that the float does not pay."""
        with self._lock:
            if number in self.orders:
                raise Refusal(409, "duplicate_order")
            amount, currency = price[0] * quantity, price[1]
            charged = amount if currency == self.currency else PRICE * quantity  # as good a rate as any
            if charged > self.balance:
                raise Refusal(402, "insufficient_funds")
            before = self.orders[self.placed[-1]].cards if fault == Fault.SAME_CODES and self.placed else None
            wait = SLOW_SECONDS if sku.startswith("slow-") else 0.0
            order = Order(number, sku, amount, currency, charged, time.monotonic() + wait)
            order.cards = before or [_card() for _ in range(quantity)]
            order.stuck = fault == Fault.STAYS_PROCESSING
            self.orders[number] = order
            self.placed.append(number)
            self.balance -= charged
            return order

    def cancel(self, number: str) -> Order:
        """Take an order back, unless it is ready or stuck."""
        with self._lock:
            order = self.orders[number]
            if order.stuck or order.standing == COMPLETE:
                raise Refusal(409, "not_cancellable")
            if not order.cancelled:
                order.cancelled = True
                self.balance += order.charged
            return order


class Refusal(Exception):
    """A definite no."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


def _card() -> dict[str, str]:
    digits = "".join(secrets.choice("0123456789") for _ in range(16))
    until = datetime.now(UTC).date() + timedelta(days=365)
    return {"code": digits, "pin": f"{secrets.randbelow(10_000):04d}", "validity": until.isoformat()}


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Bound(_Handler):
        books = simulator

    return Bound


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, acts, and answers, or goes wrong."""

    books: Simulator
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Status and balance."""
        self._answer({})

    def do_POST(self) -> None:
        """All the rest."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_form = self.headers.get_content_type() == "application/x-www-form-urlencoded"
        if is_form and not raw.startswith(b"{"):  # curl says so of everything
            self._answer({name: values[0] for name, values in parse_qs(raw.decode()).items()})
            return
        try:
            self._answer(json.loads(raw or b"{}"))
        except ValueError:
            self._send(400, {"error": "malformed"})

    def _answer(self, body: Mapping[str, Any]) -> None:
        call, act = self._route(body)
        fault = self.books.fault(call) if call else None
        if fault and not fault.endswith("_after") and self._fail_before(fault):
            return
        try:
            status, said = act(fault)
        except Refusal as refusal:
            status, said = refusal.status, {"error": refusal.error}
        except (KeyError, TypeError, ValueError, ArithmeticError, IndexError):
            status, said = 422, {"error": "invalid"}
        if not (fault and self._fail_after(fault, said)):
            self._send(status, said)

    def _route(self, body: Mapping[str, Any]) -> tuple[str, Callable[[Fault | None], tuple[int, dict[str, Any]]]]:
        """What is asked, and how it is acted on."""
        parts = [unquote(part) for part in self.path.split("/") if part]
        match self.command, *parts:
            case "POST", "faults":
                return "", lambda _fault: self._go_wrong(body)
            case "POST", "oauth", "token":
                return "token", lambda _fault: self._token(body)
            case "POST", "orders":
                return "order", lambda fault: self._order(body, fault)
            case "POST", "topups":
                return "order", lambda fault: self._top_up(body, fault)
            case "GET", ("orders" | "topups"), number:
                return "status", lambda _fault: self._status(number)
            case "POST", "orders", number, "cancel":
                return "cancel", lambda _fault: self._cancel(number)
            case "GET", "balance":
                return "balance", lambda _fault: self._balance()
        return "", lambda _fault: (404, {"error": "no_such_address"})

    def _go_wrong(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        self.books.go_wrong(body["call"], body["fault"], int(body.get("times", 1)))
        return 200, {}

    def _token(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, SECRET):
            raise Refusal(401, "invalid_client")
        return 200, {"access_token": f"token-of-{CLIENT_ID}", "token_type": "Bearer", "expires_in": 3600}

    def _check(self) -> None:
        known = self.headers.get("X-API-Key") == API_KEY
        if not known and self.headers.get("Authorization") != f"Bearer token-of-{CLIENT_ID}":
            raise Refusal(401, "unauthorized")

    def _order(self, body: Mapping[str, Any], fault: Fault | None) -> tuple[int, dict[str, Any]]:
        self._check()
        (item,) = body["items"]
        price = (Decimal(item["value"]), item["currency"]) if "value" in item else (PRICE, self.books.currency)
        order = self.books.order(body["poNumber"], item["sku"], item["quantity"], price, fault)
        return 201, _shown(order)

    def _top_up(self, body: Mapping[str, Any], fault: Fault | None) -> tuple[int, dict[str, Any]]:
        self._check()
        if not body["phone"].startswith("+"):
            raise Refusal(422, "invalid_phone")
        price = (Decimal(body["amount"]), body["currency"])
        order = self.books.order(body["externalId"], body["operator"], 1, price, fault)
        order.phone = body["phone"]
        return 201, _topped_up(order)

    def _status(self, number: str) -> tuple[int, dict[str, Any]]:
        self._check()
        topup = self.path.startswith("/topups")
        order = self.books.orders.get(number)
        if order is None:
            raise Refusal(404, "topup_not_found" if topup else "order_not_found")
        return 200, _topped_up(order) if topup else _shown(order)

    def _cancel(self, number: str) -> tuple[int, dict[str, Any]]:
        self._check()
        if number not in self.books.orders:
            raise Refusal(404, "order_not_found")
        return 200, _shown(self.books.cancel(number))

    def _balance(self) -> tuple[int, dict[str, Any]]:
        self._check()
        return 200, {"amount": f"{self.books.balance:.2f}", "currency": self.books.currency}

    def _fail_before(self, fault: Fault) -> bool:
        """Go wrong instead of acting; False for what goes wrong otherwise."""
        refusals = {
            Fault.ERROR: (500, "internal"),
            Fault.REFUSED: (422, "out_of_stock"),
            Fault.UNAUTHORIZED: (401, "unauthorized"),
            Fault.BUSY: (429, "slow_down"),
        }
        if fault == Fault.SILENT:
            self._stay_silent()
            return True
        if fault in refusals:
            status, error = refusals[fault]
            self._send(status, {"error": error})
        return fault in refusals

    def _fail_after(self, fault: Fault, said: dict[str, Any]) -> bool:
        """Go wrong although it was acted on; False where a changed answer goes out as usual."""
        match fault:
            case Fault.SILENT_AFTER:
                self._stay_silent()
            case Fault.DROP_AFTER:
                self.close_connection = True
            case Fault.ERROR_AFTER:
                self._send(500, {"error": "internal"})
            case Fault.GARBAGE_AFTER:
                self._send_raw(200, b"<html><h1>Thank you</h1></html>", "text/html")
            case Fault.DRIP_AFTER | Fault.ENDLESS_AFTER:
                self._trickle(fault)
            case _:
                _spoil(fault, said)
                return False
        return True

    def _stay_silent(self) -> None:
        self.close_connection = True
        self.books.wait(60)

    def _trickle(self, fault: Fault) -> None:
        """Send something for ever: slowly, or as fast as it goes."""
        self.close_connection = True
        part = b" " if fault == Fault.DRIP_AFTER else b" " * 65536
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while not self.books.wait(DRIP_SECONDS if fault == Fault.DRIP_AFTER else 0):
                self.wfile.write(part)
        except OSError:
            return

    def _send(self, status: int, body: Mapping[str, Any]) -> None:
        self._send_raw(status, json.dumps(body).encode(), "application/json")

    def _send_raw(self, status: int, raw: bytes, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Say nothing: numbers of orders are nobody's business."""


def _spoil(fault: Fault, said: dict[str, Any]) -> None:
    """Change an answer for the worse."""
    if fault == Fault.OTHER_NUMBER_AFTER:
        said |= {name: "another" for name in ("poNumber", "externalId") if name in said}
    elif fault == Fault.TOO_FEW_AFTER and "cards" in said:
        said["cards"] = said["cards"][1:]
    elif fault == Fault.LAPSED_AFTER and "cards" in said:
        said["cards"] = [{**card, "validity": "2001-01-01"} for card in said["cards"]]


def _shown(order: Order) -> dict[str, Any]:
    said: dict[str, Any] = {"poNumber": order.number, "orderId": f"V-{order.number[:8]}", "status": order.standing}
    if order.standing == COMPLETE:
        said |= {"cards": order.cards, "total": {"amount": str(order.amount), "currency": order.currency}}
    return said


def _topped_up(order: Order) -> dict[str, Any]:
    said: dict[str, Any] = {
        "externalId": order.number,
        "id": f"T-{order.number[:8]}",
        "status": TOPUP_WORDS[order.standing],
    }
    if order.standing == COMPLETE:
        cost = {"amount": str(order.amount), "currency": order.currency}
        said |= {"receipt": f"R-{order.number[:10].upper()}", "cost": cost}
    return said


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description="Play suppliers of vouchers and top-ups on this machine.")
    parser.add_argument("--port", type=int, required=True)
    Simulator(port=parser.parse_args().port).serve()


if __name__ == "__main__":
    main()
