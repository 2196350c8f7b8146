"""Why events did or did not pay: trace lines with everything that a sentence about them needs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.models import CampaignVersion
from campaigns.rules.offers import REQUIRE_LEAF, required
from campaigns.selectors.traces import Plain, StoredLine, judged_leaf, stored_lines


@dataclass(frozen=True, slots=True)
class FailedLeaf:
    """The comparison that did not hold. ``negated``: it held and must not. ``others``: would have done in its place."""

    path: str
    fact: str
    op: str
    value: Any
    actual: Any
    negated: bool
    others: Sequence[Plain]


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One rule's answer to an event; ``reason`` is empty where it paid."""

    version: CampaignVersion
    rule: Plain
    reason: str
    failed: FailedLeaf | None
    desired: int | str | None
    granted: int | str | None


def explained_lines(event_ids: Collection[int]) -> dict[int, list[ExplainedLine]]:
    """The traces of events, each in the order of judgement; two queries whatever their number.

    Lines that paid are there for ever, the others ``TRACE_DAYS``.
    """
    if not event_ids:
        return {}
    stored = stored_lines(event_ids)
    ids = {line.version_id for lines in stored.values() for line in lines}
    versions = CampaignVersion.objects.select_related("campaign").in_bulk(ids)
    return {pk: [_line(line, versions[line.version_id]) for line in lines] for pk, lines in stored.items()}


def _line(line: StoredLine, version: CampaignVersion) -> ExplainedLine:
    rule = version.definition["rules"][line.rule]
    return ExplainedLine(
        version, rule, line.reason, _failed(line, version.definition, rule), line.desired, line.granted
    )


def _failed(line: StoredLine, definition: Plain, rule: Plain) -> FailedLeaf | None:
    """The first false leaf: of the audience, or of the rule's own condition."""
    if line.leaf is None:
        return None
    if line.leaf == REQUIRE_LEAF:
        return FailedLeaf(**required(definition), actual=line.actual, negated=False, others=())
    if (placed := judged_leaf(line, definition, rule)) is None:
        return None
    path, leaf, negated, others = placed
    return FailedLeaf(path, leaf["fact"], leaf["op"], leaf["value"], line.actual, negated, others)
