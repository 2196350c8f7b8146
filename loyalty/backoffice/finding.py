"""Members that a term names, as far as its user may know."""

from core.models import Program
from loyalty.identity import rights
from loyalty.identity.rights import Anybody
from members.selectors.search import search_members


def member_ids(user: Anybody, term: str) -> list[int]:
    """Ids of members; by personal data only in programs where the user may see that."""
    return search_members(programs=_where(user, "members.view"), personal=_where(user, "personal_data.view"), term=term)


def _where(user: Anybody, permission: str) -> list[Program]:
    return list(rights.programs_of(user, permission).prefetch_related("markets"))
