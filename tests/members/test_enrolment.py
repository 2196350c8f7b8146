from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from core.models import OutboxMessage, Program
from core.refusals import Changed, DuplicateMember, Invalid, NotFound
from members.models import Member, MemberFacts, MemberIdentity, MemberSignal, MerchantProfile, TierChange, Vehicle
from members.rules.documents import etag
from members.selectors.members import member_record
from members.services.changes import patch_member
from members.services.enrolment import enrol_member, enrol_members
from members.services.erasure import erase_member
from members.services.signals import digest_signal
from tests.members.program import make_program

AT = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return make_program()


def errors(refusal: object) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in getattr(refusal, "errors", ())]


def document(program: Program, name: str) -> dict[str, object]:
    return member_record(program=program, reference=name).document()


FULL: dict[str, object] = {
    "external_id": "M-0001",
    "kind": "merchant",
    "market": "ID",
    "region": "JKT",
    "language": "en",
    "name": " Đặng Thị Ánh ",
    "email": "anh@example.com",
    "phone": "+65 9123 4567",
    "birth_date": "1990-02-28",
    "kyc": {"state": "verified", "at": "2026-11-01T10:00:00+07:00"},
    "enrolled_at": "2024-01-31T23:30:00+07:00",
    "attributes": {"hobby": "golf", "visits": 3, "budget": "12.50", "since": "2020-01-01", "size": "small"},
    "consents": {"marketing": True, "profiling": False},
    "merchant": {"legal_name": "Warung PT", "category": "food", "agent": "A-7"},
    "vehicles": [{"vin": "mhf 123", "plate": " b 1  xyz ", "model": "Avanza", "bought_on": "2024-05-01"}],
    "signals": {"device": "d-1"},
}


def test_a_member_reads_as_it_was_enrolled(program: Program) -> None:
    assert enrol_member(program=program, request=FULL, at=AT) == "M-0001"
    found = document(program, "M-0001")
    assert found.pop("uuid") == str(Member.objects.get().uuid)
    assert found == {
        "external_id": "M-0001",
        "kind": "merchant",
        "status": "active",
        "market": "ID",
        "region": "JKT",
        "language": "en",
        "name": "Đặng Thị Ánh",
        "nickname": None,
        "email": "anh@example.com",
        "phone": "+6591234567",
        "birth_date": "1990-02-28",
        "kyc": {"state": "verified", "at": "2026-11-01T03:00:00Z"},
        "enrolled_at": "2024-01-31T16:30:00Z",
        "attributes": {"hobby": "golf", "visits": 3, "budget": "12.50", "since": "2020-01-01", "size": "small"},
        "consents": {"marketing": True, "profiling": False},
        "tier": "silver",
        "merchant": {
            "legal_name": "Warung PT",
            "trading_name": None,
            "category": "food",
            "partner_type": None,
            "agent": "A-7",
            "preferred": False,
        },
        "vehicles": [
            {"vin": "MHF123", "plate": "B 1 XYZ", "model": "Avanza", "bought_on": "2024-05-01", "warranty_until": None}
        ],
    }


def test_enrolment_begins_on_the_first_rung_with_facts_of_the_local_day(program: Program) -> None:
    late = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # the 21st in Jakarta
    enrol_member(program=program, request={"external_id": "M-1", "market": "ID"}, at=late)
    member = Member.objects.select_related("tier", "facts", "identity").get()
    assert (member.tier and member.tier.code, member.tier_since, member.language) == ("silver", late, "id")
    assert MemberFacts.objects.get().rolled_on == date(2026, 11, 21)
    change = TierChange.objects.select_related("to_tier").get()
    assert (change.to_tier.code, change.from_tier_id, change.reason, change.at) == ("silver", None, "enrolled", late)


