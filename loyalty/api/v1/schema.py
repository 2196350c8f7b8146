"""JSON Schemas in few words, for the documents of the API.

Plain schemas and no serializers: documents are written and read without per-field machinery, so the description is
where a shape is said once. Amounts are decimal strings with exactly the currency's decimals, points whole numbers,
times RFC 3339 with offset.
"""

from collections.abc import Mapping
from typing import Any

type Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A component by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    """A text; keywords of JSON Schema may follow."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def words(*values: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(values)}


def null_or(schema: Schema) -> Schema:
    """A value that may be missing."""
    return {"anyOf": [schema, {"type": "null"}]}


def items(schema: Schema, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": schema, **more}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, **more: Any) -> Schema:
    """An object with these properties."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required), **more}


def page(schema: Schema) -> Schema:
    """A page of a list."""
    return record({"items": items(schema), "next": null_or(text("Cursor of the next page"))})


WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
AMOUNT = text("Decimal string with exactly the currency's decimals", pattern=r"^-?\d+(\.\d+)?$", examples=["120.50"])
ASKED_AMOUNT = text(
    "Decimal string with at most the currency's decimals", pattern=r"^(0|[1-9]\d*)(\.\d+)?$", examples=["120.50"]
)
CURRENCY = text("ISO 4217", pattern="^[A-Z]{3}$", examples=["SGD"])
MOMENT = text(format="date-time", examples=["2026-11-20T10:15:00+08:00"])
DAY = text(format="date", examples=["2027-11-30"])
NAME_OF_MEMBER = r"^(?!uuid:|erased:|(\.|\.\.|batch)$)[A-Za-z0-9_.:@-]{1,64}$"
EXTERNAL_ID = text("The caller's name of the member", pattern=NAME_OF_MEMBER, examples=["M-0001"])
MAYBE_TEXT, MAYBE_MOMENT, MAYBE_DAY = null_or(text()), null_or(MOMENT), null_or(DAY)
POINTS_OR_AMOUNT: Schema = {"anyOf": [WHOLE, AMOUNT]}
EVENT_NAME = record({"source": text(), "id": text()})
ORIGIN = {"campaign": text(), "version": WHOLE, "rule": text()}
