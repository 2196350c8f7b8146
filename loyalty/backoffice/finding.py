"""Members that a term names, as far as its user may know."""

from django.db.models import OuterRef, QuerySet, Subquery

from core.models import Program
from loyalty.identity import rights
from loyalty.identity.rights import Anybody
from members.models import Member, MemberIdentity
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


def external_ids(user: Anybody, members: QuerySet[Member]) -> dict[int, str]:
    """External ids of those members whom the user may see."""
    return dict(rights.visible(user, members).values_list("pk", "external_id"))


def member_name(user: Anybody, column: str = "member") -> Subquery:
    """For rows of members: the external id of whose they are, empty where the user may not see the member."""
    return Subquery(rights.visible(user, Member.objects.filter(pk=OuterRef(column))).values("external_id"))


def _where(user: Anybody, permission: str) -> list[Program]:
    return list(rights.programs_of(user, permission).prefetch_related("markets"))
