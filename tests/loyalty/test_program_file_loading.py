import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, CampaignVersion
from campaigns.services.configuration import current_configuration
from core.models import Market, Program
from dealers.models import Budget
from ledger.models import Account
from ledger.services.accounts import AccountSpec, fund, open_accounts
from loyalty.operations.program_file.checking import check
from loyalty.operations.program_file.loading import load_program, read_program
from loyalty.operations.program_file.planning import Plan
from loyalty.operations.program_file.writing import write
from members.models import Tier

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent / "programs"
DEMO = HERE.parents[2] / "programs" / "demo.yaml"
EVERYTHING = HERE / "everything.yaml"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def load(text: str, *, plan_only: bool = False) -> Plan:
    return load_program(raw=text.encode(), at=NOW, why="test", plan_only=plan_only)


def demo(*edits: tuple[str, str], base: Path = DEMO) -> str:
    text = base.read_text()
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def changes(plan: Plan) -> tuple[list[str], list[str], list[str]]:
    assert plan.errors == ()
    return list(plan.create), list(plan.change), list(plan.retire)


def balances(program: str = "demo") -> dict[tuple[str, str], int]:
    rows = Account.objects.filter(book__program__code=program).exclude(balance=0)
    return {(code, unit): balance for code, unit, balance in rows.values_list("code", "book__unit", "balance")}


@pytest.mark.parametrize("path", [DEMO, EVERYTHING], ids=lambda path: path.stem)
def test_what_is_loaded_is_dumped_and_loaded_again_without_a_change(path: Path) -> None:
    text = path.read_text()
    first = load(text)
    assert (first.change, first.retire, first.unchanged, first.errors) == ((), (), 0, ())
    again = load(text)
    assert changes(again) == ([], [], [])
    assert again.unchanged == len(first.create)
    program = Program.objects.get(code=check(text.encode()).document["program"]["code"])
    document = read_program(program)
    assert document == check(text.encode()).document
    dumped = write(document)
    assert load(dumped).unchanged == len(first.create)
    assert write(read_program(program)) == dumped


def test_loading_twice_writes_nothing_at_all() -> None:
    load(demo())
    revision = Program.objects.get(code="demo").revision
    before = balances()
    load(demo())
    assert Program.objects.get(code="demo").revision == revision
    assert balances() == before


def test_a_plan_says_what_a_load_does_and_changes_nothing() -> None:
    planned = load(demo(), plan_only=True)
    assert not Program.objects.exists()
    assert not Account.objects.exists()
    assert load(demo()) == planned


def test_a_file_with_errors_changes_nothing() -> None:
    plan = load(demo(("op: lte, value: 24}", "op: lte, value: x}")))
    assert [fault.path for fault in plan.errors] == ["campaigns[1].rules[0].when.all[1].value"]
    assert not Program.objects.exists()


def test_a_change_of_a_live_campaign_is_a_new_version_and_texts_are_not() -> None:
    load(demo())
    assert changes(load(demo(("{fixed: 200}", "{fixed: 250}")))) == ([], ["campaigns/kyc-topup"], [])
    versions = CampaignVersion.objects.filter(campaign__code="kyc-topup").order_by("number")
    paid = [version.definition["rules"][0]["then"][0]["points"]["fixed"] for version in versions]
    assert paid == [200, 250]
    load(demo(("{fixed: 200}", "{fixed: 250}"), ("First top-up bonus", "Top-up bonus")))
    assert Campaign.objects.get(code="kyc-topup").name_en == "Top-up bonus"  # type: ignore[attr-defined]
    assert versions.count() == 2


def test_what_disappears_is_retired_and_comes_back_as_the_same_row() -> None:
    load(demo())
    row = Campaign.objects.get(code="kyc-topup")
    without = check(demo().encode()).document
    without["campaigns"] = [c for c in without["campaigns"] if c["code"] == "everyday"]
    del without["leaderboards"], without["journeys"], without["referral"]
    assert changes(load(write(without))) == (
        [],
        [],
        ["campaigns/kyc-topup", "leaderboards/festive", "journeys/win-back", "referral"],
    )
    row.refresh_from_db()
    assert (row.retired, row.state) == (True, "ended")
    assert changes(load(demo()))[0] == ["campaigns/kyc-topup", "leaderboards/festive", "journeys/win-back", "referral"]
    row.refresh_from_db()
    assert (row.retired, row.state) == (False, "live")
    assert row.versions.count() == 1


@pytest.mark.parametrize("section", ["rates", "badges", "contracts", "attributes"])
def test_an_optional_section_may_go_and_come_back(section: str) -> None:
    text = demo(("{badge: first-bill}, ", ""))
    full = load(text)
    document = check(text.encode()).document
    gone = document.pop(section)
    plan = load(write(document))
    assert plan.errors == ()
    assert len(plan.retire) == len(gone)
    assert section not in read_program(Program.objects.get(code="demo"))
    assert load(text).create == plan.retire
    assert load(text).unchanged == len(full.create)


