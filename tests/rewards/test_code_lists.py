"""Lists of codes: every row is judged, what was shown is what is loaded, and nothing is half-loaded."""

import io
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.db import IntegrityError, transaction
from openpyxl import Workbook
from pytest_django.plugin import DjangoDbBlocker

from core.models import Job, User
from core.refusals import Changed, Refusal
from core.rules import sheets
from core.rules.sheets import Form, SheetFault, read_sheet
from core.services import jobs
from loyalty.display.stock_words import problem_words
from rewards.models import CodeBatch, CodeLine, Reward, Voucher
from rewards.models.codes import decrypted, digest, encrypted
from rewards.rules.codes import grouped, masked
from rewards.selectors.stock_figures import StockFigures, stock_figures
from rewards.services import code_lists
from rewards.services.code_lists import confirm_codes, discard_codes, forget_old_lists, run, same_file, upload_codes
from rewards.services.stock import stock_codes
from tests.campaigns.world import World, kept_world
from tests.rewards.catalogue import reward

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    rewards = [reward("coffee", stock="codes"), reward("tea", stock="generated")]
    with kept_world(django_db_blocker, rewards=rewards) as world:
        yield world


@pytest.fixture
def coffee(kept: World) -> Reward:
    return Reward.objects.select_related("program").get(code="coffee")


@pytest.fixture
def ann(kept: World) -> User:
    return User.objects.create_user("ann", is_staff=True)


def upload(reward: Reward, by: User, raw: bytes | str, name: str = "codes.csv") -> CodeBatch:
    return upload_codes(reward=reward, file_name=name, raw=raw.encode() if isinstance(raw, str) else raw, by=by, at=NOW)


def codes(reward: Reward) -> list[str]:
    return [decrypted(row.cipher) for row in Voucher.objects.filter(reward=reward, state="stock").order_by("id")]


def problems(batch: CodeBatch) -> list[tuple[int, str, str]]:
    return list(batch.lines.exclude(problem="").order_by("number").values_list("number", "problem", "detail"))


