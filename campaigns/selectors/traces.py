"""Traces as people read them: what was kept small is told again with the version's definition."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from campaigns.models import CampaignVersion, Outcome
from campaigns.rules.offers import REQUIRE_LEAF, required

NOT_IN_AUDIENCE = "not-in-audience"
type Plain = Mapping[str, Any]
type Placed = tuple[str, Plain, bool, Sequence[Plain]]


class StoredLine(NamedTuple):
    """A line as ``campaigns.rules.answers.stored_line`` writes it."""

    place: int
    version_id: int
    rule: int
    reason: str
    leaf: int | None
    actual: Any
    desired: int | str | None
    granted: int | str | None


def read_traces(event_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Traces of events, each in the order of judgement; two queries whatever their number.

    Lines that fired are there for ever, the others ``TRACE_DAYS``.
    """
    if not event_ids:
        return {}
    stored = stored_lines(event_ids)
    ids = {line.version_id for lines in stored.values() for line in lines}
    versions = CampaignVersion.objects.select_related("campaign").in_bulk(ids)
    return {pk: [_line(line, versions[line.version_id]) for line in lines] for pk, lines in stored.items()}


def stored_lines(event_ids: Collection[int]) -> dict[int, list[StoredLine]]:
    """What was kept of the traces of events, in the order of judgement; one query."""
    rows = Outcome.objects.filter(pk__in=event_ids).values_list("event_id", "fired", "event__trace__lines")
    kept = {pk: [StoredLine(*line) for line in [*fired, *(others or ())]] for pk, fired, others in rows}
    return {pk: sorted(kept.get(pk, ()), key=lambda line: line.place) for pk in event_ids}


def _line(line: StoredLine, version: CampaignVersion) -> dict[str, Any]:
    rule = version.definition["rules"][line.rule]
    return {
        "campaign": version.campaign.code,
        "version": version.number,
        "rule": rule["code"],
        "fired": not line.reason,
        "reason": line.reason or None,
        "failed": _failed(line, version.definition, rule),
        "desired": line.desired,
        "granted": line.granted,
    }


def _failed(line: StoredLine, definition: Plain, rule: Plain) -> dict[str, Any] | None:
    """The first false leaf: of the audience, or of the rule's own condition."""
    if line.leaf is None:
        return None
    if line.leaf == REQUIRE_LEAF:
        return {**required(definition), "actual": line.actual}
    if (placed := judged_leaf(line, definition, rule)) is None:
        return None
    path, leaf, _negated, _others = placed
    return {"path": path, "fact": leaf["fact"], "op": leaf["op"], "value": leaf["value"], "actual": line.actual}


def judged_leaf(line: StoredLine, definition: Plain, rule: Plain) -> Placed | None:
    """The leaf that a line names by its number; None where what was judged has no such condition."""
    if line.leaf is None:
        return None
    is_audience = line.reason == NOT_IN_AUDIENCE
    tree, root = (definition.get("audience"), "audience") if is_audience else (rule.get("when"), "when")
    return next(islice(placed_leaves(tree or {}, root), line.leaf, None), None)


def placed_leaves(
    tree: Plain, path: str = "", *, negated: bool = False, others: Sequence[Plain] = ()
) -> Iterator[Placed]:
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
