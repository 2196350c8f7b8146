"""The tier of a member."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.rules.answers import tier_of
from campaigns.services.configuration import current_configuration
from core.rules.moments import show_moment
from core.rules.money import to_text
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, Success, described
from loyalty.api.v1.schema import ref
from members.models import Member, Tier
from members.selectors.members import find_member
from members.selectors.tiers import held_until
from members.selectors.windows import sum_windows
from rewards.selectors.benefits import member_benefits


class TierView(ApiView):
    """A member's tier."""

    scopes = {"GET": "members:read"}

    @described(
        "Read a tier",
        tag="Wallets",
        answers={200: Success("The tier", ref("Tier"), examples.TIER)},
        refusals=["not-found"],
        parameters=[MEMBER],
    )
    def get(self, _request: Request, member: str) -> Response:
        """Read the tier, what counts toward the next one and what is missing."""
        return Response(tier_document(find_member(program=self.program, reference=member), self.at))


def tier_document(member: Member, at: datetime) -> dict[str, object]:
    """The tier of a member, what counts toward the next one and what is missing."""
    program = member.program
    configuration = current_configuration(program.pk)
    today = at.astimezone(ZoneInfo(member.market.timezone)).date()
    sums = sum_windows([(member.pk, today)])[member.pk, today]
    progress = sums.progress(calendar_year=configuration.program.calendar_year)
    until = held_until(member=member, progress=progress, day=today)
    standing = tier_of(configuration.rungs.get(member.tier_id or 0), sums, configuration.program)
    return {
        **_rung(member.tier),
        "since": member.tier_since and show_moment(member.tier_since),
        "until": until and until.isoformat(),
        **{key: standing[key] for key in ("next", "match", "missing")},
        "progress": {
            "amount": to_text(progress.amount, program.currency),
            "events": progress.events,
            "status_points": progress.status_points,
        },
        "grace_until": member.grace_until and member.grace_until.isoformat(),
        "benefits": [
            {
                "code": one.code,
                "name": one.name,
                "left": one.left,
                "expires_on": one.expires_on and one.expires_on.isoformat(),
            }
            for one in member_benefits(member=member, at=at, language=get_language() or "en")
        ],
    }


def _rung(tier: Tier | None) -> dict[str, object]:
    return (
        {"code": tier.code, "name": tier.name, "rank": tier.rank} if tier else dict.fromkeys(("code", "name", "rank"))
    )
