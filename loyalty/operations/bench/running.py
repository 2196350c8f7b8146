"""Which benches there are, at which sizes, and running them one after the other."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from loyalty.operations.bench import ingest
from loyalty.operations.bench.building import ensure
from loyalty.operations.bench.catalogue import catalogue_search
from loyalty.operations.bench.figures import Figure, as_json
from loyalty.operations.bench.nights import expiry, tier_review
from loyalty.operations.bench.pages import portal_home
from loyalty.operations.bench.posting import posting
from loyalty.operations.bench.redeeming import last_voucher, redeem_sync
from loyalty.operations.bench.replaying import simulate_draft
from loyalty.operations.bench.stores import Store
from loyalty.operations.bench.sync import event_sync


@dataclass(frozen=True, slots=True)
class Size:
    """A full store and one with a tenth of its events; events that a measurement takes in; seconds of others."""

    full: Store
    small: Store
    events: int
    seconds: float


def size(main: str, *, small: bool) -> Size:
    """The sizes of `make bench` and `make bench SMALL=1`; stores are named after the main database."""
    name, members, events = ("bench_small", 50_000, 500_000) if small else ("bench", 1_000_000, 10_000_000)
    return Size(
        full=Store(f"{main}_{name}", members, events),
        small=Store(f"{main}_{name}_tenth", members, events // 10),
        events=10_000 if small else 60_000,
        seconds=2.0 if small else 10.0,
    )


type Told = Callable[[str], None]
type Bench = Callable[[Size], list[Figure]]

BENCHES: dict[str, Bench] = {
    "ingest_batch": lambda size: ingest.ingest_batch(size.full, size.events),
    "ingest_batch_2": lambda size: ingest.ingest_batch_2(size.full, size.events),
    "posting": lambda size: posting(size.full, size.seconds / 2),
    "event_sync": lambda size: event_sync(size.full, size.seconds),
    "redeem_sync": lambda size: redeem_sync(size.full, size.seconds),
    "last_voucher": lambda size: last_voucher(size.full),
    "tier_review": lambda size: tier_review(size.full),
    "expiry": lambda size: expiry(size.full),
    "simulate": lambda size: simulate_draft(size.full, 10 * size.events // 6),
    "catalogue_search": lambda size: catalogue_search(size.full, size.seconds),
    "portal_home": lambda size: portal_home(size.full, size.seconds),
    "memory": lambda size: ingest.peak_memory(size.full, size.events),
    "growth": lambda size: ingest.growth(size.small, size.full, size.events),
}


def prepare(size: Size, names: Iterable[str], *, at: datetime, told: Told) -> None:
    """Have the stores that are needed."""
    stores = [size.full, size.small] if "growth" in names else [size.full]
    for store in stores:
        ensure(store, at=at, told=told)


def run(size: Size, names: Iterable[str], *, told: Told) -> list[Figure]:
    """Run benches in their order; what `ingest_batch` sees of the memory is not measured again."""
    figures: dict[str, Figure] = {}
    for name, bench in BENCHES.items():
        if name in names and name not in figures:
            told(f"measuring {name}")
            figures |= {figure.name: figure for figure in bench(size)}
    return list(figures.values())


def write(figures: list[Figure], file: Path) -> None:
    """Leave the figures for machines."""
    file.write_text(json.dumps(as_json(figures), indent=1) + "\n", encoding="utf-8")
