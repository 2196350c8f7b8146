"""For which membership a signed-in user acts."""

from django.http import HttpRequest

from core.models import Program, User
from members.models import Member
from members.selectors.memberships import memberships

CHOSEN = "chosen_members"  # session key: {program code: member uuid}


def choose_member(request: HttpRequest, member: Member) -> None:
    """Remember the choice for as long as the session lives."""
    request.session[CHOSEN] = {**request.session.get(CHOSEN, {}), member.program.code: str(member.uuid)}


def chosen_member(request: HttpRequest, program: Program) -> Member | None:
    """The membership in this program that the user chose, or the only one; None if there is none or a choice is due."""
    if not isinstance(request.user, User):
        return None
    found = list(memberships(user=request.user, program=program))
    wanted = request.session.get(CHOSEN, {}).get(program.code)
    chosen = next((member for member in found if str(member.uuid) == wanted), None)
    return chosen or (found[0] if len(found) == 1 else None)
