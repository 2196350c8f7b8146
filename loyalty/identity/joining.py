"""Joining a program: what the form said waits in the session until its address is proven."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import Program, User
from core.refusals import Invalid
from loyalty.identity.addresses import Address
from loyalty.identity.chosen import choose_member
from loyalty.identity.people import proven
from members.services.memberships import join_program
from members.services.terms import Acceptance

PENDING = "joining"  # session key


def begin_join(
    request: HttpRequest,
    *,
    program: Program,
    address: Address,
    profile: Mapping[str, object],
    accepted: Acceptance | None = None,
) -> None:
    """Keep what the form said: a profile as the API takes it, and the terms."""
    request.session[PENDING] = {
        "program": program.code,
        "email": address.email,
        "phone": address.phone,
        "profile": {**profile, **_contact(address)},
        "accepted": accepted and accepted.keep(),
    }


def forget_join(request: HttpRequest) -> None:
    """Whoever signs in instead of joining, or joins anew, does not join by what was written before."""
    request.session.pop(PENDING, None)


def finish_join(request: HttpRequest, user: User) -> None:
    """Join the program that waits, if the user has proven the address that was given for it."""
    pending = request.session.pop(PENDING, None)
    if not pending:
        return
    emails, phones = proven(user)
    program = Program.objects.filter(code=pending["program"]).first()
    if program and (pending["email"] in emails or pending["phone"] in phones):
        accepted = Acceptance.of(pending.get("accepted"))
        join(request, user=user, program=program, profile=pending["profile"], accepted=accepted)


def join(
    request: HttpRequest,
    *,
    user: User,
    program: Program,
    profile: Mapping[str, object],
    accepted: Acceptance | None = None,
) -> bool:
    """Make the user a member and act as it; who is a member already is told so. False: the profile was refused."""
    try:
        member, new = join_program(user=user, program=program, profile=profile, at=timezone.now(), accepted=accepted)
    except Invalid:
        messages.error(request, _("Something in the form cannot be taken. Please check it."))
        return False
    choose_member(request, member)
    if not new:
        messages.info(request, _("You are a member already. Welcome back!"))
    return True


def known_contact(user: User) -> Address:
    """The proven address of a signed-in user, for a new membership."""
    emails, phones = proven(user)
    return Address(email=emails[0]) if emails else Address(phone=phones[0]) if phones else Address()


def _contact(address: Address) -> dict[str, str]:
    return {"email": address.email} if address.email else {"phone": address.phone}
