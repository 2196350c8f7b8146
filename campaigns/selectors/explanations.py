"""Why events did or did not pay: trace lines with everything that a sentence about them needs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.models import CampaignVersion
from campaigns.selectors.traces import NOT_IN_AUDIENCE, StoredLine, stored_lines

type Plain = Mapping[str, Any]


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
    audience = line.reason == NOT_IN_AUDIENCE
    tree, root = (definition["audience"], "audience") if audience else (rule["when"], "when")
    path, leaf, negated, others = list(placed_leaves(tree, root))[line.leaf]
    return FailedLeaf(path, leaf["fact"], leaf["op"], leaf["value"], line.actual, negated, others)


def placed_leaves(
    tree: Plain, path: str = "", *, negated: bool = False, others: Sequence[Plain] = ()
) -> Iterator[tuple[str, Plain, bool, Sequence[Plain]]]:
    """Leaves in file order: place, leaf, whether it must not hold, and the parts of the innermost ``any`` around it."""
    dot = f"{path}." if path else ""
    for key in ("all", "any"):
        for number, part in enumerate(tree.get(key, ())):
            around = tree[key] if key == "any" else others
            yield from placed_leaves(part, f"{dot}{key}[{number}]", negated=negated, others=around)
    if "not" in tree:
        yield from placed_leaves(tree["not"], f"{dot}not", negated=not negated, others=others)
    if "fact" in tree:
        yield path, tree, negated, others
