"""People who sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who signs in: staff, or a member with a portal account. A *member* takes part, a *user* signs in."""
