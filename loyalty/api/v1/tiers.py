"""The tier of a member."""

from zoneinfo import ZoneInfo

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.rules.answers import tier_of
from campaigns.services.configuration import current_configuration
from core.rules.moments import show_moment
from core.rules.money import to_text
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, Success, described
from loyalty.api.v1.shapes import ref
from members.models import Tier
from members.selectors.members import find_member
from members.selectors.windows import sum_windows


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
        found = find_member(program=self.program, reference=member)
        configuration = current_configuration(self.program.pk)
        today = self.at.astimezone(ZoneInfo(found.market.timezone)).date()
        sums = sum_windows([(found.pk, today)])[found.pk, today]
        progress = sums.progress(calendar_year=configuration.program.calendar_year)
        standing = tier_of(configuration.rungs.get(found.tier_id or 0), sums, configuration.program)
        return Response(
            {
                **_rung(found.tier),
                "since": found.tier_since and show_moment(found.tier_since),
                "until": found.tier_until and found.tier_until.isoformat(),
                **{key: standing[key] for key in ("next", "match", "missing")},
                "progress": {
                    "amount": to_text(progress.amount, self.program.currency),
                    "events": progress.events,
                    "status_points": progress.status_points,
                },
                "grace_until": None,
                "benefits": [],
            }
        )


def _rung(tier: Tier | None) -> dict[str, object]:
    return (
        {"code": tier.code, "name": tier.name, "rank": tier.rank} if tier else dict.fromkeys(("code", "name", "rank"))
    )
