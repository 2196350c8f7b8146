"""Sheets of rewards as a whole: few statements for many rows, all of them or none, long ones as a job."""

from collections.abc import Sequence
from typing import Any

import pytest
import tablib
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import CacheEntry, Job, Program
from core.services import jobs
from loyalty.backoffice.reward_imports import ROWS_AT_ONCE
from loyalty.backoffice.reward_sheets import SHOWN, RewardSheet
from loyalty.backoffice.reward_writing import write_rewards
from rewards.models import Reward
from tests.campaigns.world import World
from tests.loyalty.people import office_client
from tests.loyalty.test_backoffice_rewards import HEAD, OUTLETS, PAGE, upload
from tests.rewards.catalogue import catalogue_world, reward

NOTED = """
    SELECT count(DISTINCT e.pgh_obj_id), min(c.metadata ->> 'why'), count(DISTINCT c.metadata ->> 'user')
    FROM rewards_rewardevent e JOIN pghistory_context c ON c.id = e.pgh_context_id
    WHERE e.pgh_label = 'update' AND e.points = 501
"""


@pytest.fixture
def world(db: None) -> World:
    return catalogue_world(reward("coffee", "Coffee"), outlets=OUTLETS)


def known(program: Program, codes: Sequence[str], **columns: Any) -> None:
    plain = {"kind": "voucher", "category": "food", "brand": "Senja", "markets": ["SG"], "points": 500}
    rows = (
        Reward(program=program, code=code, name="Tea", name_en="Tea", stock="generated", **plain | columns)
        for code in codes
    )
    Reward.objects.bulk_create(rows)


def sheet_of(codes: Sequence[str], points: int) -> bytes:
    return "\n".join([HEAD, *(f"{code},Tea,voucher,food,Senja,SG,{points},generated,," for code in codes), ""]).encode()


def confirm(client: Client, preview: Any) -> Any:
    return client.post(f"{PAGE}process_import/", preview.context["confirm_form"].initial)


@pytest.mark.parametrize("there", [True, False], ids=["changed", "new"])
def test_one_row_and_many_take_the_same_statements_from_the_preview_to_the_end(world: World, there: bool) -> None:
    counted = []
    ContentType.objects.get_for_model(Reward)  # read once a process
    for codes in (["a1"], ["b1", "b2", "b3"]):
        if there:
            known(world.program, codes)
        client = office_client()
        with CaptureQueriesContext(connection) as shown:
            preview = upload(client, sheet_of(codes, 501))
        assert not Reward.objects.filter(points=501, code__in=codes).exists()
        with CaptureQueriesContext(connection) as written:
            confirm(client, preview)
        counted.append((len(shown), len(written)))
        assert Reward.objects.filter(points=501, code__in=codes).count() == len(codes)
    assert counted[0] == counted[1]


def test_the_history_of_every_changed_reward_names_who_and_why(world: World) -> None:
    known(world.program, ["a1", "a2"])
    client = office_client()
    confirm(client, upload(client, sheet_of(["a1", "a2"], 501)))
    with connection.cursor() as cursor:
        cursor.execute(NOTED)
        assert cursor.fetchone() == (2, f"edited at {PAGE}process_import/", 1)


def test_what_no_column_holds_is_an_error_of_its_row(world: World) -> None:
    rows = (f"new-{low},Tea,voucher,food,Senja,SG,500,codes,,,{low}" for low in ("9", "9999999999"))
    raw = "\n".join([f"{HEAD},low_stock", *rows, ""]).encode()
    result = upload(office_client(), raw).context["result"]
    assert [(row.number, row.error.messages[0].split(":")[0]) for row in result.invalid_rows] == [(2, "low_stock")]


def test_rows_that_the_database_refuses_are_named_and_all_others_stay_out(world: World) -> None:
    known(world.program, [f"a{number}" for number in range(7)])
    rows = list(Reward.objects.filter(code__startswith="a").order_by("code"))
    for row in rows:
        row.points = 501
    rows[2].limit_times = rows[5].limit_times = 3  # without a period
    made = [Reward(program=world.program, code="new", kind="voucher", category="food", brand="B", name="Tea")]
    refused = write_rewards(made, rows, ["points", "limit_times"])
    assert [row.code for row, _said in refused] == ["a2", "a5"]
    assert all("reward_limit_names_its_period" in said for _row, said in refused)
    assert set(Reward.objects.exclude(code="coffee").values_list("points", flat=True)) == {500}


