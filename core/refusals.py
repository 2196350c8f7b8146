"""Refusals: the one way in which the domain says no.

A service raises a :class:`Refusal` and has changed nothing. Each face maps it once: the API to a
problem document (RFC 9457), a page to a message. ``code`` is the name of the problem type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: where it is (JSON pointer), what kind of error, and a sentence that says what to do."""

    pointer: str
    code: str
    detail: Text


class Refusal(Exception):
    """A request that is understood and not carried out; nothing has changed."""

    code: ClassVar[str] = "refused"
    title: ClassVar[Text] = _("The request was refused")

    def __init__(self, detail: Text = "", *, errors: Sequence[FieldError] = ()) -> None:
        """Say why, in a sentence a person can act on; ``errors`` names the fields."""
        super().__init__(str(detail or self.title))
        self.detail = detail or self.title
        self.errors = tuple(errors)


class Invalid(Refusal):
    """One or more values are wrong; every one of them is named."""

    code = "validation"
    title = _("Some values are not valid")


class NotFound(Refusal):
    """There is no such object in the caller's scope."""

    code = "not-found"
    title = _("Not found")


class InsufficientPoints(Refusal):
    """The wallet holds less than the request needs."""

    code = "insufficient-points"
    title = _("Not enough points")


class DuplicateMember(Refusal):
    """Another member of the program has this external id."""

    code = "duplicate-member"
    title = _("There is such a member already")


class Changed(Refusal):
    """The object was changed since the caller read it."""

    code = "changed"
    title = _("It was changed in the meantime")


class Frozen(Refusal):
    """The member is frozen: nothing can be spent or changed."""

    code = "frozen"
    title = _("The membership is frozen")


class NotAvailable(Refusal):
    """What is asked for cannot be had at the moment."""

    code = "not-available"
    title = _("Not available")


class EventConflict(Refusal):
    """The event's source and id were used before, for other content."""

    code = "event-conflict"
    title = _("An event with this source and id, but other content, was taken in before")


class AlreadyReversed(Refusal):
    """More is to be taken back than is left of the event."""

    code = "already-reversed"
    title = _("The event is taken back already, or less of it is left")
