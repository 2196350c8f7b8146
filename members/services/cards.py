"""The member card: showing it, and knowing the member who shows it."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import NotFound
from core.services.tokens import Shown, open_token, show_token, use_up
from members.models import Member, MemberCard

KIND = "M"


def show_card(*, member: Member, at: datetime) -> Shown:
    """What the member's phone shows now: a token of half a minute, good once."""
    card, _made = MemberCard.objects.get_or_create(member=member, defaults={"made_at": at})
    return show_token(kind=KIND, program_id=member.program_id, name=card.token, at=at)


def read_card(*, program: Program, token: str, at: datetime) -> Member:
    """The member whose card was scanned; the token is used up by that, if the transaction commits.

    A frozen member is known as well. Raises NotFound for what is forged or of another program, Outdated, Replayed.
    """
    opened = open_token(kind=KIND, program_id=program.pk, text=token, at=at)
    found = Member.objects.select_related("market", "program", "tier").filter(program=program, card__token=opened.name)
    member = found.exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound(_("There is no such code"))
    use_up(opened, at=at)
    return member
