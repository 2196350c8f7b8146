"""Statements: every line is matched once with what we know, or says why not, and two people close a difference."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from core.models import Job, User
from core.refusals import Changed, Invalid
from core.services import jobs
from dealers.models import Outlet, StaffRole
from rewards import tasks
from rewards.models import Redemption, Reward, Statement, StatementLine, Supplier, SupplierOrder, Voucher, VoucherUse
from rewards.models.codes import digest, encrypted
from rewards.selectors.statements import differences, totals
from rewards.services.differences import confirm_closing, propose_closing, send_back
from rewards.services.statements import (
    Heading,
    confirm_statement,
    discard_statement,
    forget_stopped_statements,
    match_again,
    upload_statement,
)
from tests.campaigns.world import World, kept_world
from tests.loyalty.people import sign_in_staff
from tests.rewards.catalogue import reward

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = datetime(2026, 10, 5, 4, tzinfo=UTC)
OUTLETS = [{"code": code, "kind": "partner_outlet", "name": {"en": code}, "market": "SG"} for code in ("CAFE", "OTHER")]


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    rewards = [reward("coffee", cost={"SGD": "4.00"}), reward("card", kind="gift_card")]
    with kept_world(django_db_blocker, rewards=rewards, outlets=OUTLETS) as world:
        world.member()
        yield world


class Shop:
    """What outlets and suppliers did."""

    def __init__(self, world: World) -> None:
        self.world, self.numbers = world, count(1)
        self.member = world.program.members.get()
        self.by = User.objects.create_user("importer")

    def voucher(self, code: str, *, value: int | None = None, reward: str = "coffee") -> Voucher:
        return Voucher.objects.create(
            uuid=uuid4(), program=self.world.program, reward=Reward.objects.get(code=reward), member=self.member,
            state="ready", cipher=encrypted(code), digest=digest(code), issued_at=DAY, value_minor=value,
            left_minor=value, currency="SGD" if value else "",
        )  # fmt: skip

    def use(self, code: str, *, outlet: str = "CAFE", days: int = 0, amount: int | None = None) -> Voucher:
        voucher = Voucher.objects.filter(digest=digest(code)).first() or self.voucher(code, value=amount and 10_000)
        VoucherUse.objects.create(
            voucher=voucher, outlet=Outlet.objects.get(code=outlet), at=DAY + timedelta(days=days), scanned=True,
            amount_minor=amount, currency="SGD" if amount else "",
        )  # fmt: skip
        return voucher

    def order(self, po: str, cost: int | None = 950, *, supplier: str = "acme", state: str = "delivered") -> None:
        found, _made = Supplier.objects.get_or_create(
            program=self.world.program, code=supplier,
            defaults={"name": supplier, "adapter": "vouchers", "base_url": "http://x", "currency": "SGD"},
        )  # fmt: skip
        redemption = Redemption.objects.create(
            program=self.world.program, member=self.member, reward=Reward.objects.get(code="card"), quantity=1,
            points=5, state="issued", channel="api", at=DAY, issued_at=DAY,
        )  # fmt: skip
        open_ = state in {"waiting", "sent"}
        SupplierOrder.objects.create(
            redemption=redemption, supplier=found, po_number=po, number=f"own-{po}", state=state, cost_minor=cost,
            currency="SGD", created_at=DAY, closed_at=None if open_ else DAY, next_at=DAY if open_ else None,
        )  # fmt: skip

    def upload(self, *lines: str, party: str = "CAFE", tolerance: int = 0, head: str = "reference,date,amount") -> Any:
        kind = "supplier" if party in {"acme", "beta"} else "outlet"
        heading = Heading(kind, party, date(2026, 10, 1), date(2026, 10, 31), "SGD", tolerance)
        raw = "\n".join([head, *lines, ""]).encode()
        return upload_statement(
            program=self.world.program, heading=heading, file_name="x.csv", raw=raw, by=self.by, at=NOW
        )

    def match(self, *lines: str, **more: Any) -> list[tuple[int, str, str, str, int | None]]:
        statement = self.upload(*lines, **more)
        confirm_statement(statement=statement, by=self.by, at=NOW)
        return found(statement)


def found(statement: Statement) -> list[tuple[int, str, str, str, int | None]]:
    rows = statement.lines.filter(problem="").order_by("-number")
    return list(rows.values_list("number", "match", "reason", "state", "difference_minor"))[::-1]


@pytest.fixture
def shop(kept: World) -> Shop:
    return Shop(kept)


CLEAR, OPEN = "clear", "open"
MISSING = (-1, "unmatched", "missing", OPEN, -400)


@pytest.mark.parametrize(
    ("line", "tolerance", "expected"),
    [
        ("AAA-1,2026-10-05,4.00", 0, [(2, "exact", "", CLEAR, 0)]),
        ("aaa1,,4", 0, [(2, "exact", "", CLEAR, 0)]),
        ("AAA-1,2026-10-06,4.00", 0, [(2, "tolerant", "day", CLEAR, 0)]),
        ("AAA-1,2026-10-04,4.10", 10, [(2, "tolerant", "amount", CLEAR, 10)]),
        ("AAA-1,2026-10-05,3.90", 10, [(2, "tolerant", "amount", CLEAR, -10)]),
        ("AAA-1,2026-10-05,4.11", 10, [(2, "unmatched", "amount", OPEN, 11)]),
        ("AAA-1,2026-10-05,4.40", 99_999_900, [(2, "tolerant", "amount", CLEAR, 40)]),
        ("AAA-1,2026-10-05,4.41", 99_999_900, [(2, "unmatched", "amount", OPEN, 41)]),
        ("AAA-1,2026-10-05,5000.00", 99_999_900, [(2, "unmatched", "amount", OPEN, 499_600)]),
        ("AAA-1,2026-10-07,4.00", 0, [(2, "unmatched", "day", OPEN, 0)]),
        ("NOBODY,2026-10-05,4.00", 0, [MISSING, (2, "unmatched", "unknown", OPEN, 400)]),
        ("READY-1,2026-10-05,4.00", 0, [MISSING, (2, "unmatched", "not-used", OPEN, 400)]),
        ("ELSE-1,2026-10-05,4.00", 0, [MISSING, (2, "unmatched", "other-party", OPEN, 400)]),
        ("UNDONE-1,2026-10-05,4.00", 0, [MISSING, (2, "unmatched", "not-used", OPEN, 400)]),
    ],
)
def test_a_line_of_an_outlet_is_matched_or_says_why_not(
    shop: Shop, line: str, tolerance: int, expected: list[Any]
) -> None:
    shop.use("AAA-1")
    shop.voucher("READY-1")
    shop.use("ELSE-1", outlet="OTHER")
    undone = shop.use("UNDONE-1").uses.get()
    VoucherUse.objects.create(voucher=undone.voucher, outlet=undone.outlet, at=DAY, scanned=True, undoes=undone)
    assert shop.match(line, tolerance=tolerance) == expected


def test_a_use_is_matched_once_in_a_statement_and_once_in_all(shop: Shop) -> None:
    shop.use("AAA-1")
    twice = shop.match("AAA-1,2026-10-05,4.00", "AAA-1,2026-10-05,4.00")
    assert twice == [(2, "exact", "", CLEAR, 0), (3, "duplicate", "twice", OPEN, 400)]
    assert shop.match("AAA-1,2026-10-06,4.00") == [(2, "unmatched", "already", OPEN, 400)]


def test_parts_of_a_stored_value_are_matched_each_with_its_own(shop: Shop) -> None:
    for days, amount in ((0, 500), (0, 500), (1, 700), (9, 300)):
        shop.use("CARD-1", days=days, amount=amount)
    lines = ("CARD-1,2026-10-05,5.00", "CARD-1,2026-10-06,7.00", "CARD-1,2026-10-05,5.00")
    assert shop.match(*lines) == [
        (-1, "unmatched", "missing", OPEN, -300),
        *((number, "exact", "", CLEAR, 0) for number in (2, 3, 4)),
    ]
    assert StatementLine.objects.filter(match="exact").values("use").distinct().count() == 3


def test_what_was_used_outside_of_the_days_is_not_missing(shop: Shop) -> None:
    shop.use("AAA-1")
    shop.use("LATE-1", days=40)
    assert shop.match("AAA-1,2026-10-05,4.00") == [(2, "exact", "", CLEAR, 0)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("po-1,2026-10-05,9.50", [(2, "exact", "", CLEAR, 0)]),
        ("own-po-1,,9.50", [(2, "exact", "", CLEAR, 0)]),
        ("po-1,2026-10-05,9.60", [(2, "unmatched", "amount", OPEN, 10)]),
        ("po-2,2026-10-05,9.50", [(-1, "unmatched", "missing", OPEN, -950), (2, "unmatched", "not-used", OPEN, 950)]),
        ("po-3,,9.50", [(-1, "unmatched", "missing", OPEN, -950), (2, "unmatched", "other-party", OPEN, 950)]),
        ("po-9,,9.50", [(-1, "unmatched", "missing", OPEN, -950), (2, "unmatched", "unknown", OPEN, 950)]),
    ],
)
def test_a_line_of_a_supplier_is_matched_by_either_number(shop: Shop, line: str, expected: list[Any]) -> None:
    shop.order("po-1")
    shop.order("po-2", state="sent")
    shop.order("po-3", supplier="beta")
    assert shop.match(line, party="acme") == expected


def test_an_order_is_matched_once(shop: Shop) -> None:
    shop.order("po-1")
    assert shop.match("po-1,,9.50", "po-1,,9.50", party="acme") == [
        (2, "exact", "", CLEAR, 0),
        (3, "duplicate", "twice", OPEN, 950),
    ]
    assert shop.match("own-po-1,,9.50", party="acme") == [(2, "unmatched", "already", OPEN, 950)]


@pytest.mark.parametrize(
    ("priced", "line", "expected"),
    [
        ({}, "po-1,,1.00", (2, "unmatched", "no-amount", OPEN, 100)),
        ({}, "po-1,,999999.00", (2, "unmatched", "no-amount", OPEN, 99_999_900)),
        ({"cost": {"IDR": "10000"}}, "po-1,,1.00", (2, "unmatched", "no-amount", OPEN, 100)),
        ({"cost": {"SGD": "4.50"}}, "po-1,,9.00", (2, "exact", "", CLEAR, 0)),
        ({"cost": {"SGD": "4.50"}}, "po-1,,9.01", (2, "unmatched", "amount", OPEN, 1)),
        ({"value": 1000}, "po-1,,20.00", (2, "exact", "", CLEAR, 0)),
        ({"value": 1000, "cost": {"SGD": "4.50"}}, "po-1,,9.00", (2, "unmatched", "amount", OPEN, -1100)),
        ({"value": 1000, "currency": "IDR"}, "po-1,,20.00", (2, "unmatched", "no-amount", OPEN, 2000)),
    ],
)
def test_an_order_whose_supplier_named_no_cost_owes_what_its_two_pieces_are_worth_or_cost(
    shop: Shop, priced: dict[str, Any], line: str, expected: Any
) -> None:
    shop.order("po-1", None)
    Reward.objects.filter(code="card").update(cost=priced.get("cost", {}))
    money = {"value_minor": priced["value"], "currency": priced.get("currency", "SGD")} if "value" in priced else {}
    Redemption.objects.update(quantity=2, **money)
    assert shop.match(line, party="acme") == [expected]


def test_a_use_of_what_has_no_cost_in_the_statements_currency_waits_for_people(shop: Shop) -> None:
    shop.use("AAA-1")
    Reward.objects.filter(code="coffee").update(cost={"IDR": "40000"})
    statement = shop.upload("AAA-1,2026-10-05,4.00", tolerance=50)
    confirm_statement(statement=statement, by=shop.by, at=NOW)
    assert found(statement) == [(2, "unmatched", "no-amount", OPEN, 400)]
    assert [(one.amount_minor, one.expected_minor, one.difference_minor) for one in totals(statement)] == [
        (400, 0, 400)
    ]
    Reward.objects.filter(code="coffee").update(cost={"SGD": "4.00"})
    match_again(statement=statement)
    assert found(statement) == [(2, "exact", "", CLEAR, 0)]


def test_matching_takes_the_same_queries_for_one_line_and_many(shop: Shop) -> None:
    counted = []
    for codes in (["A1"], ["B1", "B2", "B3"]):
        for code in codes:
            shop.use(code)
        statement = shop.upload(*(f"{code},2026-10-05,4.00" for code in codes))
        with CaptureQueriesContext(connection) as captured:
            confirm_statement(statement=statement, by=shop.by, at=NOW)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_codes_are_not_kept_and_wrong_lines_are_refused(shop: Shop) -> None:
    wrong = (
        "=SUM(A1),,4.00",
        ",,4.00",
        "A1,5.10.2026,4.00",
        "A1,,4.001",
        "A1,,-4.00",
        "A" * 101 + ",,1.00",
        "1.23457E+15,,1.00",
    )
    statement = shop.upload("SECRET-CODE-1,,4.00", *wrong)
    rows = statement.lines.order_by("number").values_list("problem", flat=True)
    assert list(rows) == ["", "formula", "empty", "day", "amount", "amount", "too-long", "rounded"]
    assert statement.raw is None
    assert all("SECRET" not in str(row) for row in statement.lines.values_list())
    shifted = shop.upload("A1,SECRET-2,4.00", "A1,,SECRET-3", "A1,5.10.2026,4.00")
    details = shifted.lines.order_by("number").values_list("detail", flat=True)
    assert list(details) == ["••••-2", "••••-3", "5.10.2026"]


FAULTY: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "unknown": (b"reference,amount,foo\nC1,1.00,x\n", "unknown-column"),
    "no-head": (b"C1,1.00\nC2,1.00\n", "no-column"),
    "twice": (b"reference,reference,amount\nC1,C2,1.00\n", "column-twice"),
    "wide": (b"reference,amount\nC1,1.00,x\n", "too-wide"),
    "nul": (b"reference,amount\nC\0001,1.00\n", "no-text"),
    "page": (b"<!doctype html>\n<title>Statement</title>\n", "no-column"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no-text"),
    "book": (b"PK\x03\x04" + b"\0" * 100, "not-a-table"),
    "long-unknown": (b"reference,amount,foo\n" + b"C1,1.00,x\n" * 30_000, "unknown-column"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_no_table_is_refused_as_a_whole_and_says_why(shop: Shop, name: str) -> None:
    raw, fault = FAULTY[name]
    heading = Heading("outlet", "CAFE", date(2026, 10, 1), date(2026, 10, 31), "SGD")
    statement = upload_statement(
        program=shop.world.program, heading=heading, file_name="x", raw=raw, by=shop.by, at=NOW
    )  # fmt: skip
    if statement.job:
        jobs.run(job_id=statement.job.pk)
        statement.refresh_from_db()
    assert (statement.state, statement.fault, statement.raw) == ("faulty", fault, None)
    assert not statement.lines.exists()
    with pytest.raises(Changed):
        confirm_statement(statement=statement, by=shop.by, at=NOW)


def test_the_same_file_is_matched_once_whoever_confirms_first(shop: Shop) -> None:
    shop.use("AAA-1")
    first, second = (shop.upload("AAA-1,,4.00") for _ in range(2))
    confirm_statement(statement=first, by=shop.by, at=NOW)
    with pytest.raises(Changed):
        confirm_statement(statement=second, by=shop.by, at=NOW)
    with pytest.raises(Changed):
        confirm_statement(statement=first, by=shop.by, at=NOW)
    discard_statement(statement=second)
    assert not second.lines.exists()


@pytest.mark.parametrize(
    "heading",
    [
        Heading("outlet", "NOBODY", date(2026, 10, 1), date(2026, 10, 31), "SGD"),
        Heading("outlet", "CAFE", date(2026, 10, 2), date(2026, 10, 1), "SGD"),
        Heading("outlet", "CAFE", date(2026, 10, 1), date(2026, 10, 31), "XXX"),
    ],
)
def test_a_statement_of_nobody_is_refused(shop: Shop, heading: Heading) -> None:
    with pytest.raises(Invalid):
        upload_statement(
            program=shop.world.program, heading=heading, file_name="x", raw=b"", by=shop.by, at=NOW
        )  # fmt: skip
    assert not Statement.objects.exists()


def test_a_difference_is_closed_by_two_people(shop: Shop) -> None:
    shop.match("NOBODY,,4.00")
    ann, bob, lines = shop.by, User.objects.create_user("bob"), differences(shop.world.program)
    for wrong in (" ", "x" * 501, "a\0b"):
        with pytest.raises(Invalid):
            propose_closing(lines=lines, by=ann, note=wrong, at=NOW)
    assert confirm_closing(lines=lines, by=bob, at=NOW) == 0
    assert propose_closing(lines=lines, by=ann, note="Typing error", at=NOW) == 1
    assert confirm_closing(lines=lines, by=ann, at=NOW) == 0
    assert send_back(lines=lines) == 1
    assert propose_closing(lines=lines, by=ann, note="Typing error", at=NOW) == 1
    assert confirm_closing(lines=lines, by=bob, at=NOW) == 1
    row = StatementLine.objects.get()
    assert (row.state, row.note, row.closed_by, row.confirmed_by) == ("closed", "Typing error", ann, bob)
    assert not differences(shop.world.program).exists()
    with pytest.raises(ProgrammingError), transaction.atomic():
        StatementLine.objects.update(note="Changed")
    row.pk, row.number, row.confirmed_by = None, 3, ann
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def close(shop: Shop, **which: Any) -> StatementLine:
    """Have two people close one difference."""
    other = User.objects.create_user(f"other{next(shop.numbers)}")
    lines = differences(shop.world.program).filter(**which)
    assert propose_closing(lines=lines, by=shop.by, note="Agreed", at=NOW) == 1
    pk = lines.get().pk
    assert confirm_closing(lines=lines, by=other, at=NOW) == 1
    return StatementLine.objects.get(pk=pk)


@pytest.mark.parametrize("first", ["po-1,2026-10-05,9.60", "po-9,2026-10-05,9.50"])  # differs, lacks it
def test_an_order_that_people_closed_is_matched_with_no_later_statement(shop: Shop, first: str) -> None:
    shop.order("po-1")
    shop.match(first, party="acme")
    close(shop, order__isnull=False)
    assert shop.match("po-1,2026-10-05,9.50", party="acme") == [(2, "unmatched", "already", OPEN, 950)]


@pytest.mark.parametrize("first", ["AAA-1,2026-10-05,4.50", "NOBODY,2026-10-05,4.00"])
def test_a_use_that_people_closed_or_are_about_to_close_is_matched_with_no_later_statement(
    shop: Shop, first: str
) -> None:
    shop.use("AAA-1")
    shop.match(first)
    lines = differences(shop.world.program).filter(use__isnull=False)
    propose_closing(lines=lines, by=shop.by, note="Agreed", at=NOW)
    assert shop.match("AAA-1,2026-10-05,4.00") == [(2, "unmatched", "already", OPEN, 400)]
    send_back(lines=lines.filter(state="proposed"))
    close(shop, use__isnull=False)
    assert shop.match("AAA-1,2026-10-05,4.00", "") == [(2, "unmatched", "already", OPEN, 400)]


def test_an_order_that_another_suppliers_statement_named_is_still_matched_with_its_own(shop: Shop) -> None:
    shop.order("po-1")
    shop.order("po-3", supplier="beta")
    shop.match("po-1,2026-10-05,9.50", "po-3,2026-10-05,9.50", party="beta")
    close(shop, reason="other-party")
    assert shop.match("po-1,2026-10-05,9.50", party="acme") == [(2, "exact", "", CLEAR, 0)]


def test_what_came_in_late_is_matched_again_and_what_is_settled_stays(shop: Shop) -> None:
    for code in ("EXACT-1", "WRONG-1", "CLOSED-1"):
        shop.use(code)
    late = shop.voucher("LATE-1")
    statement = shop.upload(
        *(f"{code},2026-10-05,{amount}" for code, amount in (
            ("EXACT-1", "4.00"), ("WRONG-1", "4.20"), ("CLOSED-1", "4.30"), ("LATE-1", "4.00"), ("NEW-1", "4.00"),
        ))
    )  # fmt: skip
    confirm_statement(statement=statement, by=shop.by, at=NOW)
    closed = close(shop, difference_minor=30)
    before = found(statement)
    assert [line[2:4] for line in before] == [
        ("", CLEAR), ("amount", OPEN), ("amount", "closed"), ("not-used", OPEN), ("unknown", OPEN),
    ]  # fmt: skip
    for _time in range(2):
        assert (match_again(statement=statement), found(statement)) == (0, before)
    shop.use("LATE-1")
    shop.use("NEW-1")
    for gone in (2, 0):
        assert match_again(statement=statement) == gone
        assert found(statement) == [
            (2, "exact", "", CLEAR, 0), (3, "unmatched", "amount", OPEN, 20), (4, "unmatched", "amount", "closed", 30),
            (5, "exact", "", CLEAR, 0), (6, "exact", "", CLEAR, 0),
        ]  # fmt: skip
    assert StatementLine.objects.get(voucher=late).use == late.uses.get()
    assert StatementLine.objects.values().get(pk=closed.pk) == StatementLine.objects.filter(pk=closed.pk).values()[0]


def test_a_line_of_ours_is_lacking_no_more_when_another_statement_has_it_or_it_was_undone(shop: Shop) -> None:
    for code in ("NEXT-1", "UNDONE-1", "STAYS-1", "CLOSED-1"):
        shop.use(code)
    statement = shop.upload("NOBODY,2026-10-05,4.00")
    confirm_statement(statement=statement, by=shop.by, at=NOW)
    stays = StatementLine.objects.get(use__voucher__digest=digest("STAYS-1"))
    close(shop, use__voucher__digest=digest("CLOSED-1"))
    shop.match("NEXT-1,2026-10-05,4.00")
    undone = VoucherUse.objects.get(voucher__digest=digest("UNDONE-1"))
    VoucherUse.objects.create(voucher=undone.voucher, outlet=undone.outlet, at=DAY, scanned=True, undoes=undone)
    shop.use("SINCE-1")
    tasks.match_statements()
    ours = {line.reference: (line.pk == stays.pk, line.state) for line in statement.lines.filter(number__lt=0)}
    named = {str(Voucher.objects.get(digest=digest(code)).uuid): code for code in ("STAYS-1", "CLOSED-1", "SINCE-1")}
    assert {named[reference]: what for reference, what in ours.items()} == {
        "STAYS-1": (True, OPEN), "CLOSED-1": (False, "closed"), "SINCE-1": (False, OPEN),
    }  # fmt: skip


def test_an_order_that_is_delivered_later_is_matched_again(shop: Shop) -> None:
    shop.order("po-2", None, state="sent")
    statement = shop.upload("po-2,2026-10-05,9.50", "own-late,2026-10-05,9.50", party="acme")
    confirm_statement(statement=statement, by=shop.by, at=NOW)
    assert [line[2] for line in found(statement)] == ["not-used", "unknown"]
    SupplierOrder.objects.update(state="delivered", cost_minor=950, closed_at=DAY, next_at=None)
    shop.order("late")
    assert match_again(statement=statement) == 2
    assert found(statement) == [(2, "exact", "", CLEAR, 0), (3, "exact", "", CLEAR, 0)]


def test_matching_again_takes_the_same_queries_for_one_line_and_many(shop: Shop) -> None:
    counted = []
    for codes in (["A1"], ["B1", "B2", "B3"]):
        statement = shop.upload(*(f"{code},2026-10-05,4.00" for code in codes))
        confirm_statement(statement=statement, by=shop.by, at=NOW)
        for code in codes:
            shop.use(code)
        with CaptureQueriesContext(connection) as captured:
            assert match_again(statement=statement) == len(codes)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_totals_add_up_to_the_lines(shop: Shop) -> None:
    for code in ("A1", "A2", "A3"):
        shop.use(code)
    statement = shop.upload("A1,,4.00", "A2,,4.50", "X1,,1.00")
    confirm_statement(statement=statement, by=shop.by, at=NOW)
    shown = {(one.match, one.reason): (one.lines, one.difference_minor, one.waiting) for one in totals(statement)}
    assert shown == {
        ("exact", ""): (1, 0, 0),
        ("unmatched", "amount"): (1, 50, 1),
        ("unmatched", "missing"): (1, -400, 1),
        ("unmatched", "unknown"): (1, 100, 1),
    }


def test_a_statement_whose_job_ended_before_it_was_read_is_discarded(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewards.services.statements.AT_ONCE", 0)
    ended, _waits = [shop.upload("A1,,4.00") for _ in range(2)]
    Job.objects.filter(pk=ended.job_id).update(state="cancelled")
    forget_stopped_statements()
    rows = Statement.objects.order_by("pk")
    assert [(one.state, one.raw is None) for one in rows] == [("discarded", True), ("reading", False)]


# -- in the office -------------------------------------------------------------------------------


def office(world: World, role: str, **place: Any) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role, **place)
    return sign_in_staff(Client(raise_request_exception=False), user)


def test_finance_imports_matches_and_closes_with_an_approver(kept: World, shop: Shop) -> None:
    shop.use("AAA-1")
    finance, approver = office(kept, "finance"), office(kept, "finance_approver")
    asked = {"party": "outlet:CAFE", "since": "2026-10-01", "until": "2026-10-31", "currency": "sgd", "tolerance": "0"}
    file = SimpleUploadedFile("x.csv", b"reference,amount\nAAA-1,4.00\n=1+1,2.00\nNOBODY-12,3.00\n")
    address = f"/office/statements/?program={kept.program.code}"
    assert approver.post(address, {**asked, "file": file}).status_code == 404
    file.seek(0)
    page = finance.post(address, {**asked, "file": file}, follow=True).content.decode()
    assert "A cell must not begin like a formula." in page
    assert "AAA-1" not in page
    pk = Statement.objects.get().pk
    finance.post(f"/office/statements/{pk}/decide/", {"step": "confirm"})
    csv = finance.get(f"/office/statements/{pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert csv[1:] == [
        "2,••••1,,4.00,4.00,0.00,exact,,clear,,,",
        "4,••••-12,,3.00,,3.00,unmatched,unknown,open,,,",
    ]
    assert "Match again" in finance.get(f"/office/statements/{pk}/").content.decode()
    assert "Match again" not in approver.get(f"/office/statements/{pk}/").content.decode()
    assert approver.post(f"/office/statements/{pk}/decide/", {"step": "again"}).status_code == 404
    shop.use("NOBODY-13")
    again = finance.post(f"/office/statements/{pk}/decide/", {"step": "again"}, follow=True).content.decode()
    assert "Differences that are open no more: 0" in again
    line = {"line": StatementLine.objects.get(state="open", number__gt=0).pk}
    queue = f"/office/differences/?program={kept.program.code}"
    assert finance.post(queue, {**line, "step": "confirm"}).status_code == 404
    finance.post(queue, {**line, "step": "propose", "note": "A typing error"})
    assert "A typing error" in approver.get(queue).content.decode()
    answers = [approver.post(queue, {**line, "step": "confirm"}, follow=True) for _ in "12"]
    done = [one for answer in answers for one in answer.context["messages"]]
    assert [(one.level_tag, one.message[-6:]) for one in done] == [("success", "1 of 1"), ("warning", "0 of 1")]
    assert StatementLine.objects.get(pk=line["line"]).state == "closed"
    StatementLine.objects.filter(number__lt=0).delete()
    assert "No differences wait" in finance.get(queue).content.decode()


def test_the_page_of_a_statement_that_could_not_be_read_says_why(
    kept: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewards.services.statements.AT_ONCE", 0)
    statement = shop.upload("A1,,4.00")
    Job.objects.filter(pk=statement.job_id).update(attempts=jobs.MOST_ATTEMPTS)
    jobs.run(job_id=statement.job_id)
    forget_stopped_statements()
    page = office(kept, "finance").get(f"/office/statements/{statement.pk}/").content.decode()
    assert "Discarded" in page
    assert "The worker died each time this was tried." in page


@pytest.mark.parametrize(("role", "outlet"), [("support", ""), ("marketer", ""), ("finance", "OTHER")])
def test_others_do_not_see_statements(kept: World, shop: Shop, role: str, outlet: str) -> None:
    place = {"outlet": Outlet.objects.get(code=outlet)} if outlet else {}
    statement, client = shop.upload("A1,,4.00"), office(kept, role, **place)
    for address in ("statements/", f"statements/{statement.pk}/", "differences/"):
        assert client.get(f"/office/{address}").status_code == 404
    assert client.post(f"/office/statements/{statement.pk}/decide/", {"step": "confirm"}).status_code == 404
    statement.refresh_from_db()
    assert statement.state == "preview"
