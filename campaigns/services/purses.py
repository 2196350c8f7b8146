"""Books of a program and the accounts out of which its campaigns pay."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from campaigns.models import Campaign
from core.models import Program
from core.rules.money import decimals
from dealers.models import Budget
from ledger.models import Book
from ledger.services.accounts import AccountSpec, open_accounts, open_book
from rewards.rules.vouchers import GivenReward

POINTS = "points"
STATUS = "status"


@dataclass(frozen=True, slots=True)
class Purses:
    """Books by unit; accounts by (payer, unit), where a payer is ``program``, ``budget:CODE``, ``market:CODE``, …."""

    books: Mapping[str, Book]
    payers: Mapping[tuple[str, str], int]
    mints: Mapping[str, int]  # by unit: where value comes from that nobody's budget pays
    breakages: Mapping[str, int]  # by unit: where expired value lies, and comes back from
    redeemed: Mapping[tuple[str, str], int]  # by reward and currency: what was paid for vouchers of it


def open_purses(program: Program, given: Collection[GivenReward] = ()) -> Purses:
    """Open what is missing and return all, with accounts for the cost of these rewards; queries a unit are fixed."""
    budgets = list(Budget.objects.filter(program=program, retired=False).select_related("market", "region", "dealer"))
    campaigns = list(Campaign.objects.filter(program=program).values_list("code", flat=True))
    books = {unit: open_book(program=program, unit=unit, scale=scale) for unit, scale in _units(program).items()}
    payers: dict[tuple[str, str], int] = {}
    mints: dict[str, int] = {}
    breakages: dict[str, int] = {}
    redeemed: dict[tuple[str, str], int] = {}
    for unit, book in books.items():
        costing = [reward.code for reward in given if reward.cost.get(unit)]
        accounts = open_accounts(book=book, specs=_specs(budgets, campaigns, costing))
        mints[unit], breakages[unit] = accounts["mint"], accounts["breakage"]
        payers.update({(payer, unit): accounts[code] for payer, code in _payers(budgets, campaigns).items()})
        redeemed.update({(code, unit): accounts[f"redeemed:{code}"] for code in costing})
    return Purses(books, payers, mints, breakages, redeemed)


def _units(program: Program) -> dict[str, int]:
    """Units of a program and their decimals."""
    currencies = sorted({program.currency, *program.markets.values_list("currency", flat=True)})
    return {POINTS: 0, STATUS: 0, **{currency: decimals(currency) for currency in currencies}}


def _specs(budgets: list[Budget], campaigns: list[str], costing: list[str]) -> list[AccountSpec]:
    """Mint, every budget, campaign and reward that costs something; without budgets the program pays without limit."""
    unlimited = [] if budgets else [AccountSpec("budget:program", "budget", overdraft=True)]
    return [
        AccountSpec("mint", "mint"),
        AccountSpec("breakage", "breakage"),
        *unlimited,
        *(AccountSpec(f"budget:{budget.code}", "budget") for budget in budgets),
        *(AccountSpec(f"campaign:{code}", "campaign") for code in campaigns),
        *(AccountSpec(f"redeemed:{code}", "redeemed") for code in costing),
    ]


def _payers(budgets: list[Budget], campaigns: list[str]) -> dict[str, str]:
    """Account codes by payer: the root of the tree is ``program``, a place's budget carries the place."""
    root = next((budget.code for budget in budgets if budget.parent_id is None), "program")
    payers = {"program": f"budget:{root}", **{f"campaign:{code}": f"campaign:{code}" for code in campaigns}}
    for budget in budgets:
        places = {"market": budget.market, "region": budget.region, "dealer": budget.dealer}
        payers[f"budget:{budget.code}"] = f"budget:{budget.code}"
        payers.update({f"{kind}:{place.code}": f"budget:{budget.code}" for kind, place in places.items() if place})
    return payers
