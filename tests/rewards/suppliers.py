"""A played supplier, for tests: a real HTTP server on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Thread
from typing import Any

from loyalty.operations.suppliers.simulator import API_KEY, CLIENT_ID, SECRET, Simulator
from rewards.models import Supplier


@contextmanager
def simulator(**options: Any) -> Iterator[Simulator]:
    """The server while the test runs."""
    server = Simulator(**options)
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.close()
    thread.join(5)


def supplier_at(url: str, adapter: str = "vouchers", **more: Any) -> Supplier:
    """A supplier that is played there; not saved."""
    found = Supplier(
        **{
            "code": "cards",
            "name": "Cards & Co",
            "adapter": adapter,
            "base_url": url,
            "client_id": CLIENT_ID,
            "currency": "SGD",
            **more,
        }
    )
    found.keep("secret", SECRET if adapter == "vouchers" else API_KEY)
    return found


EMPTY = Decimal(0)
