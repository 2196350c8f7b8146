"""How much a caller may still ask, in the headers of draft-ietf-httpapi-ratelimit-headers."""

from core.services.callers import Pace

DEFAULT_PACE = Pace(most=600, left=600, full_in=1)  # of callers that are not known


def pace_headers(pace: Pace, whose: str = "client") -> dict[str, str]:
    """``RateLimit-Policy``: so many requests a second; ``RateLimit``: how many are left, when all are there again."""
    return {
        "RateLimit-Policy": f'"{whose}";q={pace.most};w=1',
        "RateLimit": f'"{whose}";r={pace.left};t={pace.full_in}',
    }
