"""What the engine answers, as the API prints it: amounts of money as text, points as whole numbers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from campaigns.rules.definitions import CampaignRules, Goal, Kind, Rule
from campaigns.rules.judgement import Award, GoalStanding, Judgement, Line, Reached, Refused, Wish
from campaigns.rules.kinds import NAMES, THING
from campaigns.rules.offers import STATE, OpenOffer
from campaigns.rules.state import JudgedEvent, MemberState, Program
from core.rules.moments import show_moment
from core.rules.money import to_text
from members.rules.catalogue import Catalogue
from members.rules.tiers import Rung, missing, next_rung
from members.rules.values import show_value
from members.rules.windows import Sums

COUNTED = {"points", "status", THING}
type Body = dict[str, Any]


def outcome_body(judgement: Judgement, member: MemberState, program: Program) -> Body:
    """The outcome of a processed event."""
    return {
        **_head(judgement.event, member),
        "effects": [effect_body(award) for award in judgement.awards],
        "refused": [refused_body(refused) for refused in judgement.refused],
        "goals": [goal_body(one) for one in judgement.goals],
        **standing(member, program),
    }


def _head(event: JudgedEvent, member: MemberState) -> Body:
    return {
        "source": event.source,
        "id": event.key,
        "status": "processed",
        "duplicate": False,
        "member": member.external_id,
        "sequence": event.event_id,
    }


def standing(member: MemberState, program: Program) -> Body:
    """Balances and tier after an event."""
    return {"balances": balances_body(member), "tier": tier_body(member, program)}


def shown(amount: int | None, unit: str) -> int | str | None:
    """An amount of a unit: whole points, or money with exactly its decimals."""
    return amount if amount is None or unit in COUNTED or not unit else to_text(amount, unit)


def effect_body(award: Award) -> Body:
    """One effect that was given."""
    wish = award.wish
    body = {"kind": wish.kind, **_origin(award.campaign, award.rule), **_milestone(award.reached), **_of(award.offer)}
    if wish.unit == THING:
        return body | {NAMES[wish.kind]: wish.code} | wish.more
    body |= {"amount": shown(award.amount, wish.unit), "desired": shown(wish.desired, wish.unit)}
    return body | _validity(wish)


def _validity(wish: Wish) -> Body:
    body: Body = {"state": "pending" if wish.available_on else "available"}
    if wish.kind == "cashback":
        return body | {"currency": wish.unit}
    if wish.available_on:
        body["available_on"] = wish.available_on.isoformat()
    return body | {"expires_on": wish.expires_on.isoformat() if wish.expires_on else None}


def _origin(campaign: CampaignRules, rule: Rule) -> Body:
    return {"campaign": campaign.code, "version": campaign.version, "rule": rule.code}


def _milestone(reached: Reached | None) -> Body:
    """Which milestone gave an effect, so that only the milestone takes it back."""
    return {"reach": shown_reach(reached.goal, reached.milestone.reach)} if reached else {}


def _of(offer: OpenOffer | None) -> Body:
    """Which of the member's offers stands behind it."""
    return {"offer": str(offer.offer_id)} if offer else {}


def milestone_name(reached: Reached) -> dict[str, str]:
    """A milestone in a message."""
    reach = shown_reach(reached.goal, reached.milestone.reach)
    return {"campaign": reached.campaign.code, "rule": reached.rule.code, "reach": str(reach)}


def shown_reach(goal: Goal, reach: int | None) -> int | str | None:
    """Progress or a target: of sums an amount, else a whole number."""
    return shown(reach, goal.currency if goal.kind is Kind.SUM else "")


def goal_body(one: GoalStanding) -> Body:
    """How far a goal is."""
    goal = one.goal
    body: Body = {
        "campaign": one.campaign.code,
        "rule": one.rule.code,
        "progress": shown_reach(goal, one.progress.progress),
        "target": shown_reach(goal, one.progress.target),
        "ends_at": show_moment(one.ends_at) if one.ends_at else None,
    }
    if goal.kind is Kind.SUM:
        body["currency"] = goal.currency
    if one.offer_id:
        body["offer"] = str(one.offer_id)
    return body | ({"by": one.by or None} if goal.kind is Kind.LEVEL else {})