def test_enrolment_and_a_proven_identity_are_told_with_the_time_they_happened(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    uuid = str(Member.objects.get().uuid)
    assert list(OutboxMessage.objects.order_by("id").values_list("topic", "payload")) == [
        ("member.enrolled", {"member": uuid, "time": "2024-01-31T16:30:00Z"}),
        ("member.kyc_verified", {"member": uuid, "time": "2026-11-01T03:00:00Z"}),
    ]


def test_every_wrong_value_is_named(program: Program) -> None:
    wrong = {
        "external_id": "no spaces",
        "market": "XX",
        "region": "JKT",
        "language": "xx",
        "kind": "robot",
        "status": "erased",
        "name": "n" * 201,
        "email": "nobody",
        "phone": "12",
        "birth_date": "2027-01-01",
        "kyc": {"state": "sure", "at": "yesterday"},
        "enrolled_at": "2026-11-20T02:15:01Z",
        "attributes": {"hobby": 3, "visits": 10**30, "budget": 12.5, "colour": "red", "size": "huge"},
        "consents": {"marketing": "yes", "spam": True},
        "merchant": {"legal_name": 1, "boss": "x"},
        "vehicles": [{"plate": "B 1"}, 7],
        "signals": {"iris": "x"},
        "tier": "gold",
        "referral_code": "ABC",
    }
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request=wrong, at=AT)
    assert errors(refused.value) == [
        ("/attributes/budget", "invalid"),
        ("/attributes/colour", "undeclared"),
        ("/attributes/hobby", "invalid"),
        ("/attributes/size", "invalid"),
        ("/attributes/visits", "invalid"),
        ("/birth_date", "in-the-future"),
        ("/consents/marketing", "invalid"),
        ("/consents/spam", "unknown"),
        ("/email", "invalid"),
        ("/enrolled_at", "in-the-future"),
        ("/external_id", "invalid"),
        ("/kind", "invalid"),
        ("/kyc/at", "invalid"),
        ("/kyc/state", "invalid"),
        ("/language", "unknown"),
        ("/market", "unknown"),
        ("/merchant/boss", "unknown"),
        ("/merchant/legal_name", "invalid"),
        ("/name", "too-long"),
        ("/phone", "invalid"),
        ("/referral_code", "unknown"),
        ("/signals/iris", "unknown"),
        ("/status", "invalid"),
        ("/tier", "unknown"),
        ("/vehicles/0/vin", "required"),
        ("/vehicles/1", "invalid"),
    ]
    assert Member.objects.count() == 0


@pytest.mark.parametrize("request_", [None, [], "M-1", 7, {}])
def test_a_request_names_member_and_market(program: Program, request_: object) -> None:
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request=request_, at=AT)
    expected = [("/external_id", "required"), ("/market", "required")] if request_ == {} else [("", "invalid")]
    assert errors(refused.value) == expected


@pytest.mark.parametrize("junk", [[], {}, [[]], 7, True, 1.5, {"a": []}])
def test_a_value_of_any_other_form_is_an_error_of_its_field(program: Program, junk: object) -> None:
    named = ("market", "region", "language", "kind", "status", "name", "email", "phone", "birth_date", "enrolled_at")
    request = dict.fromkeys((*named, "referral_code"), junk) | {"external_id": "M-1"}
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request=request, at=AT)
    assert {pointer for pointer, _ in errors(refused.value)} == {f"/{name}" for name in (*named, "referral_code")}


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_text_that_cannot_be_stored_is_refused(program: Program, bad: str) -> None:
    request = {"external_id": "M-1", "market": "SG", "name": bad, "attributes": {"hobby": bad}}
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request=request, at=AT)
    assert errors(refused.value) == [("/attributes/hobby", "invalid"), ("/name", "invalid")]


@pytest.mark.parametrize("bad", ["Ann\u202eTan", "\u200eAnn", "Ann\u00ad", "Ann\x1b[2J", "Ann\u200b", "Ann\ue000"])
def test_a_name_hides_nothing(program: Program, bad: str) -> None:
    shop = {"legal_name": bad, "trading_name": bad}
    car = {"vin": "V1", "plate": bad, "model": bad}
    request = {"external_id": "M-1", "market": "SG", "name": bad, "nickname": bad, "merchant": shop, "vehicles": [car]}
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request=request, at=AT)
    assert {(error.pointer, str(error.detail)) for error in refused.value.errors} == {
        (where, "leave out the invisible characters")
        for where in (
            "/name", "/nickname", "/merchant/legal_name", "/merchant/trading_name", "/vehicles/0/plate",
            "/vehicles/0/model",
        )
    }  # fmt: skip


