"""Making accounts for staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from core.models import Program, Region, User
from dealers.models import Dealer, Outlet, StaffRole


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a program, for all of it or one region, dealer or outlet."""

    program: Program
    role: str
    region: Region | None = None
    dealer: Dealer | None = None
    outlet: Outlet | None = None


@transaction.atomic
def make_staff(
    *,
    username: str,
    email: str,
    password: str,
    name: str = "",
    totp_secret: str = "",
    roles: Iterable[Post] = (),
    superuser: bool = False,
) -> User:
    """Make an account for staff, or bring it to this state. Without ``totp_secret`` an app is set up at first sign-in.

    ``totp_secret`` is Base32, as authenticator apps take it. An e-mail address counts as proven: staff gave it.
    """
    user, _new = User.objects.get_or_create(username=username)
    user.email, user.is_staff, user.is_superuser = email.lower(), True, superuser
    user.first_name, _space, user.last_name = name.partition(" ")
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    if email:
        EmailAddress.objects.update_or_create(
            user=user, email=email.lower(), defaults={"verified": True, "primary": True}
        )
    if totp_secret:
        _give_second_factor(user, totp_secret)
    for post in roles:
        StaffRole.objects.get_or_create(
            user=user,
            program=post.program,
            role=post.role,
            region=post.region,
            dealer=post.dealer,
            outlet=post.outlet,
        )
    return user


def _give_second_factor(user: User, secret: str) -> None:
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)


def recovery_codes(user: User) -> list[str]:
    """The recovery codes that are not used yet."""
    held = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return list(held.wrap().get_unused_codes()) if held else []
