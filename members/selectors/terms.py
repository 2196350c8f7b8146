"""Which terms a member accepted."""

from django.db.models import QuerySet

from members.models import AcceptedTerms, Member


def accepted_terms(*, member: Member) -> QuerySet[AcceptedTerms]:
    """The versions the member accepted, oldest first, with their texts."""
    return AcceptedTerms.objects.filter(member=member).select_related("terms__program").order_by("pk")
