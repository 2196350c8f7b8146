"""Pages of lists: an opaque cursor says where the next page begins, at the same cost at any depth."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from rest_framework.request import Request

from loyalty.api.refusals import Malformed

DEFAULT_LIMIT = 50
MOST = 200
type Position = int | list[object]  # where a page ended, as JSON


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asks for: so many items of a list, beginning after a position (None = from the start).

    ``name`` says which list it is: no other list takes its cursors.
    """

    name: str
    limit: int
    after: Position | None

    def document(self, items: Sequence[dict[str, object]], following: Position | None) -> dict[str, object]:
        """The page as JSON; ``following`` is where it ended, None if there is no more."""
        cursor = None if following is None else _signer(self.name).sign_object(following)
        return {"items": list(items), "next": cursor}

    def of(self, items: Sequence[dict[str, object]]) -> dict[str, object]:
        """The page of a short list that is at hand as a whole."""
        first = self.after if isinstance(self.after, int) else 0
        last = first + self.limit
        return self.document(items[first:last], last if last < len(items) else None)


def read_page(request: Request, name: str) -> Page:
    """``limit`` and ``cursor`` of a request."""
    cursor = request.query_params.get("cursor")
    return Page(name, _limit(request.query_params.get("limit")), None if cursor is None else _position(name, cursor))


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise Malformed(_("%(name)s is a number from 1 to %(most)s") % {"name": "limit", "most": MOST})
    return int(text)


def _signer(name: str) -> Signer:
    return Signer(salt=f"cursor:{name}", sep=".")


def _position(name: str, cursor: str) -> Position:
    try:
        position: Position = _signer(name).unsign_object(cursor)
    except (BadSignature, ValueError):
        raise Malformed(_("This cursor is unknown here; begin without one")) from None
    return position