def test_tiers_may_change_places() -> None:
    load(demo())
    gold = '{code: gold, name: {en: Gold}, requires: {amount: "5000.00", events: 60, match: any}}'
    bronze = '{code: bronze, name: {en: Bronze}, requires: {amount: "100.00"}}'
    plan = load(demo((gold, f"{bronze}\n    - {gold}")))
    assert changes(plan) == (["tiers/bronze"], ["tiers/gold", "tiers/platinum"], [])
    ladder = Tier.objects.filter(retired=False).order_by("rank").values_list("code", flat=True)
    assert list(ladder) == ["silver", "bronze", "gold", "platinum"]
    assert changes(load(demo())) == ([], ["tiers/gold", "tiers/platinum"], ["tiers/bronze"])


def test_texts_fall_back_to_the_first_language_that_has_one() -> None:
    load(EVERYTHING.read_text())
    bahrain = Market.objects.get(code="BH")
    assert (bahrain.name_en, bahrain.name_ar) == ("Bahrain", None)  # type: ignore[attr-defined]
    program = Program.objects.get()
    assert (program.name_ar, program.name_en, program.points_name_ind) == ("كل شيء", "Everything", "poin")  # type: ignore[attr-defined]


def test_points_are_counted_in_the_forms_that_the_file_gives() -> None:
    load(demo(("en: {one: point, other: points}", "en: {other: points, one: point}")))
    program = Program.objects.get(code="demo")
    assert (program.points_name_en, program.points_forms) == ("points", {"en": {"one": "point"}})  # type: ignore[attr-defined]
    assert read_program(program)["program"]["points"]["name"] == {
        "en": {"one": "point", "other": "points"},
        "id": "poin",
    }
    load(demo(("{one: point, other: points}", "{other: points}")))
    program.refresh_from_db()
    assert program.points_forms == {}
    assert read_program(program)["program"]["points"]["name"] == {"en": "points", "id": "poin"}


def test_budgets_are_filled_from_above_and_campaigns_from_their_fund() -> None:
    load(demo())
    assert balances() == {
        ("mint", "points"): -10_000_000,
        ("budget:central", "points"): 6_500_000,
        ("budget:indonesia", "points"): 3_000_000,
        ("campaign:kyc-topup", "points"): 500_000,
        ("mint", "SGD"): -5_000_000,
        ("budget:central", "SGD"): 5_000_000,
    }


def test_budgets_that_are_raised_and_lowered_post_the_difference() -> None:
    load(demo())
    load(demo(("points: 10000000, money", "points: 11000000, money"), ("ID, points: 3000000", "ID, points: 1000000")))
    assert balances()["mint", "points"] == -11_000_000
    assert balances()["budget:central", "points"] == 9_500_000
    assert balances()["budget:indonesia", "points"] == 1_000_000
    load(demo())
    assert balances()["budget:indonesia", "points"] == 3_000_000
    assert balances()["mint", "points"] == -10_000_000


def spend(budget: str, points: int) -> None:
    account = Account.objects.get(code=f"budget:{budget}", book__unit="points")
    ids = open_accounts(book=account.book, specs=[AccountSpec("redeemed:test", "redeemed")])
    fund(book=account.book, src=account.pk, dst=ids["redeemed:test"], amount=points, key=f"spend:{budget}", at=NOW)


@pytest.mark.parametrize("plan_only", [True, False])
def test_a_budget_cannot_be_lowered_below_what_was_spent_of_it(plan_only: bool) -> None:
    load(demo())
    spend("indonesia", 2_000_000)
    before = balances()
    lower = demo(("market: ID, points: 3000000", "market: ID, points: 1999999"), ("code: everyday", "code: every-day"))
    lower = lower.replace("Everyday earning", "Other")
    plan = load(lower, plan_only=plan_only)
    (fault,) = plan.errors
    assert (fault.path, fault.line) == ("budgets[1]", demo()[: demo().index("code: indonesia")].count("\n") + 1)
    assert fault.message == "indonesia has 1000000 points left, and 1000001 points would have to go from it"
    assert balances() == before
    assert not Campaign.objects.filter(code="every-day").exists()
    assert changes(load(demo(("market: ID, points: 3000000", "market: ID, points: 2000000"))))[1] == [
        "budgets/indonesia"
    ]
    assert ("budget:indonesia", "points") not in balances()


