"""What members may change about themselves; the rest is what the program knows of them."""

from django.utils.translation import gettext as _

from core.refusals import FieldError, Frozen, Invalid, unknown_fields
from members.rules.profiles import Profile
from members.rules.reading import FIELDS

READ = frozenset({"external_id", *FIELDS})
OWN = ("name", "nickname", "language", "birth_date", "consents")
PROVEN = ("name", "birth_date")  # stay as they are once the identity is verified


def check_own_changes(changes: object, profile: Profile) -> None:
    """Refuse a merge patch by the member herself that goes too far; raises Frozen, Invalid.

    Whoever is frozen can only give and withdraw consents, and take the nickname away. A birth date is given once, as it
    may be worth a present.
    """
    if not isinstance(changes, dict):
        return  # reading it will say what is wrong
    hiding = {"nickname"} if not changes.get("nickname") else set()
    if profile.status == "frozen" and changes.keys() - {"consents"} - hiding:
        raise Frozen(_("Your membership is frozen: nothing can be changed"))
    errors = [_error(key, changes[key], profile) for key in sorted(changes, key=str)]
    if any(errors):
        raise Invalid(errors=[error for error in errors if error])


def _error(key: str, value: object, profile: Profile) -> FieldError | None:
    pointer = f"/{str(key).replace('~', '~0').replace('/', '~1')}"
    if key not in READ:
        return unknown_fields([key])[0]
    if key not in OWN:
        return FieldError(pointer, "invalid", _("you cannot change this yourself"))
    fixed = profile.kyc == "verified" or (key == "birth_date" and profile.birth_date is not None)
    if key in PROVEN and fixed and value != _now(key, profile):
        return FieldError(pointer, "invalid", _("this is set already; ask the support to correct it"))
    return None


def _now(key: str, profile: Profile) -> str | None:
    if key == "birth_date":
        return profile.birth_date.isoformat() if profile.birth_date else None
    return profile.name or None
