import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import Campaign, CampaignVersion, Event, Exposure
from campaigns.rules.gates import is_held_out
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

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Store]:
    """A tiny store, built as the real ones are."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        built = Store(f"{connection.settings_dict['NAME']}_bench", members=200, events=2000)
        ensure(built, at=timezone.now(), told=lambda _: None)
        with inside(built):
            assert Event.objects.count() == built.events  # measurements add to it
        yield built
        with as_login_role() as execute:
            execute(f'DROP DATABASE "{built.name}" WITH (FORCE)')


def written(before: Mapping[str, int] = MappingProxyType({})) -> dict[str, int]:
    """Rows written since ``before``, by table; what the session's earlier transactions wrote may be counted still."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables")
        return {table: new for table, rows in cursor.fetchall() if (new := rows - before.get(table, 0))}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_store_is_built_once_and_its_ledger_proves(store: Store) -> None:
    assert is_current(store)
    with inside(store):
        assert prove().ok
        ensure(store, at=timezone.now(), told=lambda what: pytest.fail(f"built again: {what}"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_a_process_remembers_of_a_store_is_taken_for_no_other_database(store: Store) -> None:
    with inside(store):
        program, version = Program.objects.get().pk, CampaignVersion.objects.earliest("pk").pk
    assert min(program, version) > 10**6


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_yardstick_writes_as_many_rows_as_the_engine_did(store: Store) -> None:
    with inside(store):
        program, at = Program.objects.get(), timezone.now()
        with transaction.atomic():
            before = written()
            for batch in batches(run="twice", events=700, members=store.members, at=at):
                answers = take_in(program=program, events=batch, at=at)
                assert not [answer.refusal for answer in answers if answer.refusal]
            engine = written(before)
        (last,) = Event.objects.aggregate(last=Max("pk")).values()
        with transaction.atomic():
            before = written()
            rows_again(first=last - 699, last=last)
            again = written(before)
        assert again == engine
        kinds = {"campaigns_contestentry", "campaigns_memberbadge", "campaigns_reachedmilestone", "members_tierchange"}
        assert kinds <= engine.keys()
        assert prove().ok


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_members_of_the_history_stand_on_the_sides_of_holdouts_where_the_engine_sees_them(store: Store) -> None:
    with inside(store):
        found = {
            (one.member.uuid, campaign.code): one.held_out
            for campaign in Campaign.objects.filter(code__in=["cup", "spending"])
            for one in Exposure.objects.filter(campaign_id=campaign.pk).select_related("member")
        }
        assert len(found) == 2 * store.members
        assert found == {(uuid, code): is_held_out(f"bench/{code}", uuid, Decimal(5)) for uuid, code in found}


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
