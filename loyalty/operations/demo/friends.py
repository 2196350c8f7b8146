"""Who brought whom in the demonstration, and which devices they were seen with."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.models import Program
from members.models import Member
from members.selectors.referrals import referral_rules
from members.services.referrals import referral_code

BROUGHT_BY = "brought_by"  # an external id in place of the code, which nobody knows before
OFTEN, SOMETIMES, SHARED = 16, 5, 48  # every so-manieth member is brought by the persona, by others, on her device


def of_friend(number: int, persona: str, earlier: str) -> dict[str, object]:
    """What the story says of a member: who brought it, if anybody did, and its device."""
    device = persona if number % SHARED == 0 else f"device {earlier} {number}"
    told: dict[str, object] = {"signals": {"device": device}}
    if number % OFTEN == 0:
        return told | {BROUGHT_BY: persona}
    return told | {BROUGHT_BY: earlier} if number % SOMETIMES == 0 else told


def with_codes(program: Program, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The requests with the codes of those who brought the members; of whom is not there yet, without."""
    named = {request[BROUGHT_BY] for request in requests if BROUGHT_BY in request}
    members = Member.objects.filter(program=program)
    found = members.filter(external_id__in=named) if named and referral_rules(program) else []
    codes = {member.external_id: referral_code(member=member) for member in found}
    joining = [request["external_id"] for request in requests]
    there = set(members.filter(external_id__in=joining).values_list("external_id", flat=True))  # told once more
    return [_with_code(request, {} if request["external_id"] in there else codes) for request in requests]


def _with_code(request: Mapping[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    body = {name: value for name, value in request.items() if name != BROUGHT_BY}
    code = codes.get(request.get(BROUGHT_BY, ""))
    return body | {"referral_code": code} if code else body
