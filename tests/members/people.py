"""Enrolling members in tests."""

from datetime import UTC, datetime

from core.models import Program
from members.models import Member
from members.services.enrolment import enrol_member

AT = datetime(2026, 3, 1, tzinfo=UTC)


def enrol(program: Program, external_id: str, *, market: str = "SG", **fields: object) -> Member:
    """A member as a partner system enrols one."""
    request = {"external_id": external_id, "market": market, **fields}
    enrol_member(program=program, request=request, at=AT)
    return Member.objects.get(program=program, external_id=external_id)
