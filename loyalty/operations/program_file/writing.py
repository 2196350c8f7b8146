"""Canonical documents as YAML: the same content is always the same text."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

WIDTH = 140
SHORT = 110  # what may stand in one line


def write(document: dict[str, Any]) -> str:
    """The text of a program file."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(_node(_with_shares(document), top=True), out)
    return out.getvalue()


def _with_shares(document: dict[str, Any]) -> dict[str, Any]:
    """Shares of a fund are pairs inside, and a mapping in a file."""
    campaigns = [
        {**campaign, "fund": dict(campaign["fund"])} if isinstance(campaign.get("fund"), list) else campaign
        for campaign in document.get("campaigns", [])
    ]
    return {key: campaigns if key == "campaigns" else value for key, value in document.items()}


def _node(value: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(value, dict):
        mapping = CommentedMap((key, _node(inner)) for key, inner in value.items())
        if not top and _length(value) <= SHORT and not any(map(_of_single_keys, value.values())):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_node(inner) for inner in value)
        if not any(isinstance(inner, dict) for inner in value) and _length(value) <= SHORT:
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, str) and not value[:1].isalpha():
        return DoubleQuotedScalarString(value)
    return value


def _of_single_keys(value: Any) -> bool:  # noqa: ANN401
    """A list such as effects, which in one line would lose the braces of its mappings."""
    return isinstance(value, list) and any(isinstance(inner, dict) and len(inner) == 1 for inner in value)


def _length(value: Any) -> int:  # noqa: ANN401
    """About how long a value is in one line."""
    if isinstance(value, dict):
        return sum(len(key) + 4 + _length(inner) for key, inner in value.items()) + 2
    if isinstance(value, list):
        return sum(_length(inner) + 2 for inner in value) + 2
    return len(str(value))