def test_a_budget_that_disappears_gives_back_what_is_left_and_continues_where_it_was() -> None:
    load(demo())
    spend("indonesia", 2_000_000)
    without = demo(("\n  - {code: indonesia, parent: central, market: ID, points: 3000000}", "\n"))
    assert changes(load(without))[2] == ["budgets/indonesia"]
    assert balances()["budget:central", "points"] == 7_500_000
    assert Budget.objects.get(code="indonesia").points == 2_000_000
    load(demo())
    assert balances()["budget:central", "points"] == 6_500_000
    assert balances()["budget:indonesia", "points"] == 1_000_000


def test_a_new_parent_takes_over_what_the_old_one_gave() -> None:
    load(EVERYTHING.read_text())
    before = balances("every-thing")
    move = ("motors, parent: dubai", "motors, parent: central")
    assert changes(load(demo(move, base=EVERYTHING))) == ([], ["budgets/motors"], [])
    after = balances("every-thing")
    assert after["budget:dubai", "points"] == before["budget:dubai", "points"] + 10
    assert after["budget:central", "points"] == before["budget:central", "points"] - 10
    assert after["budget:motors", "points"] == before["budget:motors", "points"]


def test_a_campaign_that_ends_returns_its_budget_even_when_its_fund_goes_too() -> None:
    funded = ("budget: {points: 500000}", "budget: {points: 500000}\n    fund: indonesia")
    load(demo(funded))
    assert balances()["budget:indonesia", "points"] == 2_500_000
    document = check(demo().encode()).document
    document["campaigns"] = [c for c in document["campaigns"] if c["code"] == "everyday"]
    document["budgets"] = [b for b in document["budgets"] if b["code"] == "central"]
    del document["leaderboards"], document["journeys"]
    assert changes(load(write(document)))[2] == [
        "budgets/indonesia", "campaigns/kyc-topup", "leaderboards/festive", "journeys/win-back",
    ]  # fmt: skip
    assert balances()["budget:central", "points"] == 10_000_000


def test_a_campaign_budget_that_its_fund_cannot_pay_is_an_error_of_the_campaign() -> None:
    dear = demo(("budget: {points: 500000}", "budget: {points: 7000001}"))
    for plan in (load(dear, plan_only=True), load(dear)):
        assert [fault.path for fault in plan.errors] == ["campaigns[1]"]
    assert not Program.objects.exists()


def test_what_the_past_does_not_allow_is_an_error_with_its_line() -> None:
    load(demo())
    base = demo(
        ("currency: SGD                       # base", "currency: IDR # base"),
        ("rates: [{currency: IDR", "rates: [{currency: SGD"),
    )
    base = base.replace('requires: {amount: "5000.00", ', "requires: {").replace(
        'requires: {amount: "20000.00", ', "requires: {"
    )
    assert [(f.line, f.path, f.message) for f in load(base).errors] == [
        (5, "program.currency", "the base currency of a program stays what it is: SGD")
    ]
    turned = demo(("{code: central, points", "{code: other, points"), ("parent: central", "parent: other"))
    assert [f.message for f in load(turned).errors] == ["the root of the budgets stays what it is: central"]


def test_the_engine_understands_every_construct_that_was_loaded() -> None:
    load(EVERYTHING.read_text())
    configuration = current_configuration(Program.objects.get().pk)
    rules = {rule.code for of_type in configuration.program.rules.values() for _, rule in of_type}
    assert {"base", "double", "odometer", "prize", "only"} <= rules
    shared = next(c for of_type in configuration.program.rules.values() for c, _ in of_type if c.code == "shared")
    assert [(share.payer, share.percent) for share in shared.payers] == [
        ("program", 60),
        ("dealer", 30),
        ("emirates", 10),
    ]


def test_history_says_why_and_who() -> None:
    load_program(raw=demo().encode(), at=NOW, why="program load demo.yaml", operator="ada")
    with connection.cursor() as cursor:
        cursor.execute("""SELECT DISTINCT c.metadata->>'why', c.metadata->>'operator' FROM campaigns_campaignevent e
                       JOIN pghistory_context c ON c.id = e.pgh_context_id""")
        assert cursor.fetchall() == [("program load demo.yaml", "ada")]


def test_the_number_of_queries_does_not_grow_with_the_file() -> None:
    def many(n: int) -> str:
        rewards = "\n".join(
            f"  - {{code: r-{i}, kind: voucher, category: x, brand: B, name: R, markets: [SG], stock: codes}}"
            for i in range(n)
        )
        badges = ", ".join(f"{{code: b-{i}, name: B}}" for i in range(n))
        types = "\n".join(f"  - {{code: t-{i}, name: T, amount: none}}" for i in range(n))
        text = demo(("badges: [", f"badges: [{badges}, "), ("outlets: [{code: SG", f"{types}\noutlets: [{{code: SG"))
        return text.replace("\nrewards:\n", f"\nrewards:\n{rewards}\n")

    counts = []
    for n, code in ((1, "one"), (3, "three")):
        with CaptureQueriesContext(connection) as queries:
            assert load(many(n).replace("code: demo", f"code: {code}")).errors == ()
        counts.append(len(queries))
    assert counts[0] == counts[1]


