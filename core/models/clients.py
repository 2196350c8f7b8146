"""Machines that call the API: which program they belong to, and the answers they may ask for again."""

from typing import ClassVar

from allauth.idp.oidc.models import Client
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from core.models.programs import Program


class ApiClient(models.Model):
    """Binds an OAuth client to the one program whose data it may see."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="api_client")
    program = models.ForeignKey(Program, models.CASCADE, related_name="api_clients")
    name = models.CharField(max_length=100)
    requests_per_second = models.PositiveIntegerField(default=600)

    def __str__(self) -> str:
        """Name the client."""
        return self.name


class IdempotentAnswer(models.Model):
    """The answer to a request with an ``Idempotency-Key``, kept for seven days.

    ``content`` is encrypted (``core.models.sealing``), as answers hold codes of vouchers and personal data: the sha256
    of what was asked, then the body. ``about``: external ids of the members whom it names or concerns.
    """

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    status = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    headers = models.JSONField(default=dict)
    about = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        """A key is used once a caller; erasing a member finds what is about it."""

        constraints: ClassVar = [models.UniqueConstraint("caller", "key", name="idempotency_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="idempotent_answer_age"),
            GinIndex(fields=["about"], name="idempotent_answer_about"),
        ]


class RequestPace(models.Model):
    """How fast a client asks: the moment at which its allowance will be full again (see ``core.services.callers``).

    The table is unlogged: it costs no write to disk, and a crash only forgives what was used up.
    """

    api_client_id = models.BigIntegerField(primary_key=True)
    full_at = models.DateTimeField()


class UserPace(models.Model):
    """How fast a person who is signed in asks the API; as ``RequestPace``."""

    user_id = models.BigIntegerField(primary_key=True)
    full_at = models.DateTimeField()
