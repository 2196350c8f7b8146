"""A campaign's own budget: filled from its fund while the campaign may pay, the rest returned when it ends."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.amounts import split
from campaigns.rules.compiling import funders, money
from campaigns.rules.life import SETTLING, is_settled
from campaigns.selectors.versions import zones_in, zones_of
from campaigns.services.purses import POINTS, Purses, open_purses
from core.models import Program
from core.refusals import FieldError, Invalid
from ledger.models import Account, Book, Journal, Transfer
from ledger.services.posting import Entry, FloorReached, Movement, lock_shared_accounts, post

FILLED = {Campaign.State.SCHEDULED, Campaign.State.LIVE, Campaign.State.PAUSED}


@dataclass(frozen=True, slots=True)
class Filling:
    """What a campaign's account of one unit should have received in all, out of which funds."""

    campaign: Campaign
    unit: str
    wanted: int | None  # None = the campaign is over: what is left goes back
    fund: object


@transaction.atomic
def fill_budgets(*, program: Program, at: datetime) -> None:
    """Bring every campaign's account to its budget; running it again moves nothing.

    Raises Invalid, naming the campaign, when a fund cannot pay or less is left than would have to go back.
    """
    purses = open_purses(program)
    lock_shared_accounts(program)
    funded: dict[str, Funded] = {}
    for filling in _fillings(program, at):
        if filling.unit not in funded:
            funded[filling.unit] = _funded(purses.books[filling.unit])
        _fill(purses, filling, funded[filling.unit], at)


def _fillings(program: Program, at: datetime) -> Iterator[Filling]:
    for campaign, definition, is_over in _launched(program, at):
        for unit, amount in _units(definition.get("budget")).items():
            yield Filling(campaign, unit, None if is_over else amount, definition.get("fund") or "program")


def over_campaigns(program: Program, at: datetime) -> set[str]:
    """Codes of the accounts of campaigns that are over: what was left of their budgets has gone back."""
    return {f"campaign:{campaign.code}" for campaign, _, is_over in _launched(program, at) if is_over}


def _launched(program: Program, at: datetime) -> Iterator[tuple[Campaign, Mapping[str, Any], bool]]:
    """Campaigns that people have published, what they do, and whether they are over."""
    newest = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    campaigns = Campaign.objects.filter(program=program).annotate(
        definition=Subquery(newest.values("definition")[:1]), changed_at=Subquery(newest.values("created_at")[:1])
    )
    zones = zones_of(program)
    for campaign in campaigns.exclude(state__in=[Campaign.State.DRAFT, Campaign.State.IN_REVIEW]).order_by("pk"):
        definition: Mapping[str, Any] = campaign.definition or {}
        is_over = campaign.retired or campaign.state not in FILLED
        yield campaign, definition, is_over or _is_settled(campaign.changed_at, definition, zones, at)


def _is_settled(
    changed_at: datetime, definition: Mapping[str, Any], zones: Mapping[str, ZoneInfo], at: datetime
) -> bool:
    """Whether its end is some days past, and nobody has changed it since: events of a past may yet be brought in."""
    return is_settled(definition, zones_in(definition, zones), at) and changed_at <= at - SETTLING


def _units(budget: object) -> dict[str, int]:
    """Smallest units by unit of a budget as the program file has it."""
    if not isinstance(budget, Mapping):
        return {}
    return {POINTS: budget.get("points") or 0, **money(budget.get("money") or {})}


type Funded = Mapping[int, tuple[int, int]]  # by account: what it received in all, by how many journals


def _funded(book: Book) -> Funded:
    """What every account received as a fund's part, less what it passed on. Few journals of a book move funds."""
    journals = Journal.objects.filter(book=book, kind="fund")
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = Transfer.objects.filter(journal__in=journals).values_list("journal", "src", "dst", "amount")
    for journal, src, dst, amount in rows:
        found[src].append((journal, -amount))
        found[dst].append((journal, amount))
    return {pk: (sum(part for _, part in parts), len({j for j, _ in parts})) for pk, parts in found.items()}


def _fill(purses: Purses, filling: Filling, funded: Funded, at: datetime) -> None:
    """Post the difference between what the account should have received and what it did."""
    account = purses.payers[f"campaign:{filling.campaign.code}", filling.unit]
    received, times = funded.get(account, (0, 0))
    missing = -Account.objects.get(pk=account).balance if filling.wanted is None else filling.wanted - received
    if not missing:
        return
    movements = list(_movements(purses, filling, account, missing))
    key = f"fund:{account}:{times}"
    try:
        post(book=purses.books[filling.unit], entries=[Entry(key, "fund", at, movements)], all_or_nothing=True)
    except FloorReached:
        detail = _("The fund cannot pay the campaign's budget, or less of the budget is left than would go back.")
        raise Invalid(detail, errors=[FieldError(f"/campaigns/{filling.campaign.code}", "invalid", detail)]) from None


def _movements(purses: Purses, filling: Filling, account: int, missing: int) -> Iterator[Movement]:
    """From the funds by their shares, or back to them."""
    shares = funders(filling.fund)
    for share, amount in zip(shares, split(abs(missing), shares), strict=True):
        fund = _fund(purses, share.payer, filling.unit)
        if amount:
            yield Movement(fund, account, amount) if missing > 0 else Movement(account, fund, amount)


def _fund(purses: Purses, payer: str, unit: str) -> int:
    """A fund's account; one that was retired meanwhile still takes back what it gave."""
    name = "program" if payer == "program" else f"budget:{payer}"
    known = purses.payers.get((name, unit))
    return known if known is not None else Account.objects.get(book=purses.books[unit], code=name).pk
