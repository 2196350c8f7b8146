"""The rules by which events were decided, revision by revision, and the same with campaigns that are tried out."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from campaigns.models import CampaignVersion
from campaigns.rules.asking import facts_asked, types_asked
from campaigns.rules.definitions import CampaignRules, Goal
from campaigns.rules.state import Program
from campaigns.selectors.replays import in_force
from campaigns.services.compiled import by_type, compile_version, program_compiler
from campaigns.services.configuration import Configuration
from campaigns.services.goals import number_goals


@dataclass(frozen=True, slots=True)
class Phase:
    """What was in force for a while. ``goals`` by number."""

    program: Program
    goals: Mapping[int, Goal]


@dataclass(slots=True)
class Phases:
    """Phases by revision. ``drafts`` take the place of campaigns with their codes, which ``gone`` names."""

    configuration: Configuration
    drafts: Sequence[CampaignRules] = ()
    gone: Collection[str] = ()
    revisions: list[int] = field(default_factory=list)
    versions: list[list[tuple[int, bool]]] = field(default_factory=list)
    compiled: dict[int, CampaignRules] = field(default_factory=dict)
    unknown: dict[tuple[int, str, str], int] = field(default_factory=dict)
    known: dict[tuple[int, bool], Phase] = field(default_factory=dict)

    def read(self) -> None:
        """Read what was in force when."""
        for revision, versions in in_force(self.configuration.row):
            self.revisions.append(revision)
            self.versions.append(versions)
        self._live([version for versions in self.versions for version in versions])
        self.drafts = number_goals(self.drafts, self.unknown)

    def phase(self, revision: int, *, drafted: bool) -> Phase:
        """What was in force at a revision; before anything was written down, the first that was."""
        place = max(bisect_right(self.revisions, revision) - 1, 0)
        if (place, drafted) not in self.known:
            self.known[place, drafted] = self._phase(place, drafted=drafted)
        return self.known[place, drafted]

    def _phase(self, place: int, *, drafted: bool) -> Phase:
        live = self._live(self.versions[place] if self.versions else [])
        if drafted:
            live = [*(campaign for campaign in live if campaign.code not in self.gone), *self.drafts]
        goals = {rule.goal.goal_id: rule.goal for campaign in live for rule in campaign.rules if rule.goal}
        asked = types_asked(facts_asked(live))
        return Phase(replace(self.configuration.program, rules=by_type(live), asked=asked), goals)

    def _live(self, versions: Sequence[tuple[int, bool]]) -> list[CampaignRules]:
        missing = {pk for pk, _ in versions} - self.compiled.keys()
        if missing:
            compiler = program_compiler(self.configuration.row, self.configuration.catalogue)
            rows = CampaignVersion.objects.filter(pk__in=missing).select_related("campaign__program")
            found = number_goals([compile_version(compiler, row) for row in rows], self.unknown)
            self.compiled |= {campaign.version_id: campaign for campaign in found}
        return [replace(self.compiled[pk], running=running) for pk, running in versions if pk in self.compiled]
