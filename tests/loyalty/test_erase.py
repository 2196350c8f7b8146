from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from campaigns.models import Event, Outcome, Trace
from campaigns.services.calendar import derive_days
from campaigns.services.intake import take_in
from core.models import ConsumedMessage, IdempotentAnswer, OutboxMessage, Program
from core.refusals import ReferenceUsed
from core.services.outbox import Message, publish
from loyalty.operations.erase import erase
from members.models import Member
from members.services.enrolment import enrol_members
from rewards.models import Redemption, Voucher
from tests.campaigns.offer_cases import give, offered, refusal
from tests.campaigns.test_rewards import COFFEE, GIVE, use
from tests.campaigns.world import NOW, campaign, fixed, make_world, rule
from tests.loyalty.demo_program import load_demo
from tests.loyalty.test_api_events import payment
from tests.members.program import make_program
from tests.rewards.redeeming import ask, redeem, rich, shop

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
def test_vouchers_that_were_not_used_are_void_and_used_ones_stay() -> None:
    world = make_world(campaign("c", rule("r", GIVE)), rewards=[COFFEE])
    for name in ("ann", "bob"):
        world.member(name)
    for name in ("ann", "ann", "bob"):
        world.outcome(subject=name)
    use(Voucher.objects.filter(member__external_id="ann").order_by("pk")[0])
    erased = erase(program=world.program, reference="ann", at=AT)
    hers = Voucher.objects.filter(member=erased.member_id).order_by("pk")
    assert list(hers.values_list("state", "voided_at")) == [("used", None), ("void", AT)]
    assert list(Voucher.objects.exclude(member=erased.member_id).values_list("state", flat=True)) == ["ready"]


@pytest.mark.django_db
def test_references_of_redemptions_are_forgotten_and_stay_used() -> None:
    world = shop()
    ann, bob = rich(world), rich(world, 1000, "bob")
    row = redeem(world, ann, "coffee", client="bank", reference="Ann Lee, order 7")
    Redemption.objects.filter(pk=row.pk).update(note="Ann called")
    redeem(world, bob, "coffee", client="bank", reference="o-8")
    erase(program=world.program, reference="ann", at=NOW)
    row.refresh_from_db()
    assert (row.reference, row.note, row.fingerprint) == ("", "", None)
    with pytest.raises(ReferenceUsed):
        redeem(world, bob, "coffee", client="bank", reference="Ann Lee, order 7")
    assert ask(world, bob, "coffee", client="other", reference="Ann Lee, order 7").is_new
    assert not ask(world, bob, "coffee", client="bank", reference="o-8").is_new
    assert Redemption.objects.filter(member=bob.pk).count() == 2


@pytest.mark.django_db
def test_references_of_offers_are_forgotten_and_stay_used() -> None:
    world = make_world(offered())
    for name in ("ann", "bob"):
        world.member(name)
    offer = give(world, reference="Ann Lee, 7")
    erase(program=world.program, reference="ann", at=NOW)
    offer.refresh_from_db()
    assert (offer.reference, offer.fingerprint) == ("", None)
    assert refusal(world, member="bob", reference="Ann Lee, 7") == "reference-used"
    kept = give(world, member="bob", reference="r-8")
    assert give(world, member="bob", reference="r-8") == kept


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


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["member", "redemption", "time", "reward", "category", "food", "coffee", "friend"])
def test_messages_of_others_stay_whatever_words_they_share_with_the_erased_name(name: str) -> None:
    world = shop()
    bob = rich(world, 1000, "bob")
    world.member(name)
    redeem(world, bob, "top-up")
    redeem(world, bob, "coffee")
    uuid = str(Member.objects.get(external_id=name).uuid)
    publish([Message("referral.qualified", world.program.pk, {"member": bob.pk, "friend": uuid})])
    before = {row.pk for row in OutboxMessage.objects.all() if row.payload.get("member") != uuid}
    assert erase(program=world.program, reference=name, at=NOW).old_external_id == name
    after = OutboxMessage.objects.exclude(topic="member.erased")
    assert {row.pk for row in after} == before
    assert {"redemption.ordered", "reward.redeemed", "referral.qualified"} <= {row.topic for row in after}


@pytest.mark.django_db
def test_messages_of_somebody_whose_number_is_the_erased_name_stay() -> None:
    world = shop()
    bob = rich(world, 1000, "bob")
    world.member(str(bob.pk))
    redeem(world, bob, "coffee")
    assert OutboxMessage.objects.filter(topic="reward.redeemed", payload__member=bob.pk).count() == 1
    erase(program=world.program, reference=str(bob.pk), at=NOW)
    assert OutboxMessage.objects.filter(topic="reward.redeemed", payload__member=bob.pk).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["member", "kind", "points", "processed", "amount", "r", "1.0", "a.b"])
def test_erasing_renames_no_key_and_nothing_that_was_decided(name: str) -> None:
    texts = [{"code": code, "type": "text"} for code in ("note", "points", "other")]
    types = [{"code": "payment.completed", "name": {"en": "Payment"}, "amount": "required", "data": texts}]
    world = make_world(campaign("c", rule("r", fixed(5))), event_types=types)
    world.member(name)
    before = world.outcome("8.00", subject=name, data={"note": name, "points": "x", "other": "axb"})
    erased = erase(program=world.program, reference=name, at=AT)
    assert Outcome.objects.get().answer == before | {"member": erased.new_external_id}
    renamed = {"amount": "8.00", "currency": "SGD", "note": erased.new_external_id, "points": "x", "other": "axb"}
    assert Event.objects.get().data == renamed


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
