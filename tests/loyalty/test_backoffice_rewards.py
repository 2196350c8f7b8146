"""The catalogue in the office: files are judged whole, nothing is half-loaded, nothing is a formula."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape
from modeltranslation.utils import build_localized_fieldname
from openpyxl import Workbook, load_workbook

from dealers.models import Outlet
from loyalty.backoffice.reward_formats import Csv, Xlsx
from loyalty.display.stock_words import fault_words
from rewards.models import Reward
from tests.campaigns.world import World
from tests.loyalty.people import office_client
from tests.rewards.catalogue import catalogue_world, reward

XLSX = "1"  # its place in the list of formats
PAGE = "/office/rewards/reward/"
HEAD = "code,name_en,kind,category,brand,markets,points,stock,per_member,outlets"
OUTLETS = [{"code": "ORCHARD", "kind": "partner_outlet", "name": {"en": "Orchard"}, "market": "SG"}]
ROWS = (
    "new-1,Tea,voucher,food,Senja,SG ID,500,generated,2 per month,ORCHARD",
    "new-2,'=Cake,voucher,food,Senja,SG,300,codes,,",
)
GOOD = "\n".join([HEAD, *ROWS, ""])


@pytest.fixture
def world(db: None) -> World:
    return catalogue_world(reward("coffee", "Coffee"), outlets=OUTLETS)


def upload(client: Client, raw: bytes, kind: str = "0") -> Any:
    file = SimpleUploadedFile(f"rewards.{'xlsx' if kind == XLSX else 'csv'}", raw)
    return client.post(f"{PAGE}import/", {"import_file": file, "format": kind, "resource": "0"})


def english(row: Reward) -> str:
    """Its name."""
    return str(getattr(row, build_localized_fieldname("name", "en")))


def sheet(*rows: Sequence[object]) -> bytes:
    """A spreadsheet as people's programs write it."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "mark", "utf-16", "semicolons", "tabs"],
)
def test_a_file_is_shown_first_and_loaded_when_confirmed(world: World, raw: bytes) -> None:
    client = office_client()
    preview = upload(client, raw)
    assert not Reward.objects.filter(code="new-1").exists()
    client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)
    row = Reward.objects.get(program=world.program, code="new-1")
    assert (english(row), row.markets, row.points, row.limit_times, row.from_file) == (
        "Tea",
        ["SG", "ID"],
        500,
        2,
        False,
    )
    assert english(Reward.objects.get(code="new-2")) == "=Cake"
    exported = client.post(f"{PAGE}export/", {"format": "0", "resource": "0"}).content.decode()
    assert "'=Cake" in exported
    assert "2 per month" in exported
    assert row.outlets == ["ORCHARD"]
    assert "ORCHARD" in exported


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("x,Tea,voucher,food,Senja,XX,500,generated,,", "XX is not one of the markets"),
        ("x,Tea,car,food,Senja,SG,500,generated,,", "kind"),
        ("x,Tea,voucher,food,Senja,SG,5.5,generated,,", "points"),
        ("x,Tea,voucher,food,Senja,SG,0,generated,,", "points"),
        ("x,Tea,voucher,food,Senja,SG,500,magic,,", "stock"),
        ("x,Tea,voucher,food,Senja,SG,500,generated,twice,", "per_member"),
        (
            "x,Tea,voucher,food,Senja,SG,500,generated,,ORCHRD",
            "ORCHRD is not one of the outlets or dealers",
        ),
        ("x,=1+1,voucher,food,Senja,SG,500,generated,,", "formula"),
        ("x,Tea,cashback,food,Senja,SG,500,generated,,", "how much it pays in SGD"),
        ("x,,voucher,food,Senja,SG,500,generated,,", "name"),
        ("x,\u200b,voucher,food,Senja,SG,500,generated,,", "name"),
        (",Tea,voucher,food,Senja,SG,500,generated,,", "code"),
        ("new-1,Tea,voucher,food,Senja,SG,500,generated,,", "stands in row 1 already"),
        ("coffee,Tea,voucher,food,Senja,SG,500,generated,,", "comes from the program file"),
    ],
)
def test_one_wrong_row_keeps_all_out_and_its_error_can_be_taken_home(world: World, row: str, said: str) -> None:
    client = office_client()
    preview = upload(client, f"{GOOD}{row}\n".encode())
    assert "confirm_form" not in preview.context
    errors = client.get(f"{PAGE}import/errors/").content.decode("utf-8-sig").splitlines()
    assert len(errors) == 2
    assert re.match(rf"3,.*{re.escape(said)}", errors[1])
    assert list(Reward.objects.values_list("code", flat=True)) == ["coffee"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("paused", "maybe", "paused: write 1 for yes, or leave the cell empty for no"),
        ("retired", "ja", "retired: write 1 for yes, or leave the cell empty for no"),
        ("cost", "SGD 5; SGD 6", "cost: a currency stands in it twice"),
    ],
)
def test_a_cell_that_can_be_taken_in_two_ways_is_refused(world: World, column: str, cell: str, said: str) -> None:
    raw = f"{HEAD},{column}\nx,Tea,voucher,food,Senja,SG,500,generated,,,{cell}\n"
    preview = upload(office_client(), raw.encode())
    (row,) = preview.context["result"].invalid_rows
    assert row.error.messages == [said]


