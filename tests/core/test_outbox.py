"""The outbox: told if and only if committed, handed over until confirmed, acted on once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from core.models import ConsumedMessage, OutboxMessage, Program
from core.services import outbox

TOPIC = "tier.changed"


class Consumer:
    """Remembers what it took in; fails on payloads marked bad."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def __call__(self, messages: Sequence[OutboxMessage]) -> None:
        if any(message.payload["bad"] for message in messages):
            raise ValueError("bad message")
        self.taken += [message.pk for message in messages]


@pytest.fixture(autouse=True)
def wiring(settings: Settings) -> None:
    settings.OUTBOX = {TOPIC: ["tasks.a", "tasks.b"], "news": ["tasks.a"]}


def publish(program: Program, count: int, *, topic: str = TOPIC, bad: Sequence[int] = ()) -> list[int]:
    outbox.publish([outbox.Message(topic, program.pk, {"n": n, "bad": n in bad}) for n in range(count)])
    return list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))


def relayed() -> dict[str, list[int]]:
    sent: dict[str, list[int]] = {}
    outbox.relay(send=lambda consumer, ids: sent.setdefault(consumer, []).extend(ids))
    return sent


def make_due() -> None:
    OutboxMessage.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(days=1))


def due() -> int:
    return OutboxMessage.objects.filter(due_at__isnull=False).count()


@pytest.mark.django_db(transaction=True)
def test_a_message_of_a_transaction_that_fails_is_never_told(program: Program) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(program, 2)
        _ = 1 / 0
    assert relayed() == {}
    assert OutboxMessage.objects.count() == 0


def test_each_consumer_of_a_topic_is_handed_every_message(program: Program) -> None:
    ids = publish(program, 3)
    assert relayed() == {"tasks.a": ids, "tasks.b": ids}


def test_a_message_nobody_listens_to_is_kept_and_not_due(program: Program) -> None:
    publish(program, 1, topic="nobody.cares")
    assert (OutboxMessage.objects.count(), due()) == (1, 0)


def test_nothing_is_marked_when_the_broker_does_not_confirm(program: Program) -> None:
    ids = publish(program, 2)

    def refuse(_consumer: str, _ids: list[int]) -> None:
        raise ConnectionError("no broker")

    with pytest.raises(ConnectionError):
        outbox.relay(send=refuse)
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {0}
    assert relayed() == {"tasks.a": ids, "tasks.b": ids}


def test_an_unconfirmed_message_comes_back_later_each_time(program: Program) -> None:
    publish(program, 1)
    pauses = []
    for _ in range(3):
        make_due()
        relayed()
        pauses.append((OutboxMessage.objects.get().due_at or timezone.now()) - timezone.now())
        assert relayed() == {}
    assert pauses[0] < pauses[1] < pauses[2]


def test_only_consumers_that_have_not_acted_are_asked_again(program: Program) -> None:
    ids = publish(program, 2)
    relayed()
    outbox.consume(consumer="tasks.a", message_ids=ids, act=Consumer())
    make_due()
    assert relayed() == {"tasks.b": ids}


def test_a_message_is_settled_when_all_its_consumers_have_acted(program: Program) -> None:
    ids = publish(program, 2)
    outbox.consume(consumer="tasks.a", message_ids=ids, act=Consumer())
    assert due() == 2
    outbox.consume(consumer="tasks.b", message_ids=ids, act=Consumer())
    assert due() == 0


def test_a_message_that_all_had_taken_is_settled_by_the_relay(program: Program) -> None:
    ids = publish(program, 1)
    for consumer in ("tasks.a", "tasks.b"):
        ConsumedMessage.objects.create(message_id=ids[0], consumer=consumer)
    assert relayed() == {}
    assert due() == 0


def test_a_second_delivery_changes_nothing(program: Program) -> None:
    ids = publish(program, 3)
    consumer = Consumer()
    for _ in range(2):
        outbox.consume(consumer="tasks.a", message_ids=ids, act=consumer)
    assert consumer.taken == ids


def test_one_bad_message_holds_nobody_up_and_stays_due(program: Program) -> None:
    ids = publish(program, 3, topic="news", bad=[1])
    consumer = Consumer()
    with pytest.raises(ExceptionGroup) as failure:
        outbox.consume(consumer="tasks.a", message_ids=ids, act=consumer)
    assert [str(error) for error in failure.value.exceptions] == ["bad message"]
    assert consumer.taken == [ids[0], ids[2]]
    assert list(OutboxMessage.objects.filter(due_at__isnull=False).values_list("id", flat=True)) == [ids[1]]


def test_a_message_that_was_purged_is_not_acted_on_when_it_comes_again(program: Program) -> None:
    ids = publish(program, 2, topic="news")
    consumer = Consumer()
    outbox.consume(consumer="tasks.a", message_ids=ids, act=consumer)
    assert outbox.purge(before=timezone.now() + timedelta(minutes=1)) == 2
    outbox.consume(consumer="tasks.a", message_ids=ids, act=consumer)
    assert consumer.taken == ids
    assert ConsumedMessage.objects.count() == 0


def test_the_purge_leaves_what_is_young_or_not_settled(program: Program) -> None:
    publish(program, 1)
    publish(program, 1, topic="nobody.cares")
    assert outbox.purge(before=timezone.now() - timedelta(days=7)) == 0
    assert outbox.purge(before=timezone.now() + timedelta(minutes=1)) == 1
    assert OutboxMessage.objects.get().topic == TOPIC


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_messages(
    program: Program, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = publish(program, count)
    with django_assert_num_queries(5):
        relayed()
    with django_assert_num_queries(6):
        outbox.consume(consumer="tasks.a", message_ids=ids, act=Consumer())
