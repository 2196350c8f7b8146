"""Who was invited by a member's link: the code waits in the session until the friend joins, program by program."""

from django.http import HttpRequest

from core.models import Program
from members.rules.referrals import LONGEST, normal_code
from members.selectors.referrals import code_owners, referral_rules

INVITED = "invited"  # session key: program → code


def remember_invitation(request: HttpRequest, *, program: str, code: str) -> None:
    """Keep a code that can be one; the latest counts. Nothing is said about whether somebody has it."""
    written = normal_code(code[:LONGEST])
    if written.isascii() and written.isalnum():
        request.session[INVITED] = {**request.session.get(INVITED, {}), program: written}


def invitation(request: HttpRequest, program: Program) -> str:
    """The code of a member who is there still, else empty: nobody is kept from joining by an old link."""
    code: str = request.session.get(INVITED, {}).get(program.code, "")
    known = code and referral_rules(program) and code in code_owners(program, [code])
    return code if known else ""


def forget_invitation(request: HttpRequest, program: Program) -> None:
    """Whoever has joined is invited no more."""
    waiting = request.session.get(INVITED, {})
    if program.code in waiting:
        request.session[INVITED] = {name: code for name, code in waiting.items() if name != program.code}
