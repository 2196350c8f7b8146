"""What became of the year, read from events, members and ledger."""

from django.db.models import Count, Q, Sum

from campaigns.models import CampaignVersion, Event
from core.models import Program
from core.rules.money import to_text
from ledger.models import POINTS, Transfer
from ledger.selectors.proofs import prove
from members.selectors.members import present_members


def figures(program: Program) -> dict[str, object]:
    """Events and their amount, members by tier, points by campaign, and whether the ledger proves."""
    events = Event.objects.filter(program=program).aggregate(events=Count("pk"), amount=Sum("amount_minor"))
    by_campaign = points_by_campaign(program)
    return {
        "events": events["events"],
        "members": present_members(program).count(),
        "amount": to_text(events["amount"] or 0, program.currency),
        "points": sum(by_campaign.values()),
        "points_by_campaign": by_campaign,
        "tiers": members_by_tier(program),
        "proof": prove(program=program).ok,
    }


def points_by_campaign(program: Program) -> dict[str, int]:
    """Points that came from the program to its members, by the campaign that gave them."""
    awards = Transfer.objects.filter(
        journal__book__program=program, journal__book__unit=POINTS, journal__kind="award", src__owner=None
    )
    points = dict(awards.values_list("campaign_version_id").annotate(points=Sum("amount")))
    versions = CampaignVersion.objects.filter(program=program).values_list("pk", "campaign__code")
    found = dict.fromkeys((code for _, code in versions.order_by("-campaign__code")), 0)
    for version, code in versions:
        found[code] += points.get(version, 0)
    return found


def members_by_tier(program: Program) -> dict[str, int]:
    """How many members stand on each rung, lowest first."""
    ladder = program.tiers.filter(retired=False).order_by("rank").values_list("code")
    return dict(ladder.annotate(standing=Count("members", filter=~Q(members__status="erased"))))
