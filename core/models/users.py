"""People who sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in: staff, or a member with a portal account. A *member* takes part, a *user* signs in.

    ``phone`` is E.164; only a proven number signs in, and only one user may have it proven. A member's portal account
    has no use for ``username``, which is random then.
    """

    phone = models.CharField(max_length=20, default="", blank=True)
    phone_verified = models.BooleanField(default=False)

    class Meta(AbstractUser.Meta):
        """A number names one user once it is proven."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["phone"], name="user_phone_proven_once", condition=models.Q(phone_verified=True)
            )
        ]
