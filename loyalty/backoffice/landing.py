"""What somebody with these roles wants to see first."""

from typing import Any

from django.http import HttpRequest


def landing(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    return {}
