"""Giving memberships to the people who sign in for them."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from core.models import Program, User
from core.refusals import DuplicateMember
from members.models import Member, Notice
from members.selectors.locking import locked
from members.selectors.memberships import carrying, memberships
from members.services.enrolment import enrol_member
from members.services.notices import News, tell
from members.services.terms import Acceptance, accept_terms

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # none that are mistaken for each other, and no words
LENGTH = 9
ATTEMPTS = 3


@transaction.atomic
def link_memberships(*, user: User, emails: Collection[str], phones: Collection[str]) -> int:
    """Give the user the memberships that carry one of these proven addresses and belong to nobody; how many.

    Addresses are lower case, numbers E.164. A membership that somebody else signs in for stays theirs.
    """
    if not emails and not phones:
        return 0
    found = carrying(emails=emails, phones=phones).filter(user=None)
    held = list(locked(found).values_list("pk", flat=True))
    return Member.objects.filter(pk__in=held, user=None).update(user=user)


@transaction.atomic
def join_program(
    *, user: User, program: Program, profile: Mapping[str, object], at: datetime, accepted: Acceptance | None = None
) -> tuple[Member, bool]:
    """Enrol the user with this profile (as the API takes it, less the external id), note the terms, bid welcome.

    Returns the membership and whether it is new: who has one already keeps it. Raises: Invalid.
    """
    User.objects.select_for_update().get(pk=user.pk)  # a form sent twice enrols once
    there = memberships(user=user, program=program).first()
    member = there or _new_member(user, program, profile, at)
    if accepted:
        accept_terms(member=member, accepted=accepted, at=at)
    return member, there is None


def _new_member(user: User, program: Program, profile: Mapping[str, object], at: datetime) -> Member:
    external_id = _enrol(program=program, profile=profile, at=at)
    member = Member.objects.select_related("program").get(program=program, external_id=external_id)
    member.user = user
    member.save(update_fields=["user"])
    tell(program_id=program.pk, news=[News(member.pk, Notice.Kind.WELCOME, "welcome", {})], at=at)
    return member


def _enrol(*, program: Program, profile: Mapping[str, object], at: datetime) -> str:
    """Under a random external id; a clash is as good as impossible and tried again."""
    for attempt in range(1, ATTEMPTS + 1):
        external_id = f"P-{''.join(secrets.choice(LETTERS) for _ in range(LENGTH))}"
        try:
            return enrol_member(program=program, request={**profile, "external_id": external_id}, at=at)
        except DuplicateMember:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")
