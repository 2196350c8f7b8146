"""What is known of members and events, tiers, badges and segments."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from django.db.models import QuerySet
from django.utils.translation import override as override_language

from campaigns.models import Badge
from core.models import Program
from loyalty.display.fact_words import TYPE_NAMES
from loyalty.operations.program_file.planning import Changes
from loyalty.operations.program_file.sections.base import Coded, Item, Writing, text_columns, upsert
from loyalty.operations.program_file.values import LANGUAGES
from members.models import Attribute, EventType, Segment, Tier
from members.rules.catalogue import DERIVED_EVENT_TYPES, FactType


class AttributesSection(Coded[Attribute]):
    """``attributes.member``."""

    name: ClassVar = "attributes"
    model = Attribute
    texts: ClassVar = ()

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Those of members."""
        return {item["code"]: item for item in document.get("attributes", {}).get("member", [])}

    def read(self, program: Program) -> Any:  # noqa: ANN401
        """By what they belong to."""
        return {"member": items} if (items := super().read(program)) else {}

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"type": item["type"], "choices": item.get("choices", [])}

    def item(self, row: Attribute) -> Item:
        """Entry."""
        return {"type": row.type, "choices": row.choices or None}


class EventTypesSection(Coded[EventType]):
    """``event_types``: those of the file, and those of the platform, which stand in no file."""

    name: ClassVar = "event_types"
    model = EventType

    @override
    def rows(self, program: Program) -> QuerySet[EventType]:
        """Those of the file."""
        return super().rows(program).exclude(code__in=DERIVED_EVENT_TYPES)

    @override
    def apply(self, to: Writing, changes: Changes) -> None:
        """The platform's own types come with the first file, and with the first after there are more of them."""
        super().apply(to, changes)
        own = EventType.objects.filter(program=to.program, code__in=DERIVED_EVENT_TYPES)
        if own.count() < len(DERIVED_EVENT_TYPES):
            rows = [_derived_columns(code, data) for code, data in DERIVED_EVENT_TYPES.items()]
            upsert(EventType, [EventType(program=to.program, **row) for row in rows], rows, ("program", "code"))

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {
            "amount": item["amount"],
            "qualifying": item.get("qualifying", False),
            "data": item.get("data", []),
        }

    def item(self, row: EventType) -> Item:
        """Entry."""
        return {"amount": row.amount, "qualifying": row.qualifying, "data": row.data}


def _derived_columns(code: str, data: Mapping[str, FactType]) -> Item:
    """The row of a type of the platform; its name is translated like the pages."""
    names = {}
    for language in LANGUAGES:
        with override_language(language):
            names[language] = str(TYPE_NAMES[code])
    declared = [
        {"code": name, "type": str(fact.kind)} | ({"choices": sorted(fact.choices)} if fact.choices else {})
        for name, fact in data.items()
    ]
    columns = {"code": code, "amount": EventType.Amount.NONE, "qualifying": False, "data": declared, "retired": False}
    return columns | text_columns("name", names)


class TiersSection(Coded[Tier]):
    """``tiers.ladder``; the rank is the place on it."""

    name: ClassVar = "tiers"
    model = Tier

    def entries(self, document: Mapping[str, Any]) -> dict[str, Item]:
        """Each with its rank, so that a new order is a change."""
        ladder = document.get("tiers", {}).get("ladder", [])
        return {tier["code"]: {**tier, "rank": rank} for rank, tier in enumerate(ladder, 1)}

    def read(self, program: Program) -> list[Item]:
        """The ladder from below."""
        return [self.whole(row, program) for row in self.rows(program).order_by("rank")]

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """Ranks that change places are free first."""
        self.retire(to, list(items))
        super().write(to, items)

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"rank": item["rank"], "requires": item["requires"], "benefits": item.get("benefits", [])}

    def item(self, row: Tier) -> Item:
        """Entry."""
        return {"requires": row.requires, "benefits": row.benefits}


class BadgesSection(Coded[Badge]):
    """``badges``."""

    name: ClassVar = "badges"
    model = Badge

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"icon": item.get("icon", "")}

    def item(self, row: Badge) -> Item:
        """Entry."""
        return {"icon": row.icon or None}


class SegmentsSection(Coded[Segment]):
    """``segments``."""

    name: ClassVar = "segments"
    model = Segment

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        kind = Segment.Kind.CONDITION if "where" in item else Segment.Kind.LIST
        return {"kind": kind, "where": item.get("where")}

    def item(self, row: Segment) -> Item:
        """Entry."""
        return {"where": row.where} if row.kind == Segment.Kind.CONDITION else {"kind": "list"}
