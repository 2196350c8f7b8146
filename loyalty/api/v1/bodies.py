"""Reading bodies: strict JSON, bounded in size and depth."""

import json
import math
from collections.abc import Collection
from typing import NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid, unknown_fields
from loyalty.api.refusals import Malformed, TooLarge, UnsupportedMediaType

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
CLOUD_EVENT = "application/cloudevents+json"
CLOUD_EVENTS = "application/cloudevents-batch+json"
MOST_ITEMS = 5000
DEEPEST = 32


def read_bytes(request: HttpRequest) -> bytes:
    """The body as it came."""
    try:
        return request.body
    except RequestDataTooBig:
        raise TooLarge(_("At most 10 MB a request")) from None
    except (RawPostDataException, OSError):
        raise Malformed(_("The body broke off")) from None


def read_json(request: HttpRequest, media_types: Collection[str] = (JSON,)) -> object:
    """The JSON document of a body; raises UnsupportedMediaType, TooLarge, Malformed."""
    media_type, _semicolon, parameters = request.headers.get("Content-Type", "").partition(";")
    if media_type.strip().lower() not in media_types:
        raise UnsupportedMediaType(_("Send one of: %(types)s") % {"types": ", ".join(media_types)})
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise UnsupportedMediaType(_("Send UTF-8"))
    return parse(read_bytes(request))


def read_nothing(request: HttpRequest) -> None:
    """See that a call that takes no body has none, or an empty object; what it would not do is refused."""
    if not read_bytes(request).strip():
        return
    document = read_json(request)
    if not isinstance(document, dict):
        raise Invalid(errors=[FieldError("", "invalid", _("Send a JSON object."))])
    if document:
        raise Invalid(errors=unknown_fields(document))


def parse(body: bytes) -> object:
    """A JSON document; NaN, numbers nobody can hold, a key said twice and too deep nesting are refused."""
    try:
        document = json.loads(
            body.decode(), parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_said_once
        )
    except (ValueError, RecursionError) as wrong:
        raise Malformed(_("The body is no JSON: %(why)s") % {"why": str(wrong)[:200]}) from None
    if _deeper_than(document, DEEPEST):
        raise Malformed(_("The body is nested deeper than %(levels)s levels") % {"levels": DEEPEST})
    return document


def _no_number(name: str) -> NoReturn:
    msg = f"{name} is no number"
    raise ValueError(msg)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _said_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; which of two values is meant under one key, nobody can know."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _value in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    raise Malformed(_("An object has the key %(name)s twice") % {"name": json.dumps(twice[:100])})


def _deeper_than(document: object, levels: int) -> bool:
    layer = [document]
    for _level in range(levels):
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not layer:
            return False
    return True


def items(document: object, key: str) -> tuple[list[object], str]:
    """The items of a list, or of an object that has it under ``key``, and the pointer to the list."""
    found, prefix = (document[key], f"/{key}") if isinstance(document, dict) and key in document else (document, "")
    if not isinstance(found, list):
        wanted = _("send a list, or an object with a list named %(key)s") % {"key": key}
        raise Invalid(errors=[FieldError("", "invalid", wanted)])
    if len(found) > MOST_ITEMS:
        raise TooLarge(_("At most %(most)s items a request") % {"most": f"{MOST_ITEMS:,}"})
    return found, prefix


def named(body: object, key: str) -> list[str]:
    """The member whom a body names there, whatever becomes of it; nobody where it names none."""
    name = body.get(key) if isinstance(body, dict) else None
    return [name] if isinstance(name, str) else []
