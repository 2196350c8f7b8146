import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.services.intake import take_in
from core.models import Program
from ledger.models import Book
from ledger.selectors.due import due_owners, local_day
from ledger.selectors.proofs import prove
from ledger.services.sweeping import sweep
from loyalty.operations.bench import running
from loyalty.operations.bench.building import ensure
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.nights import FIFTH, expired_plainly, let_lapse, tier_review
from loyalty.operations.bench.rows import rows_again
from loyalty.operations.bench.stores import Store, as_login_role, inside, is_current
from loyalty.operations.bench.traffic import batches
from loyalty.operations.nightly import lock_owners
from members.models import TierReview

TABLES = (
    "campaigns_event", "campaigns_outcome", "campaigns_trace", "campaigns_ghostaward", "ledger_journal",
    "ledger_transfer",
)  # fmt: skip
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Store]:
    """A tiny store, built as the real ones are."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        built = Store(f"{connection.settings_dict['NAME']}_bench", members=200, events=2000)
        ensure(built, at=timezone.now(), told=lambda _: None)
        with inside(built):
            assert counts()[0] == built.events  # measurements add to it
        yield built
        with as_login_role() as execute:
            execute(f'DROP DATABASE "{built.name}" WITH (FORCE)')


def counts() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES))
        return list(cursor.fetchone())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_store_is_built_once_and_its_ledger_proves(store: Store) -> None:
    assert is_current(store)
    with inside(store):
        assert prove().ok
        ensure(store, at=timezone.now(), told=lambda what: pytest.fail(f"built again: {what}"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_yardstick_writes_as_many_rows_as_the_engine_did(store: Store) -> None:
    with inside(store):
        before = counts()
        program, at = Program.objects.get(), timezone.now()
        for batch in batches(run="twice", events=700, members=store.members, at=at):
            assert not [answer.refusal for answer in take_in(program=program, events=batch, at=at) if answer.refusal]
        engine = counts()
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM campaigns_event")
            (last,) = cursor.fetchone()
        rows_again(first=last - 699, last=last)
        again = counts()
        assert [b - a for a, b in zip(before, engine, strict=True)] == [
            b - a for a, b in zip(engine, again, strict=True)
        ]
        assert prove().ok


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_yardstick_of_expiry_writes_what_the_sweep_writes(store: Store) -> None:
    with inside(store):
        book = Book.objects.get(program=Program.objects.get(), unit="points")
        at = timezone.now()
        let_lapse(book, at, nth=1)
        swept = sweep(book=book, at=at, lapsed=True, lock_owners=lock_owners)
        assert 0 < swept.lots <= store.members / FIFTH
        let_lapse(book, at, nth=2)
        expired_plainly(book, at)
        assert not due_owners(book=book, on=local_day(book, at), lapsed=True)
        assert prove().ok


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_measured_review_begins_and_ends_graces_and_lowers_members(store: Store) -> None:
    (figure,) = tier_review(store)
    assert (figure.name, figure.unit) == ("tier_review", "s")
    with inside(store):
        found = TierReview.objects.all()[0].report
    assert found["judged"] > found["grace_started"] > 0
    assert [move["to"] for move in found["moves"]] == ["gold"]


def test_traffic_is_the_same_for_a_run_and_new_for_another() -> None:
    one, same, other = (
        [event for batch in batches(run=run, events=50, members=10, at=AT, size=20) for event in batch]
        for run in ("a", "a", "b")
    )
    assert one == same
    assert not {event["id"] for event in one} & {event["id"] for event in other}


def test_only_the_benches_that_were_asked_for_run_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def figure(name: str) -> Figure:
        return Figure(name, 1.0, "s", None, None, "–", ok=True)

    found = {"ingest_batch": ["ingest_batch", "memory"], "memory": ["memory"], "posting": ["posting"]}
    ran: list[str] = []

    def bench(name: str) -> running.Bench:
        def measure(_size: running.Size) -> list[Figure]:
            ran.append(name)
            return [figure(each) for each in found[name]]

        return measure

    monkeypatch.setattr(running, "BENCHES", {name: bench(name) for name in found})
    figures = running.run(running.size("x", small=True), ["ingest_batch", "memory"], told=lambda _: None)
    assert ran == ["ingest_batch"]
    assert [each.name for each in figures] == ["ingest_batch", "memory"]


def test_figures_are_written_as_machines_read_them(tmp_path: Path) -> None:
    figure = Figure("growth", 950.123456, "events/s", 1000.0, 0.950123456, "≥ 0.85", ok=True)
    running.write([figure], tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text()) == [
        {
            "name": "growth",
            "value": 950.123,
            "unit": "events/s",
            "yardstick": 1000.0,
            "ratio": 0.95,
            "target": "≥ 0.85",
            "ok": True,
        }
    ]
