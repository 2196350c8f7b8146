import pytest
from pytest_django import DjangoAssertNumQueries

from core.models import Program
from members.models import Member, SegmentMember
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.members.program import make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def partner(program: Program) -> Caller:
    return make_caller(program)


def test_a_member_is_enrolled_and_read(partner: Caller) -> None:
    enrolled = partner.post("members", {"external_id": "M-0001", "market": "SG", "name": "Ánh", "phone": "91234567"})
    assert enrolled.status_code == 201
    assert enrolled.headers["Location"] == "http://testserver/api/v1/members/M-0001"
    read = partner.get("members/M-0001")
    assert (read.status_code, read.content, read.headers["ETag"]) == (200, enrolled.content, enrolled.headers["ETag"])
    assert document(read)["phone"] == "+6591234567"
    assert partner.get(f"members/uuid:{document(read)['uuid']}").content == read.content


def test_enrolling_twice_is_a_duplicate(partner: Caller) -> None:
    partner.post("members", {"external_id": "M-1", "market": "SG"})
    assert problem(partner.post("members", {"external_id": "M-1", "market": "SG"})) == (409, "duplicate-member")


def test_wrong_values_are_named_by_pointer(partner: Caller) -> None:
    refused = partner.post("members", {"external_id": "M-1", "market": "XX", "attributes": {"a/b": 1}})
    assert problem(refused) == (422, "validation")
    assert [(e["pointer"], e["code"]) for e in document(refused)["errors"]] == [
        ("/attributes/a~1b", "undeclared"),
        ("/market", "unknown"),
    ]


def test_a_patch_changes_what_it_names_if_nobody_was_faster(partner: Caller) -> None:
    tag = partner.post("members", {"external_id": "M-1", "market": "SG", "name": "A"}).headers["ETag"]
    changed = partner.call("PATCH", "members/M-1", {"email": "a@example.com"}, If_Match=tag)
    assert (changed.status_code, document(changed)["name"], document(changed)["email"]) == (200, "A", "a@example.com")
    assert problem(partner.call("PATCH", "members/M-1", {"name": "B"}, If_Match=tag)) == (412, "changed")
    again = partner.call("PATCH", "members/M-1", {"name": "C"}, Content_Type="application/merge-patch+json")
    assert (again.status_code, document(partner.get("members/M-1"))["name"]) == (200, "C")


def test_an_erased_member_is_gone_and_its_name_free(partner: Caller) -> None:
    partner.post("members", {"external_id": "M-1", "market": "SG", "name": "Ánh"})
    erased = partner.call("DELETE", "members/M-1")
    assert (erased.status_code, erased.content) == (204, b"")
    assert problem(partner.get("members/M-1")) == (404, "not-found")
    assert problem(partner.call("DELETE", "members/M-1")) == (404, "not-found")
    assert partner.post("members", {"external_id": "M-1", "market": "SG"}).status_code == 201


def test_erasing_purges_answers_that_name_the_member(partner: Caller) -> None:
    request = {"external_id": "M-1", "market": "SG", "name": "Ánh"}
    first = partner.post("members", request, Idempotency_Key="k1")
    partner.call("DELETE", "members/M-1")
    again = partner.post("members", request, Idempotency_Key="k1")
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)
    assert document(again)["uuid"] != document(first)["uuid"]


@pytest.mark.parametrize("wrap", [False, True])
def test_a_batch_answers_each(partner: Caller, wrap: bool) -> None:
    partner.post("members", {"external_id": "M-1", "market": "SG"})
    batch = [
        {"external_id": "M-1", "name": "A"},
        {"external_id": "M-1", "name": "A"},
        {"external_id": "M-2", "market": "SG"},
        {"external_id": "M-3"},
        7,
    ]
    answer = partner.post("members/batch", {"members": batch} if wrap else batch)
    results = document(answer)["results"]
    assert [(r["external_id"], r["status"]) for r in results] == [
        ("M-1", "updated"),
        ("M-1", "unchanged"),
        ("M-2", "created"),
        ("M-3", "rejected"),
        (None, "rejected"),
    ]
    assert results[3]["problem"]["errors"] == [
        {"pointer": "/market", "code": "required", "detail": "a member belongs to a market"}
    ]
    assert Member.objects.count() == 2


def test_a_list_segment_takes_external_ids(partner: Caller) -> None:
    partner.post("members/batch", [{"external_id": f"M-{n}", "market": "SG"} for n in (1, 2)])
    answer = partner.call("PUT", "segments/vip/members", ["M-1", "M-2"])
    assert document(answer) == {"segment": "vip", "members": 2, "added": 2, "removed": 0}
    refused = partner.call("PUT", "segments/vip/members", {"members": ["M-1", "M-9"]})
    assert problem(refused) == (422, "validation")
    assert [(e["pointer"], e["code"]) for e in document(refused)["errors"]] == [("/members/1", "unknown-member")]
    assert SegmentMember.objects.count() == 2
    assert problem(partner.call("PUT", "segments/none/members", [])) == (404, "not-found")


def test_reading_a_member_costs_the_same_whatever_it_has(
    partner: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name, cars in (("M-1", 1), ("M-3", 3)):
        vehicles = [{"vin": f"{name}{n}"} for n in range(cars)]
        partner.post("members", {"external_id": name, "market": "SG", "vehicles": vehicles})
    for name in ("M-1", "M-3"):
        with django_assert_num_queries(3):
            partner.get(f"members/{name}")