@pytest.mark.parametrize("raw", [b"\x89PNG\r\n\x1a\n\0", b"code\xff\xfe,\0", b"PK\x03\x04 no archive"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_no_table_is_refused_in_the_reader_s_language(world: World, raw: bytes, language: str) -> None:
    office = office_client()
    office.cookies["django_language"] = language
    page = upload(office, raw, XLSX if raw.startswith(b"PK") else "0").content.decode()
    with translation.override(language):
        assert escape(fault_words("not-a-table", "")) in page
    assert "encountered" not in page
    assert ("Select format" in page) is (language == "en")


def test_confirming_nothing_says_to_upload_it_again(world: World) -> None:
    answer: Any = office_client().post(f"{PAGE}process_import/", {}, follow=True)
    assert "confirm_form" not in answer.context
    assert "Upload it again." in answer.content.decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"a,b\n1,2",
        b"code\n\xe9t\xe9",
        b"\xff\xfe\x00",
        b'code\n"open',
        b"code,code\n1,2",
        b"code\n1,2",
        b"code\n" + b"x" * 200_000,
        b"code\nA\0B",
        b"PK\x03\x04" + b"\0" * 100,
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(raw: bytes) -> None:
    with translation.override("en"), pytest.raises(ValueError, match=r"\w+ \w+"):
        Csv().create_dataset(raw)


def test_an_absent_column_changes_nothing_and_an_empty_cell_empties(world: World) -> None:
    client = office_client()
    confirm = upload(client, GOOD.encode()).context["confirm_form"].initial
    client.post(f"{PAGE}process_import/", confirm)
    confirm = upload(client, b"code,points,per_member\nnew-1,700,\n").context["confirm_form"].initial
    client.post(f"{PAGE}process_import/", confirm)
    row = Reward.objects.get(code="new-1")
    assert (english(row), row.points, row.limit_times) == ("Tea", 700, None)


def test_imported_rewards_survive_a_load_of_the_file_and_are_no_part_of_a_dump(world: World) -> None:
    client = office_client()
    client.post(f"{PAGE}process_import/", upload(client, GOOD.encode()).context["confirm_form"].initial)
    catalogue_world(reward("coffee", "Coffee"), reward("cake", "Cake"))
    assert not Reward.objects.get(code="new-1").retired
    assert Reward.objects.get(code="cake").from_file


CELLS = (
    HEAD.split(","),
    ("new-1", "Tea", "voucher", "food", "Senja", "SG ID", 500, "generated", "2 per month"),
    (),
    ("new-2", "'=Cake", "voucher", "food", "Senja", "SG", 300.0, "codes"),
)


def test_a_spreadsheet_is_shown_first_loaded_when_confirmed_and_exported_as_one(world: World) -> None:
    client = office_client()
    preview = upload(client, sheet(*CELLS), XLSX)
    assert not Reward.objects.filter(code="new-1").exists()
    client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)
    row = Reward.objects.get(program=world.program, code="new-1")
    assert (english(row), row.markets, row.points, row.limit_times) == ("Tea", ["SG", "ID"], 500, 2)
    assert Reward.objects.get(code="new-2").points == 300
    raw = client.post(f"{PAGE}export/", {"format": XLSX, "resource": "0"}).content
    head, *rows = load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows()
    names = [str(cell.value) for cell in head]
    found = {str(row[names.index("code")].value): row for row in rows}
    assert set(found) == {"coffee", "new-1", "new-2"}
    assert found["new-2"][names.index("name_en")].value == "'=Cake"
    assert all(cell.data_type != "f" for row in rows for cell in row)


@pytest.mark.parametrize("kind", ["0", XLSX], ids=["csv", "xlsx"])
def test_what_was_exported_comes_back_without_a_change_rewards_of_the_file_too(world: World, kind: str) -> None:
    client = office_client()
    client.post(f"{PAGE}process_import/", upload(client, sheet(*CELLS), XLSX).context["confirm_form"].initial)
    Reward.objects.filter(code="new-2").update(retired=True)
    raw = client.post(f"{PAGE}export/", {"format": kind, "resource": "0"}).content
    before = list(Reward.objects.order_by("code").values())
    preview = upload(client, raw, kind)
    result = preview.context["result"]
    assert result.totals["skip"] == result.total_rows == 3
    assert result.valid_rows() == []
    client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)
    assert list(Reward.objects.order_by("code").values()) == before
    if kind != XLSX:
        changed = raw.replace(b"Coffee", b"Latte").replace(b",500,", b",501,")
        errors = upload(client, changed).context["result"].invalid_rows
        assert ["comes from the program file" in str(one.error) for one in errors] == [True]


