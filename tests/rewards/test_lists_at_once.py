"""The same file, loaded or matched by two people at the same moment: once, whoever is first."""

from datetime import UTC, datetime
from functools import partial

import pytest

from core.models import User
from core.refusals import Changed
from rewards.models import CodeBatch, Reward, Statement, StatementLine, Voucher
from rewards.services.code_lists import confirm_codes, upload_codes
from rewards.services.statements import confirm_statement
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.world import make_world
from tests.rewards.catalogue import reward
from tests.rewards.test_reconciliation import OUTLETS, Shop

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def load(batch: CodeBatch, by: User) -> str:
    try:
        return confirm_codes(batch=batch, by=by, at=NOW).state
    except Changed:
        return "changed"


def match(statement: Statement, by: User) -> str:
    try:
        confirm_statement(statement=statement, by=by, at=NOW)
    except Changed:
        return "changed"
    return "matched"


def test_the_same_file_twice_at_once_is_taken_in_once() -> None:
    world = make_world(rewards=[reward("coffee", stock="codes", cost={"SGD": "4.00"})], outlets=OUTLETS)
    world.member()
    shop, row = Shop(world), Reward.objects.select_related("program").get(code="coffee")
    raw = ("code\n" + "".join(f"CODE-{number}\n" for number in range(500))).encode()
    lists = [upload_codes(reward=row, file_name="x", raw=raw, by=shop.by, at=NOW) for _ in range(3)]
    told = at_once(*(partial(load, one, shop.by) for one in (*lists, *lists)))
    assert sorted(told) == ["changed"] * 5 + ["loaded"]
    assert Voucher.objects.filter(state="stock").count() == 500
    assert CodeBatch.objects.filter(state="preview", accepted=0, refused=500).count() == 2
    shop.use("AAA-1")
    statements = [shop.upload("AAA-1,,4.00") for _ in range(3)]
    told = at_once(*(partial(match, one, shop.by) for one in statements))
    assert sorted(told) == ["changed", "changed", "matched"]
    assert StatementLine.objects.filter(match="exact").count() == 1
