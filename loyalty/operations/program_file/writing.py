"""Canonical documents as YAML: the same content is always the same text."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

WIDTH = 140
SHORT = 110  # what may stand in one line
OTHER_PARSERS_WORDS = {"y", "n", "yes", "no", "on", "off"}  # text in YAML 1.2, true or false in YAML 1.1


def write(document: dict[str, Any]) -> str:
    """The text of a program file."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(_node(_all_with_shares(document), top=True), out)
    return out.getvalue()


def _all_with_shares(document: dict[str, Any]) -> dict[str, Any]:
    campaigns = [with_shares(campaign) for campaign in document.get("campaigns", [])]
    return {key: campaigns if key == "campaigns" else value for key, value in document.items()}


def with_shares(campaign: dict[str, Any]) -> dict[str, Any]:
    """A campaign as a file has it: shares of its fund are a mapping in the order of the pairs."""
    fund = campaign.get("fund")
    return {**campaign, "fund": dict(fund)} if isinstance(fund, list) else campaign


def _node(value: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(value, dict):
        mapping = CommentedMap((key, _node(inner)) for key, inner in value.items())
        if not top and _length(value) <= SHORT and not _holds_single_keys(value):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_node(inner) for inner in value)
        if not any(isinstance(inner, dict) for inner in value) and _length(value) <= SHORT:
            sequence.fa.set_flow_style()
        return sequence
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> Any:  # noqa: ANN401 - the writer's own kinds of text
    """Several paragraphs as they are, line by line; else in quotes if need be."""
    if "\n\n" in text and all(line.isprintable() for line in text.split("\n")):
        return LiteralScalarString(text)
    return DoubleQuotedScalarString(text) if _needs_quotes(text) else text


def _needs_quotes(text: str) -> bool:
    """Numbers, dates, words of other parsers; and characters that plain text would lose or hide."""
    return not text[:1].isalpha() or text.lower() in OTHER_PARSERS_WORDS or not text.isprintable()


def _holds_single_keys(value: Any) -> bool:  # noqa: ANN401
    """Has a list such as effects inside, which in one line would lose the braces of its mappings."""
    if isinstance(value, dict):
        return any(map(_holds_single_keys, value.values()))
    return isinstance(value, list) and any(
        isinstance(inner, dict) and (len(inner) == 1 or _holds_single_keys(inner)) for inner in value
    )


def _length(value: Any) -> int:  # noqa: ANN401
    """About how long a value is in one line."""
    if isinstance(value, dict):
        return sum(len(key) + 4 + _length(inner) for key, inner in value.items()) + 2
    if isinstance(value, list):
        return sum(_length(inner) + 2 for inner in value) + 2
    return len(str(value))