def test_a_name_is_one_line(program: Program) -> None:
    name = "Ann\r\n\u00a0 \u2028Tan \u0646\u06cc\u200c\u06a9"
    enrol_member(program=program, request={"external_id": "M-1", "market": "SG", "name": name}, at=AT)
    record = member_record(program=program, reference="M-1")
    assert record.profile.name == "Ann Tan \u0646\u06cc\u200c\u06a9"


def test_a_region_belongs_to_its_market(program: Program) -> None:
    with pytest.raises(Invalid) as refused:
        enrol_member(program=program, request={"external_id": "M-1", "market": "SG", "region": "JKT"}, at=AT)
    assert errors(refused.value) == [("/region", "invalid")]


def test_one_member_is_enrolled_once(program: Program) -> None:
    enrol_member(program=program, request={"external_id": "M-1", "market": "SG"}, at=AT)
    with pytest.raises(DuplicateMember):
        enrol_member(program=program, request={"external_id": "M-1", "market": "ID"}, at=AT)
    assert document(program, "M-1")["market"] == "SG"


def test_two_programs_may_use_the_same_external_id(program: Program) -> None:
    other = make_program("other")
    for each in (program, other):
        enrol_member(program=each, request={"external_id": "M-1", "market": "SG"}, at=AT)
    assert Member.objects.count() == 2


def test_families_share_a_phone(program: Program) -> None:
    for name in ("M-1", "M-2"):
        enrol_member(program=program, request={"external_id": name, "market": "SG", "phone": "91234567"}, at=AT)
    assert list(MemberIdentity.objects.values_list("phone", flat=True)) == ["+6591234567", "+6591234567"]


def test_a_batch_says_what_became_of_each(program: Program) -> None:
    enrol_members(program=program, requests=[FULL, {"external_id": "M-2", "market": "SG"}], at=AT)
    requests = [
        {"external_id": "M-2", "market": "SG"},
        {"external_id": "M-3", "market": "SG", "name": "Three"},
        {"external_id": "M-0001", "attributes": {"hobby": None, "visits": 4}},
        {"external_id": "M-4", "market": "XX"},
        {"external_id": "M-3", "name": "Drei"},
        "nonsense",
    ]
    results = enrol_members(program=program, requests=requests, at=AT)
    assert [(r.external_id, str(r.status)) for r in results] == [
        ("M-2", "unchanged"),
        ("M-3", "created"),
        ("M-0001", "updated"),
        ("M-4", "rejected"),
        ("M-3", "updated"),
        (None, "rejected"),
    ]
    assert document(program, "M-0001")["attributes"] == {
        "visits": 4,
        "budget": "12.50",
        "since": "2020-01-01",
        "size": "small",
    }
    assert document(program, "M-3")["name"] == "Drei"
    assert Member.objects.count() == 3


def test_the_same_batch_again_changes_nothing(program: Program) -> None:
    enrol_members(program=program, requests=[FULL], at=AT)
    before = (document(program, "M-0001"), OutboxMessage.objects.count(), MemberSignal.objects.count())
    (result,) = enrol_members(program=program, requests=[FULL], at=AT + timedelta(days=1))
    assert result.status == "unchanged"
    assert (document(program, "M-0001"), OutboxMessage.objects.count(), MemberSignal.objects.count()) == before


