"""Addresses and numbers that people prove where they sign in, carried over to their memberships."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from core.models import User
from members.models import Member, MemberIdentity
from members.selectors.locking import locked


@transaction.atomic
def follow_proof(*, user: User, before: Collection[str], at: datetime, email: str = "", phone: str = "") -> None:
    """Let the user's memberships carry the address (lower case) or number (E.164) that the user just proved.

    ``before`` is what the user had proven until then. Where there was anything, and where a membership carried only
    others, the contact has changed; the first proof of what is known already is no change. Of several memberships in a
    program, as in families, those that carry another one than was proven keep it.
    """
    programs = dict(locked(Member.objects.filter(user=user)).values_list("pk", "program_id"))
    beside, field, new = Counter(programs.values()), "email" if email else "phone", email or phone
    identities = list(MemberIdentity.objects.filter(member__in=programs).order_by("pk"))
    for identity in identities:
        known = {identity.email.lower(), identity.phone} - {""}
        if before or (known and new not in known):
            identity.contact_changed_at = at
        if beside[programs[identity.pk]] == 1 or getattr(identity, field).lower() in {"", *before}:
            setattr(identity, field, new)
    MemberIdentity.objects.bulk_update(identities, [field, "contact_changed_at"])
    Member.objects.filter(pk__in=programs).update(updated_at=at)