def test_what_a_sheet_has_no_column_for_is_left_to_whoever_changes_it_meanwhile(world: World) -> None:
    known(world.program, ["a1"])
    rows = tablib.Dataset(("a1", "501"), headers=["code", "points"])
    pause = Reward.objects.filter(code="a1").update
    RewardSheet(programs=[world.program], tell=lambda _done, _total: pause(paused=True)).import_data(rows)
    assert Reward.objects.values_list("points", "paused").get(code="a1") == (501, True)


def test_a_preview_shows_under_each_head_what_goes_and_what_comes(world: World) -> None:
    known(world.program, ["a1"], brand="<Senja>")
    raw = b"points,code,brand,name_en\n501,a1,<Senjo>,Teapot\n"
    result = upload(office_client(), raw).context["result"]
    (row,) = result.rows
    shown = dict(zip(result.diff_headers, row.diff, strict=True))
    assert shown["points"] == "50<del>0</del><ins>1</ins>"
    assert shown["brand"] == "&lt;Senj<del>a</del><ins>o</ins>&gt;"
    assert shown["name_en"] == "Tea<del></del><ins>pot</ins>"
    assert (shown["code"], shown["kind"], shown["program"]) == ("a1", "voucher", world.program.code)


def long_job(client: Client) -> Job:
    codes = [f"a{number}" for number in range(ROWS_AT_ONCE + 1)]
    known(Program.objects.get(), codes)
    preview = upload(client, sheet_of(codes, 501))
    assert len(preview.context["result"].rows) == SHOWN
    assert [str(one.message) for one in preview.context["messages"]] == [
        "1,001 rows are new or change; the first 1,000 are shown."
    ]
    response = confirm(client, preview)
    job = Job.objects.get()
    assert response["Location"] == f"/office/core/job/{job.pk}/change/"
    assert not Reward.objects.filter(points=501).exists()
    return job


def test_a_long_sheet_is_imported_as_a_job_in_the_name_of_who_confirmed_it(world: World) -> None:
    job = long_job(office_client())
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.report) == ("done", {"new": 0, "update": ROWS_AT_ONCE + 1, "skip": 0})
    assert (job.program, job.steps_done, job.steps_total) == (world.program, ROWS_AT_ONCE + 1, ROWS_AT_ONCE + 1)
    with connection.cursor() as cursor:
        cursor.execute(NOTED)
        assert cursor.fetchone() == (ROWS_AT_ONCE + 1, f"import of rewards, job {job.pk}", 1)
    assert not CacheEntry.objects.filter(cache_key__contains=job.arguments["file"]).exists()


def test_a_long_sheet_that_is_confirmed_twice_is_one_job(world: World) -> None:
    client = office_client()
    job = long_job(client)
    asked = {"import_file_name": job.arguments["file"], "original_file_name": "rewards.csv", "format": "0"}
    again = client.post(f"{PAGE}process_import/", asked | {"resource": "0"}, follow=True)
    assert [str(one.message) for one in again.context["messages"]] == [
        "The file is not kept any more. Upload it again."
    ]
    assert Job.objects.get() == job


def test_a_long_sheet_with_a_row_that_became_wrong_imports_nothing_and_says_which(world: World) -> None:
    job = long_job(office_client())
    Reward.objects.filter(code="a7").update(from_file=True)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error.startswith("Nothing was imported. Row 8: code: this reward comes")) == ("failed", True)
    assert not Reward.objects.filter(points=501).exists()


def test_a_sheet_that_became_wrong_since_its_preview_is_not_called_imported(world: World) -> None:
    known(world.program, ["a1"])
    client = office_client()
    preview = upload(client, sheet_of(["a1"], 501))
    Reward.objects.filter(code="a1").update(from_file=True)
    confirm(client, preview)
    page = client.get(f"{PAGE}import/")
    assert [str(one.message).split("<")[0] or "link" for one in page.context["messages"]] == ["link"]
    assert not Reward.objects.filter(points=501).exists()


@pytest.mark.parametrize("name", ["0" * 32, "/etc/passwd", "x" * 300])
def test_a_file_that_is_not_kept_is_asked_for_again(world: World, name: str) -> None:
    client = office_client()
    asked = upload(client, sheet_of(["a1"], 501)).context["confirm_form"].initial
    response = client.post(f"{PAGE}process_import/", asked | {"import_file_name": name}, follow=True)
    assert [str(one.message) for one in response.context["messages"]] == [
        "The file is not kept any more. Upload it again."
    ]
    assert not Reward.objects.filter(code="a1").exists()
