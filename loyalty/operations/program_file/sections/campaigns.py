"""Campaigns and their versions."""

from typing import Any, ClassVar, override

from django.db.models import Max, OuterRef, Prefetch, QuerySet, Subquery

from campaigns.models import Campaign, CampaignVersion
from core.models import Program
from loyalty.operations.program_file.sections.base import Coded, Item, Writing
from loyalty.operations.program_file.writing import with_shares


class CampaignsSection(Coded[Campaign]):
    """``campaigns``: texts and state have columns; what a campaign does is its newest version."""

    name: ClassVar = "campaigns"
    model = Campaign
    texts: ClassVar = ("name", "text", "terms")

    def rows(self, program: Program) -> QuerySet[Campaign]:
        """Each with the version that is in force, and no other."""
        newest = CampaignVersion.objects.order_by("campaign", "-number").distinct("campaign")
        return super().rows(program).prefetch_related(Prefetch("versions", newest))

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {"state": item.get("state", Campaign.State.DRAFT)}

    def item(self, row: Campaign) -> Item:
        """Entry; a file has no word for a draft in review."""
        state = Campaign.State.DRAFT.value if row.state == Campaign.State.IN_REVIEW else row.state
        definition: Item = next((version.definition for version in row.versions.all()), {})
        return with_shares({**definition, "state": state})

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """The rows, and a new version of each whose definition is another."""
        super().write(to, items)
        rows = Campaign.objects.filter(program=to.program, code__in=items)
        newest = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number")
        stored = rows.annotate(number=Max("versions__number"), definition=Subquery(newest.values("definition")[:1]))
        wanted = ((row, self._definition(items[row.code])) for row in stored)
        CampaignVersion.objects.bulk_create(
            CampaignVersion(program=to.program, campaign=row, number=(row.number or 0) + 1, definition=definition)
            for row, definition in wanted
            if row.definition != definition
        )

    def _definition(self, item: Item) -> Item:
        apart = {"code", "state", *self.texts}
        return {key: value for key, value in item.items() if key not in apart}
