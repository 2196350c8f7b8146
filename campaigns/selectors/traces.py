"""Traces as people read them: what was kept small is told again with the version's definition."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from campaigns.models import CampaignVersion, Outcome

NOT_IN_AUDIENCE = "not-in-audience"


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


def _failed(line: StoredLine, definition: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first false leaf: of the audience, or of the rule's own condition."""
    if line.leaf is None:
        return None
    audience = line.reason == NOT_IN_AUDIENCE
    tree, root = (definition["audience"], "audience") if audience else (rule["when"], "when")
    path, leaf = list(_leaves(tree, root))[line.leaf]
    return {"path": path, "fact": leaf["fact"], "op": leaf["op"], "value": leaf["value"], "actual": line.actual}


def _leaves(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Leaves in file order, each with its place."""
    for key in ("all", "any"):
        for number, part in enumerate(tree.get(key, ())):
            yield from _leaves(part, f"{path}.{key}[{number}]")
    if "not" in tree:
        yield from _leaves(tree["not"], f"{path}.not")
    if "fact" in tree:
        yield path, tree
