"""Why somebody of the staff did something: one line, kept whole or refused, wherever it is asked for."""

from django.utils.translation import gettext as _

from core.refusals import FieldError, Invalid

LONGEST_REASON = 500  # characters, as the models keep


def reason_of(text: str, pointer: str = "/reason") -> str:
    """A reason as it is kept. Raises: Invalid if it is empty, too long, or more than a line of signs that are seen."""
    said = text.strip()
    if said and len(said) <= LONGEST_REASON and said.isprintable():
        return said
    detail = _("Say why, in one line of at most %(most)s characters.") % {"most": LONGEST_REASON}
    raise Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])
