"""Names for what a form does, so that it is done once: whatever is tapped twice, sent again or answered to nobody.

A name is kept in the session until what was done under it has been seen. Whoever lost the answer and opens the form
again sends the same name.
"""

from uuid import UUID, uuid4

from django.http import HttpRequest

KEY = "done-once"
MOST = 20


def name_for(request: HttpRequest, what: str) -> tuple[str, bool]:
    """The name under which something is to be done, and whether it was given out before."""
    names: dict[str, str] = request.session.get(KEY, {})
    if known := names.get(what):
        return known, True
    name = str(uuid4())
    request.session[KEY] = dict([*names.items(), (what, name)][-MOST:])
    return name, False


def forget_name(request: HttpRequest, name: str) -> None:
    """What was done under a name has been seen: the next time is another time."""
    names: dict[str, str] = request.session.get(KEY, {})
    if name in names.values():
        request.session[KEY] = {what: one for what, one in names.items() if one != name}


def is_name(text: str) -> bool:
    """Whether a text has the form of a name."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
