"""What a member consented to over time."""

from members.models import ConsentChange, Member


def consent_changes(*, member: Member) -> list[ConsentChange]:
    """Every consent given and withdrawn, newest first."""
    return list(ConsentChange.objects.filter(member=member).order_by("-id"))
