"""Users by their addresses: found, made when an address is proven, and given what waits for them."""

from uuid import uuid4

from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from django.db import transaction

from core.models import User
from core.services import prepared
from loyalty.identity.addresses import Address
from members.selectors.memberships import sole_user
from members.services.memberships import link_memberships

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def find_user(address: Address) -> User | None:
    """Who signs in with an address. An e-mail address given by staff counts before it is proven, a number does not."""
    if address.phone:
        return User.objects.filter(phone=address.phone, phone_verified=True).first()
    found = filter_users_by_email(address.email, prefer_verified=True, for_login=True)
    return min(found, key=lambda user: user.pk, default=None)


@transaction.atomic
def prove(address: Address) -> User:
    """The user of an address that was just proven; made now if there is none."""
    with prepared.cursor() as cursor:
        cursor.execute(LOCK, [f"address {address.key}"])
    user = find_user(address) or same_person(address) or new_user(address)
    if address.email:
        keep_email(user, address.email)
    return user


def same_person(address: Address) -> User | None:
    """A member whom we know by another kind of address, and whose memberships all carry this one. Never staff."""
    given = {"emails": [address.email], "phones": []} if address.email else {"emails": [], "phones": [address.phone]}
    user = sole_user(**given)
    if user is None or user.is_staff:
        return None
    emails, phones = proven(user)
    return None if (emails if address.email else phones) else user


def keep_email(user: User, email: str) -> None:
    """Note a proven e-mail address; the first one is where mails go."""
    first = not EmailAddress.objects.filter(user=user, primary=True).exists()
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": first})
    if not user.email:
        user.email = email
        user.save(update_fields=["email"])


def new_user(address: Address) -> User:
    """Somebody who has nothing yet but a proven address. The user name is random: nobody types it."""
    user = User(username=uuid4().hex, email=address.email, phone=address.phone, phone_verified=bool(address.phone))
    user.set_unusable_password()
    user.save()
    return user


def proven(user: User) -> tuple[list[str], list[str]]:
    """The e-mail addresses and the phone numbers that the user has proven."""
    emails = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return [email.lower() for email in emails.values_list("email", flat=True)], [user.phone] * user.phone_verified


def claim_memberships(user: User) -> int:
    """Give the user the memberships that wait for a proven address; how many."""
    emails, phones = proven(user)
    return link_memberships(user=user, emails=emails, phones=phones)
