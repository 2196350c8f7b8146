"""Whether a member still has to accept the terms: those whom a partner system enrolled never saw them."""

from django.http import HttpRequest

from members.models import Member
from members.selectors.terms import accepted_terms

ACCEPTED = "accepted_terms"  # session key: member ids that are known to have accepted some


def owes_terms(request: HttpRequest, member: Member) -> bool:
    """Whether the program has terms and the member accepted none yet; asked of the database once a session."""
    known = request.session.get(ACCEPTED, [])
    if member.program.terms_id is None or member.pk in known:
        return False
    if not accepted_terms(member=member).exists():
        return True
    request.session[ACCEPTED] = [*known, member.pk]
    return False