def test_a_reward_out_of_use_comes_back_by_a_sheet_that_does_not_say_so(world: World) -> None:
    client = office_client()
    client.post(f"{PAGE}process_import/", upload(client, GOOD.encode()).context["confirm_form"].initial)
    for raw, retired in ((b"code,retired\nnew-1,1\n", True), (b"code,points\nnew-1,500\n", False)):
        client.post(f"{PAGE}process_import/", upload(client, raw).context["confirm_form"].initial)
        assert Reward.objects.get(code="new-1").retired == retired


def test_twelve_thousand_rewards_in_all_languages_fit_in_a_file() -> None:
    row = "x" * 1000
    raw = "code,text_en\n" + "".join(f"r-{number},{row}\n" for number in range(12_000))
    assert len(Csv().create_dataset(raw.encode())) == 12_000


def test_known_rewards_take_the_same_queries_for_one_row_and_many(world: World) -> None:
    counted = []
    for codes in (["a1"], ["b1", "b2", "b3"]):
        rows = "".join(f"{code},Tea,voucher,food,Senja,SG,500,generated,,\n" for code in codes)
        raw = f"{HEAD}\n{rows}".encode()
        client = office_client()
        client.post(f"{PAGE}process_import/", upload(client, raw).context["confirm_form"].initial)
        with CaptureQueriesContext(connection) as captured:
            upload(client, raw)
        counted.append(len([one for one in captured if "SAVEPOINT" not in one["sql"]]))
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("x", "=1+1", "voucher", "food", "Senja", "SG", 500, "generated"), "formula"),
        (("x", "Tea", "voucher", "food", "Senja", "SG", "=200+300", "generated"), "formula"),
        (("x", "Tea", "voucher", "food", "Senja", "SG", 5.5, "generated"), "points"),
        ((True, "Tea", "voucher", "food", "Senja", "SG", 500, "generated"), "Format the column as text"),
        (("x", 1.1, "voucher", "food", "Senja", "SG", 500, "generated"), "Format the column as text"),
        (("x", "Tea", "voucher", "food", "Senja", "XX", 500, "generated"), "XX is not one of the markets"),
    ],
)
def test_one_wrong_row_of_a_spreadsheet_keeps_all_out(world: World, cells: Sequence[object], said: str) -> None:
    client = office_client()
    preview = upload(client, sheet(*CELLS, cells), XLSX)
    assert "confirm_form" not in preview.context
    errors = client.get(f"{PAGE}import/errors/").content.decode("utf-8-sig").splitlines()
    assert len(errors) == 2
    assert said in errors[1]
    assert list(Reward.objects.values_list("code", flat=True)) == ["coffee"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04" + b"\0" * 100,
        sheet(),
        sheet(("a", "b")),
        sheet(("code", "code")),
        sheet(("code", ""), ("x", "y")),
    ],
    ids=["empty", "broken", "no-rows", "unknown-heads", "twice", "no-head"],
)
def test_what_is_no_spreadsheet_is_refused_with_a_sentence(world: World, raw: bytes) -> None:
    with translation.override("en"), pytest.raises(ValueError, match=r"\w+ \w+"):
        Xlsx().create_dataset(raw)
    if raw:
        assert "confirm_form" not in upload(office_client(), raw, XLSX).context


def test_long_texts_of_many_lines_are_read(world: World) -> None:
    said = "\n".join(f"Line {number}: " + "x" * 200 for number in range(20))
    row = f'new-1,Tea,voucher,food,Senja,SG,500,generated,,,"{said}","{said}"'
    raw = f"{HEAD},terms_en,text_en\n{row}\n".encode()
    confirm = upload(office_client(), raw).context["confirm_form"].initial
    office_client().post(f"{PAGE}process_import/", confirm)
    assert Reward.objects.values_list(build_localized_fieldname("terms", "en"), flat=True).get(code="new-1") == said


