"""Who pays an award, and whether they can."""

from dataclasses import dataclass

from campaigns.rules.amounts import split
from campaigns.rules.definitions import CampaignRules
from campaigns.rules.judgement import Payment
from campaigns.rules.kinds import THING
from campaigns.rules.state import JudgedEvent, MemberState, Shared


@dataclass(frozen=True, slots=True)
class Lacking:
    """The account that cannot pay its part; None where no budget stands for the place at all."""

    account: int | None


def pay(  # noqa: PLR0917  # what is paid, for what
    campaign: CampaignRules, unit: str, amount: int, event: JudgedEvent, member: MemberState, shared: Shared
) -> list[Payment] | Lacking:
    """Who pays how much, taken from what is left; Lacking when a payer is missing or cannot pay its part."""
    if unit in {"status", THING}:
        return []
    payments: list[Payment] = []
    parts = split(amount, campaign.payers) if len(campaign.payers) > 1 else [amount]
    for share, part in zip(campaign.payers, parts, strict=True):
        account = shared.payers.get((_payer(campaign, share.payer, event, member), unit))
        if account is None or not _covers(shared, account, part + _taken(payments, account)):
            return Lacking(account)
        payments.append(Payment(account, part))
    for account, part in payments:
        if (left := shared.left[account]) is not None:
            shared.left[account] = left - part
    return [payment for payment in payments if payment.amount]


def _covers(shared: Shared, account: int, amount: int) -> bool:
    left = shared.left[account]
    return left is None or left >= amount


def _taken(payments: list[Payment], account: int) -> int:
    """What the same award takes from an account already."""
    return sum(payment.amount for payment in payments if payment.account_id == account)


def _payer(campaign: CampaignRules, payer: str, event: JudgedEvent, member: MemberState) -> str:
    """The name of a payer's account: a place's budget depends on the member and the event."""
    match payer:
        case "campaign":
            return f"campaign:{campaign.code}"
        case "market":
            return f"market:{member.market.code}"
        case "region":
            return f"region:{event.outlet.region if event.outlet else ''}"
        case "dealer":
            return f"dealer:{event.outlet.dealer if event.outlet else ''}"
        case "program":
            return "program"
    return f"budget:{payer}"
