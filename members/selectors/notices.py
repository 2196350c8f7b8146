"""What a member was told."""

from typing import NamedTuple

from members.models import Member, Notice


class NoticePage(NamedTuple):
    """Notices, newest first; ``older`` is the ``before`` of the next page, None on the last."""

    items: list[Notice]
    older: int | None


def read_notices(*, member: Member, before: int | None = None, limit: int = 20) -> NoticePage:
    """A page of a member's notices: those older than the notice ``before`` (an id)."""
    notices = Notice.objects.filter(member=member).order_by("-id")
    if before is not None:
        notices = notices.filter(pk__lt=before)
    found = list(notices[: limit + 1])
    return NoticePage(found[:limit], found[limit - 1].pk if len(found) > limit else None)


def unread_notices(member: Member) -> int:
    """How many of a member's notices are not read yet."""
    return Notice.objects.filter(member=member, read_at=None).count()