def test_a_batch_costs_the_same_queries_for_one_and_three(
    program: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def batch(first: int, count: int) -> list[dict[str, object]]:
        return [FULL | {"external_id": f"M-{n}", "vehicles": [{"vin": f"V{n}"}]} for n in range(first, first + count)]

    with django_assert_num_queries(17) as one:
        enrol_members(program=program, requests=batch(1, 1), at=AT)
    with django_assert_num_queries(len(one)):
        enrol_members(program=program, requests=batch(10, 3), at=AT)


def test_a_car_belongs_to_one_member_and_may_change_hands_in_a_batch(program: Program) -> None:
    enrol_members(program=program, requests=[FULL, {"external_id": "M-2", "market": "SG"}], at=AT)
    taking = {"external_id": "M-2", "vehicles": [{"vin": "MHF123"}]}
    (refused,) = enrol_members(program=program, requests=[taking], at=AT)
    assert errors(refused.refusal) == [("/vehicles/0/vin", "invalid")]
    with pytest.raises(Invalid):
        patch_member(program=program, reference="M-2", changes=taking, at=AT)
    results = enrol_members(program=program, requests=[{"external_id": "M-0001", "vehicles": None}, taking], at=AT)
    assert [r.status for r in results] == ["updated", "updated"]
    assert list(Vehicle.objects.values_list("vin", "member__external_id")) == [("MHF123", "M-2")]


def test_signals_are_kept_as_keyed_hashes_only(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    signal = MemberSignal.objects.get()
    assert (signal.kind, bytes(signal.digest)) == ("device", digest_signal("device", "d-1"))
    assert digest_signal("instrument", "d-1") != digest_signal("device", "d-1")


def test_a_patch_merges_and_null_empties(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    before = document(program, "M-0001")
    changes = {
        "name": None,
        "region": None,
        "attributes": {"hobby": None},
        "consents": {"profiling": True},
        "merchant": {"category": "drinks"},
        "kyc": {"state": "rejected"},
    }
    after = patch_member(program=program, reference="M-0001", changes=changes, at=AT).document()
    assert {key for key in before if before[key] != after[key]} == set(changes)
    assert after["name"] is None
    assert after["consents"] == {"marketing": True, "profiling": True}
    assert after["kyc"] == {"state": "rejected", "at": "2026-11-20T02:15:00Z"}
    assert MerchantProfile.objects.values_list("category", "legal_name").get() == ("drinks", "Warung PT")


def test_a_patch_of_an_older_state_is_refused(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    tag = etag(document(program, "M-0001"))
    patch_member(program=program, reference="M-0001", changes={"name": "A"}, at=AT, matches=tag)
    with pytest.raises(Changed):
        patch_member(program=program, reference="M-0001", changes={"name": "B"}, at=AT, matches=tag)
    assert document(program, "M-0001")["name"] == "A"
    patch_member(program=program, reference="M-0001", changes={"name": "C"}, at=AT, matches="*")
    assert document(program, "M-0001")["name"] == "C"


def test_the_external_id_cannot_be_patched(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    with pytest.raises(Invalid) as refused:
        patch_member(program=program, reference="M-0001", changes={"external_id": "M-2"}, at=AT)
    assert errors(refused.value) == [("/external_id", "invalid")]


def test_a_member_is_found_by_external_id_and_uuid_in_its_program_only(program: Program) -> None:
    enrol_member(program=program, request={"external_id": "M-1", "market": "SG"}, at=AT)
    uuid = Member.objects.get().uuid
    assert member_record(program=program, reference=f"uuid:{uuid}").external_id == "M-1"
    other = make_program("other")
    for reference in ("M-1", f"uuid:{uuid}"):
        with pytest.raises(NotFound):
            member_record(program=other, reference=reference)


@pytest.mark.parametrize("reference", ["uuid:", "uuid:7", "uuid:zz", "\0", "M-2", ""])
def test_a_reference_that_names_nobody_finds_nobody(program: Program, reference: str) -> None:
    with pytest.raises(NotFound):
        member_record(program=program, reference=reference)


def test_erasing_leaves_nothing_personal_and_frees_the_name(program: Program) -> None:
    enrol_member(program=program, request=FULL, at=AT)
    enrol_member(
        program=program, request=FULL | {"external_id": "M-2", "merchant": {"agent": "M-0001"}, "vehicles": []}, at=AT
    )
    erased = erase_member(program=program, reference="M-0001", at=AT)
    assert erased.old_external_id == "M-0001"
    row = Member.objects.get(pk=erased.member_id)
    assert (row.status, row.attributes, row.consents, row.kyc, row.external_id) == (
        "erased",
        {},
        [],
        "none",
        erased.new_external_id,
    )
    for model in (MemberIdentity, MemberSignal, MerchantProfile, Vehicle):
        assert not model.objects.filter(member=row).exists()
    assert MerchantProfile.objects.get().agent == ""
    for reference in ("M-0001", f"uuid:{row.uuid}", erased.new_external_id):
        with pytest.raises(NotFound):
            member_record(program=program, reference=reference)
    enrol_member(program=program, request=FULL, at=AT)
    assert member_record(program=program, reference="M-0001").uuid != row.uuid
