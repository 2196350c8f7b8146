"""What suppliers say is read with distrust: an order, a definite no, nothing taken, or nobody knows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import urlopen

import pytest
from pytest_django import Settings

from loyalty.operations.suppliers.simulator import Fault, Simulator
from rewards.models import Supplier
from rewards.rules.supplying import (
    Act,
    Answer,
    NotReached,
    Standing,
    TurnedDown,
    Unsure,
    Wanted,
    next_act,
    pause_after,
)
from rewards.services.suppliers.doors import Door, door
from tests.rewards.suppliers import EMPTY, simulator, supplier_at

CARD = Wanted("po-1", "coffee", 2, 1000, "SGD")
TOPUP = Wanted("po-1", "telco", 2, 1000, "SGD", "+6591234567")
UNKNOWN = Answer(Standing.UNKNOWN)


@pytest.fixture
def played(settings: Settings) -> Iterator[Simulator]:
    settings.SUPPLIER_SECONDS = 60.0
    with simulator() as server:
        yield server


@pytest.fixture
def cards(played: Simulator) -> Door:
    return door(supplier_at(played.url))


@pytest.fixture
def topups(played: Simulator) -> Door:
    return door(supplier_at(played.url, Supplier.Adapter.TOPUPS))


def test_a_fault_is_asked_for_as_curl_sends_it(played: Simulator, cards: Door) -> None:
    asked = b'{"call": "order", "fault": "refused", "times": 1}'
    with urlopen(f"{played.url}/faults", data=asked) as answer:
        assert answer.status == 200
    with pytest.raises(TurnedDown):
        cards.order(CARD)


def test_an_order_brings_cards_with_code_pin_and_last_day(played: Simulator, cards: Door) -> None:
    answer = cards.order(CARD)
    known = played.orders["po-1"].cards
    assert [(card.code, card.pin) for card in answer.cards] == [(one["code"], one["pin"]) for one in known]
    assert answer.cards[0].expires_on == date.fromisoformat(known[0]["validity"])
    assert (answer.standing, answer.cost_minor, answer.currency) == (Standing.COMPLETE, 2000, "SGD")
    assert cards.status(CARD) == answer
    assert cards.balance() == (498_000, "SGD")


def test_a_top_up_brings_a_receipt_and_no_code(played: Simulator, topups: Door) -> None:
    answer = topups.order(TOPUP)
    assert answer == Answer(Standing.COMPLETE, "R-PO-1", (), 2000, "SGD")
    assert topups.status(TOPUP) == topups.cancel(TOPUP) == answer
    assert (str(played.orders["po-1"].amount), topups.balance()) == ("20.00", (498_000, "SGD"))


@pytest.mark.parametrize("wanted", [Wanted("p", "telco", 1, None, "SGD", "+6591"), Wanted("p", "telco", 1, 100, "SGD")])
def test_a_top_up_without_value_or_number_is_never_sent(played: Simulator, topups: Door, wanted: Wanted) -> None:
    with pytest.raises(TurnedDown):
        topups.order(wanted)
    assert played.calls == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault.SILENT_AFTER,
        Fault.DROP_AFTER,
        Fault.DRIP_AFTER,
        Fault.ERROR_AFTER,
        Fault.GARBAGE_AFTER,
        Fault.OTHER_NUMBER_AFTER,
        Fault.TOO_FEW_AFTER,
        Fault.ENDLESS_AFTER,
        Fault.SILENT,
        Fault.ERROR,
    ],
)
def test_an_answer_that_is_missing_or_makes_no_sense_leaves_us_unsure(
    played: Simulator, cards: Door, fault: Fault, settings: Settings
) -> None:
    cards.balance()
    played.go_wrong("order", fault)
    settings.SUPPLIER_SECONDS = 2.0
    with pytest.raises(Unsure):
        cards.order(CARD)
    settings.SUPPLIER_SECONDS = 60.0
    known = cards.status(CARD)
    assert (known == UNKNOWN) == (not fault.endswith("_after"))
    assert played.placed == ([] if known == UNKNOWN else ["po-1"])


def test_the_same_number_again_orders_nothing(played: Simulator, cards: Door, topups: Door) -> None:
    for adapter, wanted in ((cards, CARD), (topups, TOPUP)):
        with pytest.raises(Unsure, match="duplicate_order"):
            [adapter.order(wanted) for _ in range(2)]
    assert played.placed == ["po-1"]


@pytest.mark.parametrize(("fault", "error"), [(Fault.REFUSED, TurnedDown), (Fault.BUSY, NotReached)])
def test_a_no_is_definite_and_a_closed_door_is_not(
    played: Simulator, cards: Door, fault: Fault, error: type[Exception]
) -> None:
    played.go_wrong("order", fault)
    with pytest.raises(error):
        cards.order(CARD)
    assert played.placed == []


def test_a_token_that_is_refused_is_fetched_anew_once(played: Simulator, cards: Door) -> None:
    cards.balance()
    played.go_wrong("order", Fault.UNAUTHORIZED)
    assert cards.order(CARD).standing == Standing.COMPLETE
    assert played.calls == ["token", "balance", "order", "token", "order"]


def test_without_a_token_nothing_was_ordered(played: Simulator) -> None:
    stranger = supplier_at(played.url, client_id="somebody")
    with pytest.raises(NotReached):
        door(stranger).order(CARD)
    played.go_wrong("token", Fault.ERROR)
    with pytest.raises(NotReached):
        door(supplier_at(played.url, pk=-1)).order(CARD)
    assert (played.calls, played.placed) == (["token", "token"], [])


def test_a_supplier_that_is_not_there_took_nothing(played: Simulator) -> None:
    with pytest.raises(NotReached):
        door(supplier_at("http://127.0.0.1:9")).order(CARD)
    with pytest.raises(NotReached):
        door(supplier_at("no address")).order(CARD)


def test_an_order_that_runs_is_cancelled_one_that_is_ready_or_stuck_says_how_it_stands(
    played: Simulator, cards: Door
) -> None:
    assert cards.cancel(CARD) == UNKNOWN
    cards.order(CARD)
    assert cards.cancel(CARD).standing == Standing.COMPLETE
    played.go_wrong("order", Fault.STAYS_PROCESSING)
    stuck, slow = Wanted("po-2", "coffee", 1), Wanted("po-3", "slow-coffee", 1)
    assert cards.order(stuck).standing == cards.cancel(stuck).standing == Standing.PROCESSING
    assert (cards.order(slow).standing, cards.cancel(slow).standing) == (Standing.PROCESSING, Standing.CANCELLED)


@contextmanager
def answering(status: int, raw: bytes) -> Iterator[str]:
    """The address of a server that says the same whatever it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("adapter", "status", "raw", "error", "said"),
    [
        ("topups", 422, b'{"error": "a\\u0000\\ud800b"}', TurnedDown, "HTTP 422"),
        ("topups", 200, b"[" * 100_000, Unsure, "HTTP 200 and what makes no sense"),
        (
            "topups",
            200,
            b'{"externalId":"po-1","status":"SUCCESS","receipt":"R","cost":{"amount":"1E+999999999","currency":"SGD"}}',
            Unsure,
            "an amount that makes no sense",
        ),
        ("vouchers", 200, b'{"access_token": "t", "expires_in": Infinity}', NotReached, "no token"),
    ],
)
def test_nonsense_is_an_answer_that_can_be_written_down(
    adapter: str, status: int, raw: bytes, error: type[Exception], said: str
) -> None:
    with answering(status, raw) as url, pytest.raises(error, match=f"^{said}"):
        door(supplier_at(url, adapter, pk=-2)).order(TOPUP)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("Invalid_Phone", "HTTP 422 invalid_phone"),
        ("e_42", "HTTP 422 e_42"),
        ("+6591234567 has no such operator", "HTTP 422"),
        ("6591234567", "HTTP 422"),
        ("card_4111111111111111", "HTTP 422"),
        ("Ann Tan is blocked", "HTTP 422"),
        ("a" * 41, "HTTP 422"),
        ("", "HTTP 422"),
    ],
)
def test_a_suppliers_own_words_are_never_kept(error: str, said: str) -> None:
    raw = json.dumps({"error": error}).encode()
    with answering(422, raw) as url, pytest.raises(TurnedDown) as raised:
        door(supplier_at(url, "topups")).order(TOPUP)
    assert str(raised.value) == said


