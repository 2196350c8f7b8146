import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from campaigns.models import Event
from core.models import Program
from ledger.models import Transfer
from loyalty.operations.journey import reading
from loyalty.operations.journey.figures import figures
from loyalty.operations.journey.reading import dollars, read_journey
from loyalty.operations.journey.running import run_journey
from members.models import SegmentMember
from tests.loyalty.data.journey import ADDRESSED, HOUSEHOLDS, receipts, tables

AT = datetime(2026, 11, 22, tzinfo=UTC)
FILE = Path(settings.BASE_DIR, "programs/journey.yaml")


def run(households: int | None = None) -> Program:
    journey = read_journey(tables, households=households)
    return run_journey(journey=journey, file=FILE, at=AT, told=lambda *_: None)


def expected(households: int = HOUSEHOLDS) -> dict[str, object]:
    some = [receipt for receipt in receipts() if receipt.household <= households]
    base = sum(sum(receipt.cents) // 100 for receipt in some)
    extra = sum(sum(receipt.cents) // 100 for receipt in some if receipt.is_doubled)
    years = [sum(sum(r.cents) // 100 for r in some if r.household == h) for h in range(1, households + 1)]
    rungs = {"bronze": (0, 500), "silver": (500, 1500), "gold": (1500, 4000), "platinum": (4000, 10**9)}
    return {
        "events": len(some),
        "members": households,
        "amount": str(Decimal(sum(sum(receipt.cents) for receipt in some)).scaleb(-2)),
        "points": base + extra,
        "points_by_campaign": {"base": base, "C18": extra},
        "tiers": {code: sum(low <= year < high for year in years) for code, (low, high) in rungs.items()},
        "proof": True,
    }


def test_prices_add_up_to_the_cent_although_they_are_floats() -> None:
    assert 0.7 + 0.2 + 0.1 < 1
    assert dollars([0.7, 0.2, 0.1]) == Decimal("1.00")


def test_lines_become_baskets_in_time_order_with_the_amounts_of_their_receipts() -> None:
    found = [(b.basket_id, b.household, b.time, b.amount) for b in read_journey(tables).baskets]
    truth = [(r.basket, r.household, r.time, Decimal(sum(r.cents)).scaleb(-2)) for r in receipts()]
    assert found == sorted(truth, key=lambda basket: (basket[2], basket[0]))


def test_only_the_first_households_are_taken_with_their_baskets() -> None:
    journey = read_journey(tables, households=3)
    assert journey.households == (1, 2, 3)
    assert {basket.household for basket in journey.baskets} == {1, 2, 3}
    assert journey.addressed == tuple(ADDRESSED)


@pytest.mark.django_db
def test_a_year_gives_the_points_and_tiers_that_its_receipts_say() -> None:
    truth = expected()
    assert all(truth["tiers"].values())  # type: ignore[attr-defined]  # every rung is reached by somebody
    assert figures(run()) == truth


@pytest.mark.django_db
def test_running_twice_changes_nothing() -> None:
    first = figures(run())
    before = list(Event.objects.order_by("pk").values_list("pk", "time")), Transfer.objects.count()
    assert figures(run()) == first
    assert (list(Event.objects.order_by("pk").values_list("pk", "time")), Transfer.objects.count()) == before


@pytest.mark.django_db
def test_more_households_may_follow_and_fewer_take_nothing_away() -> None:
    assert figures(run(3)) == expected(3)
    assert figures(run()) == expected()
    assert figures(run(3)) == expected()
    assert SegmentMember.objects.count() == len(ADDRESSED)


@pytest.mark.django_db
def test_the_last_line_is_the_figures_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "installed", tables)
    out = StringIO()
    call_command("demo", "journey", "--json", stdout=out)
    result = json.loads(out.getvalue().splitlines()[-1])
    assert timedelta(seconds=result.pop("seconds")) > timedelta(0)
    assert result == expected()


def test_without_the_data_set_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "installed", None)
    with pytest.raises(CommandError, match="make demo-journey"):
        call_command("demo", "journey")


@pytest.mark.slow
def test_the_data_set_is_the_one_that_is_documented() -> None:
    if reading.installed is None:
        pytest.skip("needs the data set: make demo-journey installs it")
    journey = read_journey(reading.installed)
    assert (len(journey.households), len(journey.baskets), len(journey.addressed)) == (2469, 155_848, 1133)
    assert sum(basket.amount for basket in journey.baskets) == Decimal("4596039.58")
    assert sum(basket.amount == 0 for basket in journey.baskets) == 478