@pytest.mark.parametrize("picture", ["/brand/x.svg", "../x.svg", "brand/../x.svg", "https://example.com/x.svg"])
def test_a_picture_is_the_path_of_a_file(world: World, picture: str) -> None:
    client = office_client()
    client.post(f"{PAGE}process_import/", upload(client, GOOD.encode()).context["confirm_form"].initial)
    row = Reward.objects.get(code="new-1")
    form = client.get(f"{PAGE}{row.pk}/change/").context["adminform"].form
    said = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    said["outlets"] = ""
    for value, status, stored in ((picture, 200, ""), ("brand/x.svg", 302, "brand/x.svg")):
        answer = client.post(f"{PAGE}{row.pk}/change/", {**said, "picture": value})
        row.refresh_from_db()
        assert (answer.status_code, row.picture) == (status, stored)


def test_outlets_are_chosen_by_hand_for_rewards_of_no_file_and_must_be_known(world: World) -> None:
    client = office_client()
    preview = upload(client, GOOD.encode())
    client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)
    row = Reward.objects.get(code="new-1")
    page = client.get(f"{PAGE}{row.pk}/change/")
    form = page.context["adminform"].form
    said = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    for outlets, stored in (("ORCHRD", ["ORCHARD"]), ("JKT-01, JKT-01 ,ORCHARD", ["JKT-01", "ORCHARD"]), ("", [])):
        answer = client.post(f"{PAGE}{row.pk}/change/", {**said, "outlets": outlets})
        row.refresh_from_db()
        assert (answer.status_code, row.outlets) == (200 if outlets == "ORCHRD" else 302, stored)


def test_an_outlet_that_was_retired_since_keeps_nobody_from_correcting_the_rest(world: World) -> None:
    client = office_client()
    preview = upload(client, GOOD.encode())
    client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)
    Outlet.objects.filter(code="ORCHARD").update(retired=True)
    row = Reward.objects.get(code="new-1")
    form = client.get(f"{PAGE}{row.pk}/change/").context["adminform"].form
    said = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    answer = client.post(f"{PAGE}{row.pk}/change/", {**said, "outlets": "ORCHARD", "points": "700"})
    row.refresh_from_db()
    assert (answer.status_code, row.outlets, row.points) == (302, ["ORCHARD"], 700)


PRICED = [{"value": "10.00", "currency": "SGD", "points": 1000}]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("points", "0", "at least 1"),
        ("points", "-5", "at least 1"),
        ("points", str(2**62), "at most"),
        ("valid_days", "0", "at least 1"),
        ("valid_days", "2147483647", "at most 36500"),
        ("category", "Not A Code !", ""),
        ("brand", "x\x00y", ""),
        ("limit_times", "0", "at least 1"),
        ("limit_times", "", "times is missing"),
    ],
)
def test_a_correction_by_hand_is_judged_like_a_row_of_a_sheet(world: World, field: str, typed: str, said: str) -> None:
    client, row, form = corrections()
    answer = client.post(f"{PAGE}{row.pk}/change/", {**form, field: typed})
    assert answer.status_code == 200
    blamed = answer.context["adminform"].form.errors[field]
    assert said in blamed[0]
    assert client.post(f"{PAGE}{row.pk}/change/", {**form, field: form[field]}).status_code == 302


def test_points_are_no_second_price_of_a_reward_with_denominations(world: World) -> None:
    client, row, form = corrections(points=None, denominations=PRICED)
    answer = client.post(f"{PAGE}{row.pk}/change/", {**form, "points": "500"})
    assert "not both" in answer.context["adminform"].form.errors["points"][0]
    assert client.post(f"{PAGE}{row.pk}/change/", {**form, "points": ""}).status_code == 302


def test_a_limit_without_a_period_is_for_ever_as_in_a_file(world: World) -> None:
    client, row, form = corrections(limit_times=None, limit_per="")
    assert client.post(f"{PAGE}{row.pk}/change/", {**form, "limit_times": "3"}).status_code == 302
    row.refresh_from_db()
    assert (row.limit_times, row.limit_per) == (3, "lifetime")


def test_what_was_wrong_before_does_not_keep_staff_from_pausing(world: World) -> None:
    client, row, form = corrections(markets=["SG", "GONE"])
    assert client.post(f"{PAGE}{row.pk}/change/", {**form, "paused": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.paused


def corrections(**columns: Any) -> tuple[Client, Reward, dict[str, Any]]:
    """Staff, an imported reward, and what its form says."""
    client = office_client()
    client.post(f"{PAGE}process_import/", upload(client, GOOD.encode()).context["confirm_form"].initial)
    row = Reward.objects.get(code="new-1")
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    form = client.get(f"{PAGE}{row.pk}/change/").context["adminform"].form
    said = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    said = {name: ",".join(value) if isinstance(value, list) else value for name, value in said.items()}
    return client, row, {name: value for name, value in said.items() if value is not False}
