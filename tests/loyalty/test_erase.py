from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from campaigns.models import Event, Outcome, Trace
from campaigns.services.calendar import derive_days
from campaigns.services.intake import take_in
from core.models import ConsumedMessage, IdempotentAnswer, OutboxMessage, Program
from core.services.outbox import Message, publish
from loyalty.operations.erase import erase
from members.models import Member
from members.services.enrolment import enrol_members
from tests.campaigns.world import campaign, fixed, make_world, rule
from tests.loyalty.demo_program import load_demo
from tests.loyalty.test_api_events import payment
from tests.members.program import make_program

AT = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


def enrol(program: Program, *names: str) -> None:
    enrol_members(program=program, requests=[{"external_id": name, "market": "SG"} for name in names], at=AT)


@pytest.mark.django_db
def test_what_was_decided_stays_under_a_random_name() -> None:
    program = load_demo()
    enrol(program, "M-1", "M-11")
    take_in(program=program, events=[payment("t-1"), payment("t-2", subject="M-11")], at=AT)
    erased = erase(program=program, reference="M-1", at=AT)
    names = dict(Outcome.objects.values_list("event__key", "answer__member"))
    assert names == {"t-1": erased.new_external_id, "t-2": "M-11"}
    assert Event.objects.filter(member_id=erased.member_id).count() == 1
    assert not Trace.objects.filter(event__member_id=erased.member_id).exists()


@pytest.mark.django_db
def test_anniversaries_forget_the_vehicle() -> None:
    world = make_world(campaign("cars", rule("r", fixed(1), event="vehicle.anniversary")))
    for name in ("ann", "bob"):
        world.member(name, vehicles=[{"vin": f"VIN-{name}", "bought_on": "2024-11-20"}])
    derive_days(program=world.program, at=AT)
    erase(program=world.program, reference="ann", at=AT)
    assert sorted(Event.objects.values_list("data", flat=True), key=len) == [
        {"years": 2}, {"vin": "VIN-BOB", "years": 2}
    ]  # fmt: skip
    assert not Event.objects.filter(key__contains="VIN").exists()


@pytest.mark.django_db
def test_messages_that_name_the_member_are_purged_and_erasure_is_told() -> None:
    program, other = make_program(), make_program("other")
    for each in (program, other):
        enrol(each, "M-1", "M-11")
    publish([Message("demo.told", program.pk, {"member": "M-1"}), Message("demo.told", program.pk, {"member": "M-11"})])
    told = OutboxMessage.objects.get(topic="demo.told", payload__member="M-1")
    ConsumedMessage.objects.create(message=told, consumer="somebody")
    erased = erase(program=program, reference="M-1", at=AT)
    kept = OutboxMessage.objects.filter(program=program).order_by("id").values_list("topic", "payload__member")
    survivor = str(Member.objects.get(program=program, external_id="M-11").uuid)
    assert list(kept) == [
        ("member.enrolled", survivor),
        ("demo.told", "M-11"),
        ("member.erased", str(erased.uuid)),
    ]
    assert OutboxMessage.objects.filter(program=other).count() == 2
    assert Member.objects.filter(program=other, external_id="M-1").exists()
    assert ConsumedMessage.objects.count() == 0
    assert IdempotentAnswer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_batches_that_name_the_same_members_in_any_order_all_succeed() -> None:
    program = make_program()
    enrol(program, *(f"M-{n}" for n in range(0, 40, 2)))
    gate = Barrier(4)

    def run(turn: int) -> set[str]:
        names = [f"M-{n}" for n in range(40)]
        requests = [
            {"external_id": name, "market": "SG", "name": f"{turn}"} for name in names[:: 1 if turn % 2 else -1]
        ]
        gate.wait()
        try:
            return {str(result.status) for result in enrol_members(program=program, requests=requests, at=AT)}
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = [future.result() for future in [pool.submit(run, turn) for turn in range(4)]]
    assert all("rejected" not in found for found in statuses)
    names = set(Member.objects.values_list("identity__name", flat=True))
    assert (Member.objects.count(), len(names)) == (40, 1)
