"""What browsers are told about every answer: which sources a page may use, and which powers it does without."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.csp import CSP

OFFICE = "/office/"

# Everything comes from here, nothing stands in the page itself, and nobody may put us into a frame.
POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# Unfold's components are Alpine: expressions in attributes, styles set by scripts. Scripts still come from here alone.
OFFICE_POLICY: dict[str, list[str]] = {
    **POLICY,
    "script-src": [CSP.SELF, CSP.NONCE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
}
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), browsing-topics=()"


class SafeHeaders:
    """Middleware, below Django's own for content security: the office's exception, and the powers of pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Say it on every answer."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path_info.startswith(OFFICE) and not hasattr(response, "_csp_config"):
            response._csp_config = OFFICE_POLICY  # type: ignore[attr-defined]  # noqa: SLF001  # as csp_override does
        return response
