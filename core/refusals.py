"""Refusals: the one way in which the domain says no.

A service raises a :class:`Refusal` and has changed nothing. Each face maps it once: the API to a
problem document (RFC 9457), a page to a message. ``code`` is the name of the problem type.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.rules.complaints import Complaint

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: where it is (JSON pointer), what kind of error, and a sentence that says what to do."""

    pointer: str
    code: str
    detail: Text


def told(complaint: Complaint) -> Text:
    """What a rule complains of, in the language of whoever reads it."""
    return _filled(complaint.template, complaint.values)


def unknown_fields(names: Iterable[object]) -> list[FieldError]:
    """That these keys of a body mean nothing, in their order; pointers are written as RFC 6901 has it."""
    written = [str(name).replace("~", "~0").replace("/", "~1") for name in sorted(names, key=str)]
    return [FieldError(f"/{name}", "unknown", _("leave this out")) for name in written]


def _fill(template: str, values: Mapping[str, object]) -> str:
    return gettext(template) % values


_filled = lazy(_fill, str)


class Refusal(Exception):
    """A request that is understood and not carried out; nothing has changed."""

    code: ClassVar[str] = "refused"
    title: ClassVar[Text] = _("The request was refused")
    more: Mapping[str, object] = MappingProxyType({})  # what a machine may want to know besides, as JSON

    def __init__(self, detail: Text = "", *, errors: Sequence[FieldError] = (), about: object = None) -> None:
        """Say why, in a sentence a person can act on; ``errors`` names the fields.

        ``about`` is what the domain knows of it, for a face that says it in its own words.
        """
        super().__init__(str(detail or self.title))
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.about = about


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


class OutOfStock(Refusal):
    """Fewer pieces are left than are asked for."""

    code = "out-of-stock"
    title = _("Out of stock")


class TierRequired(Refusal):
    """It is for members of other tiers."""

    code = "tier-required"
    title = _("For members of another tier")


class LimitReached(Refusal):
    """The member has had as many as anybody may."""

    code = "limit-reached"
    title = _("No more for this member now")


class VoucherUsed(Refusal):
    """The voucher was used, in part or whole."""

    code = "voucher-used"
    title = _("The voucher was used")


class VoucherExpired(Refusal):
    """The last good day of the voucher is over."""

    code = "voucher-expired"
    title = _("The voucher has expired")


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


class NotEligible(Refusal):
    """The member is outside of what is asked for: another market, not in the audience."""

    code = "not-eligible"
    title = _("Not for this member")


class ReferenceUsed(Refusal):
    """The caller's reference belongs to something else that was asked before."""

    code = "reference-used"
    title = _("The reference was used for something else")


class EventConflict(Refusal):
    """The event's source and id were used before, for other content."""

    code = "event-conflict"
    title = _("An event with this source and id, but other content, was taken in before")


class AlreadyReversed(Refusal):
    """More is to be taken back than is left of the event."""

    code = "already-reversed"
    title = _("The event is taken back already, or less of it is left")


class RateLimited(Refusal):
    """Somebody asks more often than agreed; ``retry_after`` in whole seconds."""

    code = "rate-limited"
    title = _("Too many requests")

    def __init__(self, detail: Text = "", *, retry_after: int = 1) -> None:
        """Say after how many seconds to come back."""
        super().__init__(detail)
        self.retry_after = retry_after