def sheet(*rows: Sequence[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(file)
    return file.getvalue()


def test_a_list_is_loaded_as_it_was_shown(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code,expires_on,value\nAB-12,2027-01-31,\nxy.34,,SGD 5.00\n\n=1+1,,\n")
    assert (batch.state, batch.accepted, batch.refused, batch.raw) == ("preview", 2, 1, None)
    assert codes(coffee) == []
    assert confirm_codes(batch=batch, by=ann, at=NOW).state == "loaded"
    assert codes(coffee) == ["AB-12", "xy.34"]
    first, second = Voucher.objects.filter(reward=coffee).order_by("id")
    assert (str(first.expires_on), first.value_minor) == ("2027-01-31", None)
    assert (second.value_minor, second.left_minor, second.currency) == (500, 500, "SGD")
    assert problems(batch) == [(5, "formula", "")]
    assert not batch.lines.filter(problem="").exists()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",,SGD 5.00", "empty"),
        ("   ,2027-01-01,", "empty"),
        ("-A1,,", "formula"),
        ("+A1,,", "formula"),
        ("@A1,,", "formula"),
        ('"\tA1",,', "formula"),
        ("X" * 65 + ",,", "too-long"),
        ("1.23457E+15,,", "rounded"),
        ("Ä1,,", "characters"),
        ("<b>,,", "characters"),
        ('"A\n1",,', "characters"),
        ("A1-,,", "characters"),
        ("A1,31.12.2027,", "day"),
        ("A1,2027-02-30,", "day"),
        ("A1,2026-11-01,", "past"),
        ("A1,,ten", "value"),
        ("A1,,0", "value"),
        ("A1,,5.001", "value"),
        ("A1,,XYZ 5.00", "value"),
        ("GOOD,,", "twice"),
        ("G-0 0d,,", "alike"),
        ("had-1,,", "known"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_keeps_no_code(
    coffee: Reward, ann: User, row: str, problem: str
) -> None:
    stock_codes(reward=coffee, codes=["HAD1"])
    batch = upload(coffee, ann, f"code,expires_on,value\nGOOD,,\n{row}\n")
    (line,) = CodeLine.objects.filter(batch=batch).exclude(problem="")
    assert (line.problem, line.cipher, batch.accepted) == (problem, None, 1)
    assert line.detail == {"twice": "2", "alike": "2", "known": "stock"}.get(problem, line.detail)


CARD = [{"value": v, "currency": c, "points": 100} for v, c in (("10.00", "SGD"), ("50.00", "SGD"), ("90000", "VND"))]


@pytest.fixture
def card(coffee: Reward) -> Reward:
    """Of several values."""
    Reward.objects.filter(pk=coffee.pk).update(points=None, denominations=CARD)
    coffee.refresh_from_db()
    return coffee


def test_each_code_of_a_reward_with_denominations_is_of_one_of_them(card: Reward, ann: User) -> None:
    rows = ["A1,10", "A2,SGD 50.00", "A3,VND 90000", "A4,", "A5,20.00", "A6,VND 10", "A7,90000", "A8,ten"]
    batch = upload(card, ann, "\n".join(["code,value", *rows, ""]))
    assert problems(batch) == [
        (5, "no-value", "SGD 10.00, SGD 50.00, VND 90000"),
        (6, "not-sold", "SGD 20.00"),
        (7, "not-sold", "VND 10"),
        (
            8,
            "not-sold",
            masked("90000"),
        ),  # of the program's currency; so plain a number may be a code in the wrong column
        (9, "value", masked("ten")),
    ]
    confirm_codes(batch=batch, by=ann, at=NOW)
    rows_in = Voucher.objects.filter(reward=card).order_by("id").values_list("value_minor", "left_minor", "currency")
    assert list(rows_in) == [(1000, 1000, "SGD"), (5000, 5000, "SGD"), (90000, 90000, "VND")]


def test_many_values_are_told_as_far_as_they_are_short(card: Reward, ann: User) -> None:
    card.denominations = [{"value": f"{n}.00", "currency": "SGD", "points": n} for n in range(100, 120)]
    card.save(update_fields=["denominations"])
    ((_row, problem, detail),) = problems(upload(card, ann, "code\nA1\n"))
    assert (problem, detail) == ("no-value", ", ".join(f"SGD {n}.00" for n in range(100, 106)) + " …")


def test_a_list_is_judged_again_where_values_changed_meanwhile(card: Reward, ann: User) -> None:
    batch = upload(card, ann, "code,value\nA1,10.00\nA2,50.00\nA3,50.00\n")
    Reward.objects.filter(pk=card.pk).update(denominations=CARD[:1])
    with pytest.raises(Changed):
        confirm_codes(batch=batch, by=ann, at=NOW)
    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.refused, codes(card)) == ("preview", 1, 2, [])
    assert problems(batch) == [(3, "not-sold", "SGD 50.00"), (4, "not-sold", "SGD 50.00")]
    confirm_codes(batch=batch, by=ann, at=NOW)
    assert codes(card) == ["A1"]


def test_a_list_without_values_is_judged_again_where_the_reward_has_got_some(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code,value\nA1,\nA2,10.00\n")
    Reward.objects.filter(pk=coffee.pk).update(points=None, denominations=CARD)
    with pytest.raises(Changed):
        confirm_codes(batch=batch, by=ann, at=NOW)
    assert problems(batch) == [(2, "no-value", "SGD 10.00, SGD 50.00, VND 90000")]


def test_a_code_in_the_wrong_column_is_not_kept(coffee: Reward, ann: User) -> None:
    rows = ("PARTNER-77-XYZ,A1,", ",A2,AB12CD", "1234567,A3,", "31.12.2027,A4,", ",A5,5.001")
    batch = upload(coffee, ann, "\n".join(["expires_on,code,value", *rows, ""]))
    details = [line.detail for line in batch.lines.order_by("number")]
    assert details == [masked("PARTNER-77-XYZ"), masked("AB12CD"), masked("1234567"), "31.12.2027", "5.001"]


GOOD = 'code;value\nA1;\n"B2";\n'


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.encode("cp1252") + b"\xc4;\n",
        GOOD.replace(";", "\t").replace("\n", "\r\n").encode(),
        GOOD.replace(";", ",").replace("\n", "\r").encode(),
        sheet(("Code", "value"), ("A1", None), (), ("B2",)),
    ],
    ids=["utf-8", "mark", "utf-16", "windows-1252", "tabs", "old-mac", "xlsx"],
)
def test_files_of_all_programs_are_read(coffee: Reward, ann: User, raw: bytes) -> None:
    batch = upload(coffee, ann, raw)
    assert (batch.state, batch.accepted) == ("preview", 2), batch.fault
    confirm_codes(batch=batch, by=ann, at=NOW)
    assert codes(coffee) == ["A1", "B2"]


def bomb() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for part in range(4):
            packed.writestr(f"xl/{part}.xml", b"\0" * 300_000)
    return file.getvalue()


FAULTY: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blank": (b"\n \n,,\n", "empty"),
    "no-head": (b"A1\nB2\n", "no-column"),
    "no-rows": (b"code,expires_on\n", "no-rows"),
    "unknown": (b"code,colour\nA1,red\n", "unknown-column"),
    "twice": (b"code,code\nA1,B2\n", "column-twice"),
    "wide": (b"code\nA1,B2\n", "too-wide"),
    "nul": (b"code\nA\0B\n", "no-text"),
    "half-utf-16": (b"\xff\xfec\x00o", "no-text"),
    "odd-utf-16": (b"\xff\xfec", "no-text"),
    "open-quote": (b'code\n"A1\n' + b"B2\n" * 50, "long-line"),
    "stray-quote": (b'code\n"A"1\n', "not-a-table"),
    "long-line": (b"code\n" + b"x" * 100_000, "long-line"),
    "many-cells": (b"code\n" + b"," * 100_000, "long-line"),
    "no-zip": (b"PK\x03\x04" + b"\0" * 100, "not-a-table"),
    "empty-book": (sheet(), "empty"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_no_table_is_refused_as_a_whole(coffee: Reward, ann: User, name: str) -> None:
    raw, fault = FAULTY[name]
    batch = upload(coffee, ann, raw)
    assert (batch.state, batch.fault, batch.raw) == ("faulty", fault, None)
    assert not batch.lines.exists()
    with pytest.raises(Changed):
        confirm_codes(batch=batch, by=ann, at=NOW)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SMALL_UNPACKED", 1_000_000)
    form = Form(("code",), ("code",), 32 * 1024 * 1024, 10)
    with pytest.raises(SheetFault, match="too-large"):
        list(read_sheet(bomb(), form))
    with pytest.raises(SheetFault, match="too-large"):
        list(read_sheet(b"x" * (form.most_bytes + 1), form))
    with pytest.raises(SheetFault, match="too-many-rows"):
        list(read_sheet(b"code\n" + b"A\n" * 11, form))


def test_hundreds_of_damaged_files_are_refused_clearly_or_read_row_by_row() -> None:
    chance = random.Random(5)
    form = Form(("code", "expires_on", "value"), ("code",), 1_000_000, 1000)
    whole = [sheet(("code",), *((f"A{n}",) for n in range(9))), GOOD.encode("utf-16"), GOOD.encode("utf-8-sig")]
    seen = {"read": 0, "refused": 0}
    for number in range(500):
        raw = bytearray(whole[number % len(whole)])
        for _blow in range(chance.randint(1, 6)):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            list(read_sheet(bytes(raw), form))
        except SheetFault:
            seen["refused"] += 1
        else:
            seen["read"] += 1
    assert min(seen.values()) > 10


def shown(value: object, form: str) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.worksheets[0].append(["code"])
    book.worksheets[0].cell(2, 1, value).number_format = form
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (1234567890123456789, "rounded"),
        (12345, ""),
        (12345.0, ""),
        ("=A2", "formula"),
        (True, "turned"),
        (1.1, "turned"),
        (date(2027, 3, 1), "turned"),
        (datetime(2027, 3, 1, 9), "turned"),  # noqa: DTZ001  # spreadsheets know no zones
        (time(9, 30), "turned"),
        (timedelta(hours=30), "turned"),
    ],
)
def test_cells_of_a_spreadsheet_are_read_as_a_person_sees_them(
    coffee: Reward, ann: User, cell: object, problem: str
) -> None:
    batch = upload(coffee, ann, sheet(("code",), (cell,)))
    assert [line.problem for line in batch.lines.all()] == [problem]


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [
        (42, "00000000", "00000042"),
        (42, "@", "42"),
        (100000, "0.00E+00", None),
        (1000, "#,##0", None),
        (42, '"AB-"0', None),
        (42, "0000-0000", None),
        (1234567890123456, "0" * 16, None),
    ],
)
def test_a_number_is_the_code_that_is_seen_or_none(
    coffee: Reward, ann: User, value: int, form: str, read: str | None
) -> None:
    batch = upload(coffee, ann, shown(value, form))
    assert batch.accepted == (read is not None)
    if read:
        confirm_codes(batch=batch, by=ann, at=NOW)
    assert codes(coffee) == ([read] if read else [])


