"""What members hold stays what it is: a reward that somebody has becomes no other kind, by no file and no sheet."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from loyalty.operations.program_file.loading import load_program, read_program
from loyalty.operations.program_file.planning import Plan
from loyalty.operations.program_file.writing import write
from rewards.models import Reward, Voucher
from tests.campaigns.world import NOW, World
from tests.loyalty.people import office_client
from tests.loyalty.test_backoffice_rewards import PAGE, upload
from tests.rewards.redeeming import redeem, rich, shop, stock

pytestmark = pytest.mark.django_db
SUPPLIED = {"supplier": "telco", "sku": "telco:9.00"}


@pytest.fixture
def world() -> World:
    return shop()


def reload(world: World, code: str, **changed: Any) -> Plan:
    """Load the program file with an edit of a reward."""
    document = read_program(world.program)
    for reward in document["rewards"]:
        if reward["code"] == code:
            reward.update(changed)
            for name in [name for name, value in reward.items() if value is None]:
                del reward[name]
    return load_program(raw=write(document).encode(), at=NOW, why="test")


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("coffee", {"stock": "codes"}),
        ("movie", {"stock": "generated"}),
        ("coffee", {"kind": "gift_card"}),
        ("coffee", {"stock": SUPPLIED}),
        ("cash-5", {"kind": "voucher"}),
    ],
)
def test_a_file_changes_kind_and_stock_until_somebody_has_the_reward(
    world: World, code: str, changed: dict[str, Any]
) -> None:
    before = {name: value for name, value in _entry(world, code).items() if name in changed}
    assert not reload(world, code, **changed).errors
    assert not reload(world, code, **before).errors
    stock(world, "ABC-1")
    redeem(world, rich(world), code)
    (fault,) = reload(world, code, **changed).errors
    assert "members have this reward already" in fault.message
    assert {name: _entry(world, code)[name] for name in changed} == before
    assert not reload(world, code, brand="Another", points=77).errors


def test_a_reward_that_was_retired_comes_back_as_what_it_was(world: World) -> None:
    redeem(world, rich(world), "coffee")
    document = read_program(world.program)
    coffee = next(one for one in document["rewards"] if one["code"] == "coffee")
    document["rewards"].remove(coffee)
    assert not load_program(raw=write(document).encode(), at=NOW, why="test").errors
    document["rewards"].append(coffee | {"stock": "codes"})
    assert load_program(raw=write(document).encode(), at=NOW, why="test").errors


def test_another_article_of_another_supplier_is_no_other_stock(world: World) -> None:
    redeem(world, rich(world, phone="+6591234567"), "top-up")
    assert not reload(world, "top-up", stock=SUPPLIED).errors


def test_a_sheet_changes_kind_and_stock_until_somebody_has_the_reward(world: World) -> None:
    Reward.objects.filter(code__in=["coffee", "movie"]).update(from_file=False)
    client = office_client()
    assert _said(client, "code,kind,stock", "coffee,experience,codes") == []
    stock(world, "ABC-1")
    member = rich(world)
    for code in ("coffee", "movie"):
        redeem(world, member, code)
    for row in ("coffee,gift_card,unlimited", "coffee,voucher,codes", "movie,voucher,generated"):
        (said,) = _said(client, "code,kind,stock", row)
        assert "Members have this reward already" in said
    assert _said(client, "code,kind,stock,points", "coffee,voucher,unlimited,77") == []


def _entry(world: World, code: str) -> dict[str, Any]:
    return next(one for one in read_program(world.program)["rewards"] if one["code"] == code)


def _said(client: Client, *lines: str) -> Sequence[str]:
    """What is wrong with a sheet, row by row; nothing is imported."""
    preview = upload(client, "\n".join([*lines, ""]).encode())
    if "confirm_form" in preview.context:
        return []
    return client.get(f"{PAGE}import/errors/").content.decode("utf-8-sig").splitlines()[1:]


@pytest.mark.parametrize("changed", [{"kind": "gift_card"}, {"stock": "generated"}])
def test_the_database_keeps_it_whoever_writes(world: World, changed: dict[str, str]) -> None:
    coffee = Reward.objects.filter(code="coffee")
    coffee.update(stock="unlimited")
    redeem(world, rich(world), "coffee")
    coffee.update(brand="Another")
    with pytest.raises(IntegrityError, match="members have reward coffee already"), transaction.atomic():
        coffee.update(**changed)


def test_codes_in_stock_with_values_keep_denominations_of_their_reward_in_files_and_sheets(world: World) -> None:
    denominations = [{"value": "10.00", "currency": "SGD", "points": 100}]
    assert not reload(world, "movie", points=None, denominations=denominations).errors
    stock(world, "TEN-1", value=(1000, "SGD"))
    (fault,) = reload(world, "movie", denominations=None, points=100).errors
    assert "codes in stock have values" in fault.message
    assert (_entry(world, "movie").get("points"), _entry(world, "movie")["denominations"]) == (None, denominations)
    other = [{"value": "20.00", "currency": "SGD", "points": 200}]
    assert not reload(world, "movie", denominations=other).errors
    Reward.objects.filter(code="movie").update(from_file=False)
    client = office_client()
    (said,) = _said(client, "code,denominations,points", "movie,,100")
    assert "codes in stock have values" in said
    assert _said(client, "code,denominations", "movie,10.00 SGD = 100; 20.00 SGD = 200") == []
    Voucher.objects.all().delete()
    assert _said(client, "code,denominations,points", "movie,,100") == []
