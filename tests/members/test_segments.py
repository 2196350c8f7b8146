from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from core.models import OutboxMessage, Program
from core.refusals import Invalid, NotFound
from members.models import Member, Segment, SegmentMember
from members.rules.folding import fold_name
from members.services.enrolment import enrol_members
from members.services.segments import SegmentChange, set_segment_members
from tests.members.program import make_program

AT = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    program = make_program()
    requests = [{"external_id": f"M-{n}", "market": "SG"} for n in range(1, 5)]
    enrol_members(program=program, requests=requests, at=AT)
    return program


def invited() -> list[str]:
    return list(SegmentMember.objects.order_by("member__external_id").values_list("member__external_id", flat=True))


def test_a_list_has_exactly_the_members_it_was_given(program: Program) -> None:
    first = set_segment_members(program=program, code="vip", external_ids=["M-2", "M-1", "M-2"], at=AT)
    assert (first, invited()) == (SegmentChange(members=2, added=2, removed=0), ["M-1", "M-2"])
    second = set_segment_members(program=program, code="vip", external_ids=["M-2", "M-3", "M-4"], at=AT)
    assert (second, invited()) == (SegmentChange(members=3, added=2, removed=1), ["M-2", "M-3", "M-4"])
    third = set_segment_members(program=program, code="vip", external_ids=[], at=AT)
    assert (third, invited()) == (SegmentChange(members=0, added=0, removed=3), [])


def test_ids_that_name_nobody_are_named_and_the_list_stays(program: Program) -> None:
    set_segment_members(program=program, code="vip", external_ids=["M-1"], at=AT)
    with pytest.raises(Invalid) as refused:
        set_segment_members(program=program, code="vip", external_ids=["M-2", "M-9", "M-8"], at=AT)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/1", "unknown-member"),
        ("/2", "unknown-member"),
    ]
    assert invited() == ["M-1"]


@pytest.mark.parametrize("wrong", [7, None, "M\0", "\ud800"])
def test_an_id_is_a_text(program: Program, wrong: object) -> None:
    with pytest.raises(Invalid):
        set_segment_members(program=program, code="vip", external_ids=[wrong], at=AT)


@pytest.mark.parametrize("code", ["none", "", "\0"])
def test_an_unknown_segment_is_not_found(program: Program, code: str) -> None:
    with pytest.raises(NotFound):
        set_segment_members(program=program, code=code, external_ids=["M-1"], at=AT)


def test_a_segment_by_condition_picks_its_own_members(program: Program) -> None:
    Segment.objects.create(program=program, code="quiet", name="Quiet", kind="condition", where={})
    with pytest.raises(Invalid):
        set_segment_members(program=program, code="quiet", external_ids=["M-1"], at=AT)


def test_a_list_costs_the_same_queries_for_one_and_three(
    program: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(7):
        set_segment_members(program=program, code="vip", external_ids=["M-1"], at=AT)
    with django_assert_num_queries(7):
        set_segment_members(program=program, code="vip", external_ids=["M-1", "M-2", "M-3"], at=AT)


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Đặng Thị  Ánh", "dang thi anh"), ("STRAẞE", "strasse"), ("Ｗａｔａｎａｂｅ", "watanabe"), ("أحمد", "احمد")],
)
def test_names_are_compared_without_accents_and_case(name: str, folded: str) -> None:
    assert fold_name(name) == folded


def test_others_hear_who_came_in_and_when(program: Program) -> None:
    ids = dict(Member.objects.values_list("external_id", "pk"))
    for names in (["M-1"], ["M-1", "M-2"], ["M-2"]):
        set_segment_members(program=program, code="vip", external_ids=names, at=AT)
    told = OutboxMessage.objects.filter(topic="segment.entered").order_by("pk").values_list("payload", flat=True)
    moment = "2026-11-20T02:15:00Z"
    assert list(told) == [
        {"segment": "vip", "members": [ids["M-1"]], "time": moment},
        {"segment": "vip", "members": [ids["M-2"]], "time": moment},
    ]
