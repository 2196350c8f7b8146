"""What follows when allauth changed somebody's means of signing in."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from core.models import User
from loyalty.identity.devices import note_device
from loyalty.identity.people import claim_memberships, proven
from members.services.contacts import follow_proof


@receiver(authenticator_added)
def count_as_used(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Who set up an authenticator app typed a code of it: this session has shown its second factor."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(email_confirmed)
def claim_for_new_address(request: HttpRequest, email_address: EmailAddress, **_kwargs: Any) -> None:
    """Memberships of who has proven it carry it from now on; those that were waiting for it are theirs too.

    What it replaces is still there: allauth removes that next.
    """
    user, email = email_address.user, email_address.email.lower()
    emails, phones = proven(user)
    before = {*emails, *phones} - {email}
    follow_proof(user=user, before=before, email=email, at=timezone.now())
    if claim_memberships(user):
        note_device(request, user)
