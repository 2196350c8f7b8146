"""Member cards: what a phone shows to say who stands there."""

import uuid

from django.db import models

from members.models.members import Member


class MemberCard(models.Model):
    """The random name under which a member's phone makes its tokens; another name ends all that were made before."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="card")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name the member by number: the token opens doors."""
        return str(self.member_id)
