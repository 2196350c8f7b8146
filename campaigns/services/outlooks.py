"""A member's view ahead: the configuration and what is known of the member, put together for the rules."""

from collections.abc import Mapping
from datetime import date, datetime

from campaigns.rules.openings import Outlook
from campaigns.rules.state import MemberState, Wallet, no_event
from campaigns.selectors.glance import Glance
from campaigns.services.configuration import Configuration
from ledger.rules.balances import Balance
from members.models import Member
from members.rules.facts import Vehicle
from members.rules.windows import Sums


def look_ahead(
    *, configuration: Configuration, member: Member, glance: Glance, points: Balance, sums: Sums, at: datetime
) -> Outlook:
    """What campaigns are judged by when nothing has happened yet; reads nothing more."""
    state = _state(configuration, member, glance, points, sums)
    moment = no_event(state, configuration.program.zone, at)
    return Outlook(configuration.program, state, moment, configuration.fact_types, glance.counters)


def _state(configuration: Configuration, member: Member, glance: Glance, points: Balance, sums: Sums) -> MemberState:
    identity = getattr(member, "identity", None)
    birth_date: date | None = identity.birth_date if identity else None
    merchant = glance.merchant
    return MemberState(
        member_id=member.pk,
        uuid=member.uuid,
        external_id=member.external_id,
        kind=member.kind,
        status=member.status,
        market=configuration.markets[member.market_id],
        region=configuration.regions.get(member.region_id or 0, ""),
        language=member.language,
        kyc=member.kyc,
        kyc_at=member.kyc_at,
        enrolled_at=member.enrolled_at,
        attributes=member.attributes,
        tier=configuration.rungs.get(member.tier_id or 0),
        segments=glance.segments,
        birth_month=birth_date.month if birth_date else None,
        merchant=_merchant(glance),
        preferred=merchant.preferred if merchant else None,
        vehicles=tuple(Vehicle(car.bought_on, car.warranty_until) for car in glance.vehicles),
        last_active_on=glance.last_active_on,
        wallets={"points": Wallet(points.available, points.pending, points.debt)},
        type_counts=dict(glance.type_counts),
        sums={sums.day: sums},
        visits={sums.day: (set(glance.outlets), {configuration.dealers.get(pk, "") for pk in glance.outlets} - {""})},
    )


def _merchant(glance: Glance) -> Mapping[str, str] | None:
    found = glance.merchant
    return {"category": found.category, "partner_type": found.partner_type, "agent": found.agent} if found else None
