"""Joining a program: what the form said waits in the session until its address is proven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Program, User
from core.refusals import Invalid
from loyalty.identity.addresses import Address
from loyalty.identity.chosen import choose_member
from loyalty.identity.devices import note_device
from loyalty.identity.invitations import forget_invitation, invitation
from loyalty.identity.people import proven
from members.services.memberships import join_program
from members.services.terms import Acceptance

PENDING = "joining"  # session key
REFUSED = gettext_lazy("Something in the form cannot be taken. Please check it.")

type Wrongs = Sequence[tuple[str, str]]  # last names of fields, each with the code of its error


@dataclass(frozen=True, slots=True)
class RefusedJoin:
    """What somebody wrote who has proven the address since, and what of it was refused."""

    profile: Mapping[str, object]
    accepted: Acceptance | None
    wrongs: Wrongs


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
    """Join the program that waits, if the user has proven the address that was given for it.

    What is refused waits on, for the form to show it with what is wrong.
    """
    pending = request.session.pop(PENDING, None)
    if not pending:
        return
    emails, phones = proven(user)
    program = Program.objects.filter(code=pending["program"]).first()
    if program and (pending["email"] in emails or pending["phone"] in phones):
        accepted = Acceptance.of(pending.get("accepted"))
        try:
            join(request, user=user, program=program, profile=pending["profile"], accepted=accepted)
        except Invalid as refusal:
            request.session[PENDING] = {**pending, "wrongs": wrongs(refusal)}
            messages.error(request, str(REFUSED))


def refused_join(request: HttpRequest, program: Program) -> RefusedJoin | None:
    """What waits in this session since the program refused it; None if nothing does."""
    pending = request.session.get(PENDING)
    if not pending or pending["program"] != program.code or "wrongs" not in pending:
        return None
    found = [(name, code) for name, code in pending["wrongs"]]
    return RefusedJoin(pending["profile"], Acceptance.of(pending.get("accepted")), found)


def wrongs(refusal: Invalid) -> Wrongs:
    """The fields that were refused."""
    return [(error.pointer.rpartition("/")[2], error.code) for error in refusal.errors]


def join(
    request: HttpRequest,
    *,
    user: User,
    program: Program,
    profile: Mapping[str, object],
    accepted: Acceptance | None = None,
) -> None:
    """Make the user a member and act as it; who is a member already is told so. Raises: Invalid."""
    invited = invitation(request, program)
    profile = {**profile, "referral_code": invited} if invited else profile
    member, new = join_program(user=user, program=program, profile=profile, at=timezone.now(), accepted=accepted)
    forget_join(request)
    forget_invitation(request, program)
    choose_member(request, member)
    note_device(request, user)
    if not new:
        messages.info(request, _("You are a member already. Welcome back!"))


def known_contact(user: User) -> Address:
    """The proven address of a signed-in user, for a new membership."""
    emails, phones = proven(user)
    return Address(email=emails[0]) if emails else Address(phone=phones[0]) if phones else Address()


def _contact(address: Address) -> dict[str, str]:
    return {"email": address.email} if address.email else {"phone": address.phone}
