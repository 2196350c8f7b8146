"""Codes in the office: loaded after a look, shown by their end alone, told when they run out."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from core.models import OutboxMessage, User
from core.services.outbox import consume
from dealers.models import StaffNotice, StaffRole
from loyalty.operations.staff_mails import letter
from loyalty.operations.stock_notices import tell_stock
from rewards.models import CodeBatch, CodeReveal, Reward, StockLevel, Voucher
from rewards.models.codes import decrypted, encrypted
from rewards.rules.codes import masked
from rewards.services.code_lists import confirm_codes, upload_codes
from rewards.services.stock import stock_codes
from rewards.services.stock_levels import watch_stock
from tests.campaigns.world import World, campaign, kept_world, rule
from tests.loyalty.people import office_client, sign_in_staff
from tests.rewards.catalogue import reward

pytestmark = pytest.mark.django_db
GIVE = {"reward": "coffee"}


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    rewards = [reward("coffee", "Coffee", stock="codes", valid_days=30), reward("tea", stock="codes")]
    with kept_world(django_db_blocker, campaign("c", rule("r", GIVE)), rewards=rewards) as world:
        yield world


@pytest.fixture
def coffee(kept: World) -> Reward:
    return Reward.objects.select_related("program").get(code="coffee")


def staff(world: World, role: str) -> User:
    user = User.objects.create_user(role, f"{role}@example.com", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role)
    return user


def office(world: World, role: str) -> Client:
    return sign_in_staff(Client(raise_request_exception=False), staff(world, role))


def send(client: Client, reward: Reward, raw: bytes) -> Any:
    file = SimpleUploadedFile("=codes.csv", raw)
    return client.post(f"/office/stock/{reward.pk}/", {"file": file}, follow=True)


# -- lists ---------------------------------------------------------------------------------------


def test_a_list_is_looked_at_confirmed_and_its_errors_taken_home(kept: World, coffee: Reward) -> None:
    client = office(kept, "marketer")
    page = send(client, coffee, b"code\nFIRST-CODE-1\nFIRST-CODE-1\n=1+1\n").content.decode()
    batch = CodeBatch.objects.get()
    assert "Take 1 code into stock" in page
    assert "FIRST-CODE-1" not in page
    csv = client.get(f"/office/stock/lists/{batch.pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert csv[1:] == [
        "3,••••E-1,This stands in row 2 already.",
        "4,••••1,A cell must not begin like a formula.",
    ]
    client.post(f"/office/stock/lists/{batch.pk}/decide/", {"step": "confirm"})
    assert [decrypted(row.cipher) for row in Voucher.objects.filter(reward=coffee)] == ["FIRST-CODE-1"]
    again = send(client, coffee, b"code\nFIRST-CODE-1\nFIRST-CODE-1\n=1+1\n").content.decode()
    assert "The same file was loaded on" in again
    assert "Take" not in again


def test_a_file_that_is_no_table_says_so(kept: World, coffee: Reward) -> None:
    page = send(office(kept, "marketer"), coffee, b"code,colour\n").content.decode()
    assert "Unknown column: colour. Rename it, or leave it out." in page


def test_who_may_not_change_rewards_loads_no_codes(kept: World, coffee: Reward) -> None:
    by = User.objects.create_user("x")
    batch = upload_codes(reward=coffee, file_name="x", raw=b"code\nA1\n", by=by, at=timezone.now())
    client = office(kept, "finance")
    for address in (f"{coffee.pk}/", f"lists/{batch.pk}/", f"?program={kept.program.code}"):
        assert client.get(f"/office/stock/{address}").status_code == 200, address
    assert send(client, coffee, b"code\nA1\n").status_code == 404
    assert client.post(f"/office/stock/lists/{batch.pk}/decide/", {"step": "confirm"}).status_code == 404
    assert not Voucher.objects.exists()


CARD = [{"value": value, "currency": "SGD", "points": 100} for value in ("10.00", "50.00")]


@pytest.fixture
def card(coffee: Reward) -> Reward:
    """Of several values."""
    Reward.objects.filter(pk=coffee.pk).update(points=None, denominations=CARD)
    coffee.refresh_from_db()
    return coffee


def test_codes_of_other_values_are_refused_with_their_reasons(kept: World, card: Reward) -> None:
    client = office(kept, "marketer")
    page = send(client, card, b"code,value\nA1,10.00\nA2,\nA3,20.00\n").content.decode()
    reasons = (
        "It has no value, and must have one of the reward&#x27;s: SGD 10.00, SGD 50.00.",
        "SGD 20.00 is none of the values of this reward.",
    )
    assert [reason in page for reason in reasons] == [True, True]
    assert "Take 1 code into stock" in page
    csv = client.get(f"/office/stock/lists/{CodeBatch.objects.get().pk}/?format=csv").content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in csv.splitlines()] == ["row", "3", "4"]
    assert reasons[1] in csv


def test_figures_are_shown_by_value_and_what_is_on_no_sale_says_so(kept: World, card: Reward) -> None:
    stock_codes(reward=card, codes=["T1", "T2"], value=(1000, "SGD"))
    stock_codes(reward=card, codes=["O1", "O2", "O3"], value=(2000, "SGD"))
    stock_codes(reward=card, codes=["P1"])
    client = office_client()
    csv = client.get(f"/office/stock/?program={kept.program.code}&format=csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in csv] == [
        ["reward", "value", "in_stock"],
        ["coffee", "10.00 SGD", "2"],
        ["coffee", "50.00 SGD", "0"],
        ["coffee", "20.00 SGD", "3"],
        ["coffee", "", "1"],
        ["tea", "", "0"],
    ]
    for address in (f"?program={kept.program.code}", f"{card.pk}/"):
        page = client.get(f"/office/stock/{address}").content.decode()
        rows = page.split('data-test="value"')[1:]
        said = [("No codes left" in row, "Of no value on sale" in row) for row in rows]
        assert said[:2] == [(False, False), (True, False)]
        assert [on_no_sale for _out, on_no_sale in said] == [False, False, True, True]


def test_the_list_of_stock_takes_the_same_queries_for_one_and_two(kept: World, coffee: Reward) -> None:
    client, counted = office_client(), []
    client.get(f"/office/stock/?program={kept.program.code}")
    for rows in ("?q=coffee&", "?"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/office/stock/{rows}program={kept.program.code}").status_code == 200
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_a_code_keeps_its_own_end_and_a_lapsed_one_is_not_given(kept: World, coffee: Reward) -> None:
    raw = f"code,expires_on,value\nOLD,2099-01-01,\nSOON,{date.max.year - 1}-01-01,\nFREE,,SGD 5.00\n".encode()
    by = User.objects.create_user("x")
    batch = upload_codes(reward=coffee, file_name="x", raw=raw, by=by, at=timezone.now())
    confirm_codes(batch=batch, by=by, at=timezone.now())
    Voucher.objects.filter(expires_on="2099-01-01").update(expires_on=timezone.now().date())
    kept.member("ann")
    answers = kept.send(*[kept.event() for _ in range(3)])
    assert [len(one.body["effects"]) for one in answers if one.body] == [1, 1, 0]
    given = Voucher.objects.filter(state="ready").order_by("id")
    assert [decrypted(row.cipher) for row in given] == ["SOON", "FREE"]
    assert [row.left_minor for row in given] == [None, 500]


# -- whole codes ---------------------------------------------------------------------------------


@pytest.fixture
def voucher(kept: World, coffee: Reward) -> Voucher:
    stock_codes(reward=coffee, codes=["PARTNER-77-XYZ"])
    Voucher.objects.update(pin_cipher=encrypted("0042"))
    kept.member("bob")
    kept.send(kept.event(subject="bob"))
    return Voucher.objects.get(state="ready")


def test_support_sees_a_whole_code_for_a_reason_that_is_kept(kept: World, voucher: Voucher) -> None:
    client, address = office(kept, "support"), f"/office/rewards/voucher/{voucher.pk}/"
    assert "PARTNER" not in client.get(f"{address}change/").content.decode()
    for wrong in (" ", "x" * 501, "a\0b"):
        refused = client.post(f"{address}code/", {"because": wrong}, follow=True).content.decode()
        assert "Say why, in one line of at most 500 characters." in refused
        assert "PARTNER" not in refused
    assert not CodeReveal.objects.exists()
    shown = client.post(f"{address}code/", {"because": "Member cannot read it"}, headers={"X-Request-Id": "r-1"})
    assert "PARTNER-77-XYZ" in shown.content.decode()
    assert re.search(r'<b data-test="pin">[^/]*0042', shown.content.decode())
    assert "no-store" in shown["Cache-Control"]
    row = CodeReveal.objects.get()
    assert (row.by.username, row.because, row.voucher) == ("support", "Member cannot read it", voucher)
    assert row.request_id
    page = client.get(f"{address}change/").content.decode()
    assert "Member cannot read it" in page
    assert masked("PARTNER-77-XYZ") in page
    assert "Looked at the whole code" in client.get(f"{address}history/").content.decode()
    in_arabic = client.get(f"{address}history/", headers={"Accept-Language": "ar"}).content.decode()
    assert "اطّلع على الرمز كاملًا" in in_arabic


@pytest.mark.parametrize("role", ["finance", "leadership"])
def test_others_see_no_whole_code(kept: World, voucher: Voucher, role: str) -> None:
    answer = office(kept, role).post(f"/office/rewards/voucher/{voucher.pk}/code/", {"because": "x"})
    assert answer.status_code in {302, 403, 404}
    assert not CodeReveal.objects.exists()


def test_a_whole_code_asks_for_a_sign_in_of_minutes_ago(kept: World, voucher: Voucher) -> None:
    client = office(kept, "support")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    answer: Any = client.post(f"/office/rewards/voucher/{voucher.pk}/code/", {"because": "x"})
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/account/again/")
    assert not CodeReveal.objects.exists()


def test_what_was_looked_at_stays_written(kept: World, voucher: Voucher) -> None:
    by = User.objects.create_user("x")
    CodeReveal.objects.create(voucher=voucher, by=by, at=timezone.now(), because="b", request_id="r")
    for act in (CodeReveal.objects.all().delete, lambda: CodeReveal.objects.update(because="other")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()


LIST = "/office/rewards/voucher/"


@pytest.mark.parametrize("typed", ["PARTNER-77-XYZ", " partner 77 xyz "])
def test_a_whole_code_leads_to_its_voucher_and_stands_in_no_address(kept: World, voucher: Voucher, typed: str) -> None:
    client = office(kept, "support")
    page = client.get(LIST).content.decode()
    assert f'action="{LIST}find/"' in page
    assert re.search(r'id="changelist-search"\s+method="post"', page)
    answer: Any = client.post(f"{LIST}find/", {"q": typed})
    assert (answer.status_code, answer.url) == (302, f"{LIST}{voucher.pk}/change/")
    found = client.get(LIST, {"q": typed}).context["cl"].result_list
    assert list(found) == []  # nobody needs a code in an address


@pytest.mark.parametrize("typed", ["PARTNER-77-XYY", "", "\0"])
def test_what_names_nothing_may_be_a_code_with_a_slip_and_goes_into_no_address(
    kept: World, voucher: Voucher, typed: str
) -> None:
    answer: Any = office(kept, "support").post(f"{LIST}find/", {"q": typed, "state__exact": "ready"})
    assert (answer.status_code, answer.url.partition("q=")[1]) == (302, "")


def test_members_and_ids_are_found_with_the_filters_that_were_chosen(kept: World, voucher: Voucher) -> None:
    client = office(kept, "support")
    for typed in ("bob", str(voucher.uuid)):
        answer: Any = client.post(f"{LIST}find/", {"q": typed, "state__exact": "ready"})
        assert answer.url == f"{LIST}?q={typed}&state__exact=ready"
        assert list(client.get(answer.url).context["cl"].result_list) == [voucher]
        other = client.get(answer.url.replace("ready", "used")).context["cl"]
        assert list(other.result_list) == []


def test_nobody_finds_a_voucher_by_its_code_who_may_see_none(kept: World, voucher: Voucher) -> None:
    answer: Any = office(kept, "campaign_approver").post(f"{LIST}find/", {"q": "PARTNER-77-XYZ"})
    assert answer.status_code == 403


def test_addresses_of_the_office_are_told_to_no_other_site(kept: World) -> None:
    assert office(kept, "support").get(LIST)["Referrer-Policy"] == "same-origin"


# -- running out ---------------------------------------------------------------------------------


def told(world: World) -> list[tuple[str, int]]:
    ids = list(OutboxMessage.objects.filter(topic="stock.low").order_by("id").values_list("pk", flat=True))
    consume(
        consumer="loyalty.operations.tasks.tell_stock", message_ids=ids,
        act=lambda messages: tell_stock(messages=messages, at=timezone.now()),
    )  # fmt: skip
    rows = StaffNotice.objects.filter(kind="stock_low").order_by("id")
    return list(rows.values_list("user__username", "values__level"))


def test_staff_are_told_once_a_crossing_and_again_after_a_refill(kept: World, coffee: Reward) -> None:
    office(kept, "marketer")
    staff(kept, "finance")
    Reward.objects.filter(code="coffee").update(low_stock=2)

    def watch() -> list[str]:
        return watch_stock(program=kept.program, at=timezone.now())

    stock_codes(reward=coffee, codes=["A1", "A2", "A3"])
    assert watch() == []
    Voucher.objects.filter(reward=coffee).last().delete()  # type: ignore[union-attr]
    assert (watch(), watch()) == (["coffee"], [])
    assert told(kept) == [("marketer", 1)]
    Voucher.objects.filter(reward=coffee).delete()
    assert (watch(), watch()) == (["coffee"], [])
    stock_codes(reward=coffee, codes=["B1", "B2", "B3"])
    assert watch() == []
    Voucher.objects.filter(reward=coffee).delete()
    assert watch() == ["coffee"]
    assert told(kept) == [("marketer", 1), ("marketer", 2), ("marketer", 2)]
    assert StockLevel.objects.get().level == 2
    mail = letter(StaffNotice.objects.order_by("-id")[0])
    assert mail.subject == "No codes left: Coffee"
    assert "/office/stock/" in str(mail.body)
    page = office_client().get(f"/office/?program={kept.program.code}").content.decode()
    assert 'data-test="codes-running-out"' in page
    assert "No codes left" in page


def test_each_value_is_told_when_it_runs_out(kept: World, card: Reward) -> None:
    office(kept, "marketer")
    Reward.objects.filter(pk=card.pk).update(low_stock=1)
    stock_codes(reward=card, codes=["T1", "T2"], value=(1000, "SGD"))
    stock_codes(reward=card, codes=["F1", "F2"], value=(5000, "SGD"))

    def watch() -> list[str]:
        return watch_stock(program=kept.program, at=timezone.now())

    assert watch() == []
    Voucher.objects.filter(value_minor=5000).last().delete()  # type: ignore[union-attr]
    assert (watch(), watch()) == (["coffee"], [])
    Voucher.objects.all().delete()
    assert (watch(), watch()) == (["coffee", "coffee"], [])
    assert told(kept) == [("marketer", level) for level in (1, 2, 2)]
    subjects = [letter(row).subject for row in StaffNotice.objects.order_by("id")]
    assert [" ".join(one.split()) for one in subjects] == [
        "1 code left: Coffee, SGD 50.00", "No codes left: Coffee, SGD 10.00", "No codes left: Coffee, SGD 50.00",
    ]  # fmt: skip
    page = office_client().get(f"/office/?program={kept.program.code}").content.decode()
    assert "Codes running out: 1 reward" in page
    assert "Coffee, " in page
    stock_codes(reward=card, codes=["T3", "T4"], value=(1000, "SGD"))
    assert watch() == []
    assert list(StockLevel.objects.order_by("value_minor").values_list("value_minor", "level")) == [
        (1000, 0),
        (5000, 2),
    ]
    Reward.objects.filter(pk=card.pk).update(denominations=CARD[:1])
    assert watch() == []
    assert list(StockLevel.objects.values_list("value_minor", flat=True)) == [1000]


def test_a_reward_that_nobody_watches_is_not_told(kept: World, coffee: Reward) -> None:
    assert watch_stock(program=kept.program, at=timezone.now()) == []
    Reward.objects.filter(code="coffee").update(low_stock=5)
    watch_stock(program=kept.program, at=timezone.now())
    Reward.objects.filter(code="coffee").update(low_stock=None)
    watch_stock(program=kept.program, at=timezone.now())
    assert not StockLevel.objects.exists()


def test_the_list_and_the_page_of_rewards_show_codes_in_stock(kept: World, coffee: Reward) -> None:
    stock_codes(reward=coffee, codes=[f"C-{number}" for number in range(1234)])
    client = office_client()
    with CaptureQueriesContext(connection) as captured:
        listed = client.get(f"/office/rewards/reward/?program__id__exact={kept.program.pk}").content.decode()
    assert "1,234" in listed
    assert sum("rewards_voucher" in query["sql"] for query in captured) == 1
    page = client.get(f"/office/rewards/reward/{coffee.pk}/change/").content.decode()
    assert "1,234" in page
    head = page.partition('data-test="reward-head"')[2].partition("</div>")[0]
    assert (f">{coffee.name}</h2>" in head, "Live" in head, "paused" in head) == (True, True, False)
    Reward.objects.update(paused=True)
    head = client.get(f"/office/rewards/reward/{coffee.pk}/change/").content.decode().partition("reward-head")[2]
    assert "paused" in head.partition("</div>")[0]