NUMBERS = st.fixed_dictionaries(
    {
        "fixed": st.integers(1, 5_000),
        "limit": st.integers(1, 5_000),
        "days": st.integers(1, 300),
        "budget": st.integers(3_500_000, 9_000_000),
        "percent": st.integers(0, 100),
    }
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=NUMBERS, languages=st.permutations(["en", "id"]), text=TEXTS)
def test_variants_of_a_program_replace_each_other_and_each_is_a_fixed_point(
    numbers: dict[str, int], languages: list[str], text: str
) -> None:
    document: Any = check(demo().encode()).document
    topup = next(c for c in document["campaigns"] if c["code"] == "kyc-topup")
    topup["rules"][0]["then"][0]["points"]["fixed"] = numbers["fixed"]
    topup["limits"][0]["total"]["points"] = numbers["limit"]
    topup["holdout"] = numbers["percent"]
    document["rewards"][1]["valid_days"] = numbers["days"]
    document["budgets"][0]["points"] = numbers["budget"]
    document["program"]["languages"] = languages
    document["badges"][0]["name"] = {"en": text, "id": "x" + text}
    file = write(document)
    checked = check(file.encode())
    if checked.faults:  # a text of spaces alone
        assert not text.strip()
        return
    assert load(file).errors == ()
    assert read_program(Program.objects.get(code="demo")) == checked.document
    assert changes(load(file)) == ([], [], [])


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and output of ``manage.py program``."""
    lines: list[str] = []

    class Out:
        def write(self, text: str, ending: str = "\n") -> None:
            lines.append(text)

    try:
        call_command("program", *arguments, stdout=Out())
    except SystemExit as end:
        return int(str(end.code)), "".join(lines)
    return 0, "".join(lines)


def test_the_command_prints_the_agreed_json_and_exit_codes(tmp_path: Path) -> None:
    code, out = command("check", str(DEMO), "--json")
    assert (code, json.loads(out)) == (
        0,
        {"create": [], "change": [], "retire": [], "unchanged": 0, "moves": [], "errors": []},
    )
    code, out = command("load", str(DEMO), "--plan", "--json")
    assert code == 0
    assert "campaigns/kyc-topup" in json.loads(out)["create"]
    assert not Program.objects.exists()
    command("load", str(DEMO))
    code, out = command("load", str(DEMO), "--json")
    assert (code, json.loads(out)) == (
        0,
        {"create": [], "change": [], "retire": [], "unchanged": 29, "moves": [], "errors": []},
    )
    bad = tmp_path / "bad.yaml"
    bad.write_text(demo(("code: demo", "code: d e")))
    code, out = command("load", str(bad), "--json")
    message = '"d e" is no code: use letters, digits -, starting with a letter or digit'
    wrong = {"line": 2, "path": "program.code", "message": message}
    assert (code, json.loads(out)) == (
        2,
        {"create": [], "change": [], "retire": [], "unchanged": 0, "moves": [], "errors": [wrong]},
    )
    code, out = command("check", str(bad))
    assert (code, out.splitlines()) == (
        2,
        [f"{bad}:2: program.code: {message}", "1 error; nothing was changed"],
    )


def test_the_command_dumps_what_it_loads(tmp_path: Path) -> None:
    command("load", str(EVERYTHING))
    code, first = command("dump", "every-thing")
    assert code == 0
    (tmp_path / "again.yaml").write_text(first)
    assert json.loads(command("load", str(tmp_path / "again.yaml"), "--json")[1])["unchanged"] == 58
    assert command("dump", "every-thing") == (0, first)


@pytest.mark.parametrize("file", ["/nowhere/file.yaml", "/", "/proc/self/mem"])
def test_a_file_that_cannot_be_read_is_an_error_like_any_other(file: str) -> None:
    code, out = command("load", file, "--json")
    assert code == 2
    (fault,) = json.loads(out)["errors"]
    assert fault["message"].startswith(f"cannot read {file}: ")


@pytest.mark.django_db(transaction=True)
def test_two_loads_of_a_new_program_at_once_make_it_once() -> None:
    def run(_: int) -> Plan:
        try:
            return load(demo())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        plans = list(pool.map(run, range(2)))
    assert sorted((len(plan.create), plan.unchanged) for plan in plans) == [(0, 29), (29, 0)]
    assert CampaignVersion.objects.count() == 2