def test_the_words_of_a_token_that_makes_no_sense_are_not_kept_either() -> None:
    raw = b'{"access_token": "t", "expires_in": "ask Ann at +6591234567"}'
    with answering(200, raw) as url, pytest.raises(NotReached) as raised:
        door(supplier_at(url, pk=-3)).order(CARD)
    assert str(raised.value) == "no token"


def test_a_key_that_no_header_can_carry_orders_nothing(played: Simulator) -> None:
    supplier = supplier_at(played.url, "topups")
    supplier.keep("secret", "ключ")
    with pytest.raises(NotReached):
        door(supplier).order(TOPUP)
    assert played.calls == []


def test_an_empty_float_is_a_definite_no() -> None:
    with simulator(balance=EMPTY) as server, pytest.raises(TurnedDown, match="insufficient_funds"):
        door(supplier_at(server.url)).order(CARD)


@pytest.mark.parametrize(
    ("state", "sent", "wanted", "overdue", "act"),
    [
        ("waiting", False, True, False, Act.ORDER),
        ("sent", True, True, False, Act.STATUS),
        ("sent", True, True, True, Act.CANCEL),
        ("waiting", False, True, True, Act.DROP),
        ("waiting", False, False, False, Act.DROP),
        ("sent", True, False, False, Act.CANCEL),
        ("unclear", True, False, True, Act.CANCEL),
        ("cancelled", True, False, True, Act.STATUS),
    ],
)
def test_what_may_have_been_sent_is_asked_about_first(
    state: str, sent: bool, wanted: bool, overdue: bool, act: Act
) -> None:
    assert next_act(state=state, sent=sent, wanted=wanted, overdue=overdue) == act


def test_what_was_not_sent_waits_while_it_is_held_until_its_time_is_over() -> None:
    def act(*, sent: bool, overdue: bool) -> Act:
        return next_act(state="sent" if sent else "waiting", sent=sent, wanted=True, overdue=overdue, held=True)

    assert (act(sent=False, overdue=False), act(sent=False, overdue=True)) == (Act.WAIT, Act.DROP)
    assert (act(sent=True, overdue=False), act(sent=True, overdue=True)) == (Act.STATUS, Act.CANCEL)
    assert next_act(state="waiting", sent=True, wanted=True, overdue=False, held=True) == Act.WAIT


@pytest.mark.parametrize(("sent", "act"), [(False, Act.DROP), (True, Act.STATUS)])
def test_what_was_not_sent_is_never_sent_to_a_member_who_is_gone(*, sent: bool, act: Act) -> None:
    assert next_act(state="waiting", sent=sent, wanted=True, overdue=False, gone=True) == act


def test_pauses_double_up_to_ten_minutes_and_are_shortened_by_chance() -> None:
    assert [pause_after(n, 1.0).total_seconds() for n in (1, 2, 3, 9, 40)] == [5, 10, 20, 600, 600]
    assert pause_after(3, 0.0).total_seconds() == 10
