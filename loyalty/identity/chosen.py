"""For which membership a signed-in user acts."""

from django.http import HttpRequest

from core.models import Program, User
from members.models import Member
from members.selectors.memberships import program_with_members

CHOSEN = "chosen_members"  # session key: {program code: member uuid}


def choose_member(request: HttpRequest, member: Member) -> None:
    """Remember the choice for as long as the session lives."""
    request.session[CHOSEN] = {**request.session.get(CHOSEN, {}), member.program.code: str(member.uuid)}


def find_program_and_member(request: HttpRequest, code: str) -> tuple[Program | None, Member | None]:
    """A program by its code, and whom the user acts for in it (``chosen_member``); one query."""
    user = request.user if isinstance(request.user, User) else None
    program, found = program_with_members(code=code, user=user)
    if not found:
        return program, None
    wanted = request.session.get(CHOSEN, {}).get(code)
    chosen = next((member for member in found if str(member.uuid) == wanted), None)
    return program, chosen or (found[0] if len(found) == 1 else None)


def chosen_member(request: HttpRequest, program: Program) -> Member | None:
    """The membership in this program that the user chose, or the only one; None if there is none or a choice is due."""
    return find_program_and_member(request, program.code)[1]
