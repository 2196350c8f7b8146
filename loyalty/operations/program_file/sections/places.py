"""Markets, regions, dealers, outlets and contracts."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, override

from core.models import Market, Program, Region
from dealers.models import Contract, Dealer, Outlet
from loyalty.operations.program_file.sections.base import Coded, Item, Section, Writing, code_of, texts_of, upsert
from loyalty.operations.program_file.values import plain


class MarketsSection(Coded[Market]):
    """``markets``."""

    name: ClassVar = "markets"
    model = Market

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {key: item[key] for key in ("currency", "timezone", "languages")}

    def item(self, row: Market) -> Item:
        """Entry."""
        return {"currency": row.currency, "timezone": row.timezone, "languages": row.languages}


class RegionsSection(Coded[Region]):
    """``regions``."""

    name: ClassVar = "regions"
    model = Region
    refers: ClassVar = ("market",)

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"market_id": to.id(Market, item["market"])}

    def item(self, row: Region) -> Item:
        """Entry."""
        return {"market": row.market.code}


class DealersSection(Coded[Dealer]):
    """``dealers``; their outlets are entries of ``outlets``."""

    name: ClassVar = "dealers"
    model = Dealer
    refers: ClassVar = ("market", "region")

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Without outlets, which come and go by themselves."""
        items = super().entries(document)
        return {code: {key: item[key] for key in item if key != "outlets"} for code, item in items.items()}

    def read(self, program: Program) -> list[Item]:
        """With their outlets."""
        outlets: dict[int | None, list[Item]] = {}
        for row in OutletsSection().rows(program):
            name = texts_of(row, "name", program.languages)
            outlets.setdefault(row.dealer_id, []).append({"code": row.code, "kind": row.kind, "name": name})
        return [self.whole(row, program) | {"outlets": outlets.get(row.pk, [])} for row in self.rows(program)]

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"market_id": to.id(Market, item["market"]), "region_id": to.id(Region, item.get("region"))}

    def item(self, row: Dealer) -> Item:
        """Entry."""
        return {"market": row.market.code, "region": code_of(row.region)}


class OutletsSection(Coded[Outlet]):
    """``outlets``, and those of dealers."""

    name: ClassVar = "outlets"
    model = Outlet
    refers: ClassVar = ("market",)

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Outlets without a dealer, and each dealer's, which are in the dealer's market."""
        dealers = document.get("dealers", [])
        of_dealers = {
            outlet["code"]: {**outlet, "market": dealer["market"], "dealer": dealer["code"]}
            for dealer in dealers
            for outlet in dealer.get("outlets", [])
        }
        return super().entries(document) | of_dealers

    def read(self, program: Program) -> list[Item]:
        """Those without a dealer."""
        return [self.whole(row, program) for row in self.rows(program).filter(dealer=None)]

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        dealer = to.id(Dealer, item.get("dealer"))
        return {"kind": item["kind"], "market_id": to.id(Market, item["market"]), "dealer_id": dealer}

    def item(self, row: Outlet) -> Item:
        """Entry."""
        return {"kind": row.kind, "market": row.market.code}


class ContractsSection(Section):
    """``contracts``, by dealer and first day."""

    name: ClassVar = "contracts"

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Each has a dealer and a day for a code."""
        return {f"{item['dealer']}@{item['from']}": item for item in document.get("contracts", [])}

    def read(self, program: Program) -> list[Item]:
        """Every contract in use."""
        return [
            {
                "dealer": row.dealer.code,
                "from": row.valid_from.isoformat(),
                "earn_value": plain(row.earn_value),
                "redeem_value": plain(row.redeem_value),
                "share": plain(row.share_percent),
            }
            for row in Contract.objects.filter(program=program, retired=False).select_related("dealer")
        ]

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """One statement."""
        columns = [self._columns(item, to) for item in items.values()]
        upsert(Contract, [Contract(**row) for row in columns], columns, ("dealer_id", "valid_from"))

    def _columns(self, item: Item, to: Writing) -> dict[str, Any]:
        return {
            "program_id": to.program.pk,
            "dealer_id": to.id(Dealer, item["dealer"]),
            "valid_from": date.fromisoformat(item["from"]),
            "earn_value": Decimal(item["earn_value"]),
            "redeem_value": Decimal(item["redeem_value"]),
            "share_percent": Decimal(item["share"]),
            "retired": False,
        }

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """The rows stay: settlements were made by them."""
        for code in codes:
            dealer, _, day = code.partition("@")
            rows = Contract.objects.filter(program=to.program, dealer__code=dealer, valid_from=day)
            rows.update(retired=True)
