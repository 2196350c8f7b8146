"""API clients: machines of partners that call the API for one program."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from allauth.idp.oidc.models import Client
from django.db import transaction

from core.models import ApiClient, Program
from core.refusals import FieldError, Invalid
from core.rules.scopes import SCOPES


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client identifies itself with; the secret is shown once and kept as a hash."""

    client_id: str
    client_secret: str


@transaction.atomic
def create_client(
    *, program: Program, name: str, scopes: Collection[str], requests_per_second: int = 600
) -> Credentials:
    """Create a client of a program. A token request that names no scope gets all of these. Raises Invalid."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        known = f"known scopes are {' '.join(SCOPES)}"
        raise Invalid(errors=[FieldError("/scopes", "unknown", f"{scope}: {known}") for scope in unknown or ["none"]])
    granted = [scope for scope in SCOPES if scope in scopes]
    client, secret = Client(name=name), secrets.token_urlsafe(32)
    client.set_secret(secret)
    client.set_scopes(granted)
    client.set_default_scopes(granted)
    client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    client.set_response_types([])
    client.save()
    ApiClient.objects.create(client=client, program=program, name=name, requests_per_second=requests_per_second)
    return Credentials(client.pk, secret)
