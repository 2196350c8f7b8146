"""Members that a term names, as far as its user may know."""

from core.models import Program
from loyalty.identity import rights
from loyalty.identity.rights import Anybody
from members.models import MemberIdentity
from members.selectors.search import search_members


def member_ids(user: Anybody, term: str) -> list[int]:
    """Ids of members; by personal data only those whose data the user may see."""
    programs, personal = _where(user, "members.view"), _where(user, "personal_data.view")
    found = search_members(programs=programs, personal=personal, term=term)
    if len(personal) == rights.programs_of(user, "personal_data.view", whole=True).count():
        return found
    known = set(rights.visible(user, MemberIdentity.objects.filter(pk__in=found)).values_list("pk", flat=True))
    known.update(search_members(programs=programs, personal=[], term=term))
    return [pk for pk in found if pk in known]


def _where(user: Anybody, permission: str) -> list[Program]:
    return list(rights.programs_of(user, permission).prefetch_related("markets"))