def test_the_same_file_is_told_and_its_codes_are_known(coffee: Reward, ann: User) -> None:
    first = upload(coffee, ann, "code\nA1\n")
    assert same_file(first) is None
    confirm_codes(batch=first, by=ann, at=NOW)
    again = upload(coffee, ann, "code\nA1\n")
    assert same_file(again) == first
    assert problems(again) == [(2, "known", "stock")]


def test_of_two_lists_with_the_same_code_the_second_is_judged_again_and_loads_nothing(
    coffee: Reward, ann: User
) -> None:
    first, second = upload(coffee, ann, "code\nA1\nA2\n"), upload(coffee, ann, "code\nA2\nA3\n")
    confirm_codes(batch=first, by=ann, at=NOW)
    with pytest.raises(Changed):
        confirm_codes(batch=second, by=ann, at=NOW)
    second.refresh_from_db()
    assert codes(coffee) == ["A1", "A2"]
    assert (second.state, second.accepted, problems(second)) == ("preview", 1, [(2, "known", "stock")])
    confirm_codes(batch=second, by=ann, at=NOW)
    assert codes(coffee) == ["A1", "A2", "A3"]


def test_a_code_that_lapsed_between_look_and_loading_is_refused(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code,expires_on\nA1,2026-11-03\nA2,\n")
    later = datetime(2026, 11, 3, tzinfo=UTC)
    with pytest.raises(Changed):
        confirm_codes(batch=batch, by=ann, at=later)
    assert (codes(coffee), problems(batch)) == ([], [(2, "past", "2026-11-03")])
    batch.refresh_from_db()
    confirm_codes(batch=batch, by=ann, at=later)
    assert codes(coffee) == ["A2"]


def test_a_discarded_list_leaves_nothing_and_cannot_be_loaded(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code\nA1\n")
    discard_codes(batch=batch)
    assert not batch.lines.exists()
    with pytest.raises(Changed):
        confirm_codes(batch=batch, by=ann, at=NOW)


def test_a_list_that_nobody_confirms_is_forgotten_after_a_while(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code\nA1\n")
    assert forget_old_lists(before=NOW) == 0
    assert forget_old_lists(before=NOW + timedelta(days=1)) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.lines.count()) == ("discarded", 0)


def test_a_reward_that_is_no_list_of_codes_takes_none(kept: World, ann: User) -> None:
    with pytest.raises(Refusal):
        upload(Reward.objects.get(code="tea"), ann, "code\nA1\n")
    assert not CodeBatch.objects.exists()


# -- long lists ----------------------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AT_ONCE", 10), ("ROWS_AT_ONCE", 2), ("BATCH", 3)):
        monkeypatch.setattr(code_lists, name, value)


LONG = "code\n" + "".join(f"A{n}\n" for n in range(1, 9)) + "=x\n"


def work(batch: CodeBatch) -> Job:
    batch.refresh_from_db()
    assert batch.job is not None
    jobs.run(job_id=batch.job.pk)
    batch.refresh_from_db()
    return Job.objects.get(pk=batch.job_id or 0)


def test_a_long_list_is_read_and_loaded_as_jobs(coffee: Reward, ann: User, long: None) -> None:
    batch = upload(coffee, ann, LONG)
    assert batch.state == "reading"
    assert b"A1" not in bytes(batch.raw or b"")
    job = work(batch)
    assert (batch.state, batch.accepted, batch.refused, batch.raw, job.steps_done) == ("preview", 8, 1, None, 9)
    assert confirm_codes(batch=batch, by=ann, at=NOW).state == "loading"
    assert work(batch).report["state"] == "loaded"
    assert codes(coffee) == [f"A{n}" for n in range(1, 9)]


def test_a_long_list_that_is_stopped_leaves_nothing(coffee: Reward, ann: User, long: None) -> None:
    batch = upload(coffee, ann, LONG)
    batch.refresh_from_db()
    assert batch.job is not None
    progress = jobs.Progress(batch.job)
    Job.objects.update(cancel_requested=True)
    with pytest.raises(jobs.Cancelled):
        run(progress)
    batch.refresh_from_db()
    assert (batch.state, batch.raw, batch.lines.count()) == ("discarded", None, 0)


def test_a_load_that_is_stopped_can_be_confirmed_again(coffee: Reward, ann: User, long: None) -> None:
    batch = upload(coffee, ann, LONG)
    work(batch)
    confirm_codes(batch=batch, by=ann, at=NOW)
    batch.refresh_from_db()
    assert batch.job is not None
    Job.objects.update(cancel_requested=True)
    with pytest.raises(jobs.Cancelled):
        run(jobs.Progress(batch.job))
    batch.refresh_from_db()
    assert (batch.state, codes(coffee), batch.lines.filter(problem="").count()) == ("preview", [], 8)


def test_a_list_whose_job_ended_without_its_work_is_left_to_people_again(coffee: Reward, ann: User, long: None) -> None:
    unread, loading = upload(coffee, ann, LONG), upload(coffee, ann, LONG)
    work(loading)
    confirm_codes(batch=loading, by=ann, at=NOW)
    Job.objects.filter(state="queued").update(cancel_requested=True)  # before they begin
    for batch in (unread, loading):
        work(batch)
    assert (unread.state, loading.state) == ("reading", "loading")
    forget_old_lists(before=NOW)
    for batch in (unread, loading):
        batch.refresh_from_db()
    assert (unread.state, unread.raw, loading.state) == ("discarded", None, "preview")
    assert confirm_codes(batch=loading, by=ann, at=NOW).state == "loading"


# -- figures and promises ------------------------------------------------------------------------


def test_figures_add_up_to_all_vouchers(kept: World, coffee: Reward) -> None:
    member, at = kept.member(), datetime(2026, 10, 1, tzinfo=UTC)
    held: dict[str, Any] = {"member": member, "issued_at": at}
    rows: list[dict[str, Any]] = [
        {"state": "stock"},
        {"state": "stock", "expires_on": "2026-10-31"},
        {"state": "ready", **held},
        {"state": "ready", "expires_on": "2026-10-31", **held},
        {"state": "used", "used_at": at, **held},
        {"state": "void", "voided_at": at, **held},
    ]
    for number, row in enumerate(rows):
        uuid = f"00000000-0000-0000-0000-{number:012d}" if "member" in row else None
        Voucher.objects.create(
            program=kept.program, reward=coffee, uuid=uuid, cipher=encrypted("x"), digest=bytes([number] * 32), **row
        )
    figures = stock_figures(reward_ids=[coffee.pk, 0], day=NOW.date())
    assert figures == {coffee.pk: StockFigures(1, 1, 1, 1, 1, 1), 0: StockFigures()}
    assert figures[coffee.pk].issued == 4


def test_the_database_keeps_no_file_that_was_read(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code\nA1\n")
    with pytest.raises(IntegrityError), transaction.atomic():
        CodeBatch.objects.filter(pk=batch.pk).update(raw=b"x")


def test_a_partners_code_is_found_as_people_type_it_and_shown_as_it_was_written(coffee: Reward, ann: User) -> None:
    confirm_codes(batch=upload(coffee, ann, "code\nOil-10\n"), by=ann, at=NOW)
    row = Voucher.objects.get(reward=coffee)
    assert bytes(row.digest) == digest("0 il 1o")
    assert grouped(decrypted(row.cipher)) == "Oil-10"


def test_a_pin_has_a_column_of_its_own_and_is_kept_encrypted_beside_its_code(coffee: Reward, ann: User) -> None:
    batch = upload(coffee, ann, "code,pin\nGIFT-77,0042\nGIFT-78,\n")
    assert (batch.accepted, problems(batch)) == (2, [])
    confirm_codes(batch=batch, by=ann, at=NOW)
    first, second = Voucher.objects.filter(reward=coffee, state="stock").order_by("id")
    assert [(decrypted(one.cipher), one.pin) for one in (first, second)] == [("GIFT-77", "0042"), ("GIFT-78", "")]
    assert b"0042" not in bytes(first.pin_cipher or b"")
    assert second.pin_cipher is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("GIFT-77 PIN 1602,", "pin-in-code"),
        ("gift 77  pin  1602,", "pin-in-code"),
        ("A1,=1+1", "pin"),
        ("A1,1.23E+15", "pin"),
        ("A1,12345678901234567", "pin"),
        ("A1,ä", "pin"),
    ],
)
def test_a_wrong_pin_is_refused_and_none_hides_in_a_code(coffee: Reward, ann: User, row: str, problem: str) -> None:
    batch = upload(coffee, ann, f"code,pin\n{row}\nGOOD,77\n")
    (line,) = CodeLine.objects.filter(batch=batch).exclude(problem="")
    assert (line.problem, line.cipher, line.pin_cipher, line.detail) == (problem, None, None, "")
    assert "1602" not in problem_words(line.problem, line.detail)