def refused_body(refused: Refused) -> Body:
    """One effect that was meant and not given."""
    wish = refused.wish
    body = {"kind": wish.kind, **_origin(refused.campaign, refused.rule), **_milestone(refused.reached)}
    body |= _of(refused.offer)
    if wish.code:
        body[NAMES[wish.kind]] = wish.code
    if wish.kind == "cashback" and wish.unit:
        body["currency"] = wish.unit
    return body | {"desired": shown(wish.desired, wish.unit), "reason": refused.reason}


def balances_body(member: MemberState) -> Body:
    """Points and every currency in which the member has or had something."""
    points = member.wallet("points")
    money = sorted((unit, wallet) for unit, wallet in member.wallets.items() if unit != "points")
    return {
        "points": {"available": points.available, "pending": points.pending, "debt": points.debt},
        "cashback": [{"currency": unit, "available": to_text(wallet.available, unit)} for unit, wallet in money],
    }


def tier_body(member: MemberState, program: Program) -> Body | None:
    """The tier and what is missing for the next one; None in a program without tiers."""
    if not program.ladder:
        return None
    sums = member.sums.get(member.latest_day) if member.latest_day else None
    return tier_of(member.tier, sums or Sums(date.min), program)


def tier_of(tier: Rung | None, sums: Sums, program: Program) -> Body:
    """A tier, the next one, and what is missing for it."""
    above = next_rung(program.ladder, tier)
    left = missing(above, sums.progress(calendar_year=program.calendar_year)) if above else {}
    return {
        "code": tier.code if tier else None,
        "next": above.code if above else None,
        "match": ("any" if above.match_any else "all") if above else None,
        "missing": {
            name: to_text(value, program.currency) if name == "amount" else value for name, value in left.items()
        },
    }


def line_body(line: Line, event_type: str, catalogue: Catalogue) -> Body:
    """One line of the trace."""
    return {
        **_origin(line.campaign, line.rule),
        "fired": line.fired,
        "reason": line.reason or None,
        "failed": failed_body(line, event_type, catalogue),
        "desired": shown(line.desired, line.unit) if line.unit else None,
        "granted": shown(line.granted, line.unit) if line.unit else None,
    }


def failed_body(line: Line, event_type: str, catalogue: Catalogue) -> Body | None:
    """The condition's first false leaf, with the value that its fact had."""
    failed = line.failed
    if failed is None:
        return None
    return {
        "path": failed.path,
        "fact": failed.fact,
        "op": failed.op,
        "value": failed.value,
        "actual": actual(failed.fact, failed.actual, event_type, catalogue),
    }


def actual(fact: str, value: Any, event_type: str, catalogue: Catalogue) -> object:  # noqa: ANN401  # any fact's value
    """A fact's value as JSON."""
    if fact == STATE:
        return value
    kind = catalogue.lookup(fact, event_type)
    return show_value(value, kind) if kind else None


def stored_line(place: int, line: Line, event_type: str, catalogue: Catalogue) -> list[object]:
    """A trace line as it is kept: small, and read again with the version's definition."""
    failed = line.failed
    value = actual(failed.fact, failed.actual, event_type, catalogue) if failed else None
    return [
        place,
        line.campaign.version_id,
        line.rule.index,
        line.reason,
        failed.leaf if failed else None,
        value,
        shown(line.desired, line.unit) if line.unit else None,
        shown(line.granted, line.unit) if line.unit else None,
    ]


def stored_lines(judgement: Judgement, catalogue: Catalogue) -> Mapping[bool, list[list[object]]]:
    """Fired lines, which are kept for ever, and the others."""
    lines: dict[bool, list[list[object]]] = {True: [], False: []}
    for place, line in enumerate(judgement.lines):
        lines[line.fired].append(stored_line(place, line, judgement.event.type_code, catalogue))
    return lines
