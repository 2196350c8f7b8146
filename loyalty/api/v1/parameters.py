"""Query parameters."""

import re
from datetime import date, datetime

from django.utils.translation import gettext as _
from rest_framework.request import Request

from core.refusals import FieldError, Invalid
from core.rules.moments import read_moment
from core.rules.texts import is_storable
from loyalty.api.refusals import Malformed

DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LOST_PLUS = re.compile(r" (\d\d:\d\d)$")  # "+" in a query means a space; most callers forget to write %2B


def read_moment_parameter(request: Request, name: str) -> datetime | None:
    """A moment, None if the parameter is not there."""
    text = request.query_params.get(name)
    if text is None:
        return None
    moment = read_moment(_LOST_PLUS.sub(r"+\1", text))
    if moment is None:
        raise Malformed(_("%(name)s is a time with offset, like 2026-11-20T10:15:00+08:00") % {"name": name})
    return moment


def read_day_parameter(request: Request, name: str) -> date | None:
    """A day, None if the parameter is not there."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else _no_day(name)
    except ValueError:
        return _no_day(name)


def _no_day(name: str) -> date:
    raise Malformed(_("%(name)s is a day, like 2026-11-20") % {"name": name})


def read_flag(request: Request, name: str) -> bool:
    """Whether a switch is on."""
    text = request.query_params.get(name, "0")
    if text not in {"0", "1", "true", "false"}:
        raise Malformed(_("%(name)s is 1 or 0") % {"name": name})
    return text in {"1", "true"}


def read_texts(request: Request, name: str) -> list[str]:
    """Everything that a parameter is given. Raises Invalid for what no text is like: nothing is dropped unseen."""
    texts = request.query_params.getlist(name)
    if not all(map(is_storable, texts)):
        raise Invalid(errors=[FieldError(f"/{name}", "invalid", _("the text holds a NUL or half a character"))])
    return texts


def read_word(request: Request, name: str) -> str | None:
    """A text, None if the parameter is not there."""
    texts = read_texts(request, name)
    return texts[-1] if texts else None


def read_text(request: Request, name: str, most: int = 200) -> str:
    """A required text."""
    text = read_word(request, name) or ""
    if not text:
        raise Invalid(errors=[FieldError(f"/{name}", "required", _("name %(name)s in the query") % {"name": name})])
    if len(text) > most:
        raise Malformed(_("%(name)s has at most %(most)s characters") % {"name": name, "most": most})
    return text
