"""What follows when allauth changed somebody's means of signing in."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from core.models import User
from loyalty.identity.people import claim_memberships


@receiver(authenticator_added)
def count_as_used(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Who set up an authenticator app typed a code of it: this session has shown its second factor."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(email_confirmed)
def claim_for_new_address(email_address: EmailAddress, **_kwargs: Any) -> None:
    """Memberships that were waiting for this address belong to who has proven it."""
    claim_memberships(email_address.user)
