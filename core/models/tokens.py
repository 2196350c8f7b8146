"""Which tokens have been shown to somebody who acted on them."""

from typing import ClassVar

from django.db import models


class TokenUse(models.Model):
    """A token of a phone that was used up: its kind, its name, and its step of thirty seconds.

    Rows are needed for as long as the token would be good, a minute; they are deleted each night.
    """

    kind = models.CharField(max_length=1)
    name = models.UUIDField()
    step = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        """A token is good once."""

        constraints: ClassVar = [models.UniqueConstraint("kind", "name", "step", name="token_used_once")]

    def __str__(self) -> str:
        """Name it."""
        return f"{self.kind} {self.name} {self.step}"
