"""The second factor: what authenticator apps show, and how secrets are kept."""

import base64
import hashlib
import re

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

PURPOSE = b"second factors"


class MfaAdapter(DefaultMFAAdapter):
    """Secrets are encrypted with a key made from ``SECRET_KEY``; staff do not go back to a password alone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right."),
        "cannot_delete_authenticator": _("Staff sign in with a second factor: it cannot be switched off."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def get_totp_issuer(self) -> str:
        """What the app calls us: the host that people type."""
        return f"Loyalty ({self._get_site_name()})"

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an SVG element that the style sheet may size; black on white in both themes."""
        drawn = super().build_totp_svg(url)
        found = {name: re.search(rf' {name}="([^"]+)"', drawn) for name in ("viewBox", "d")}
        box, path = (match[1] if match else "" for match in found.values())
        return format_html(
            '<svg class="qr" viewBox="{}" role="img" aria-label="{}">'
            '<path fill="#fff" d="M0,0h999v999h-999z"/><path fill="#000" d="{}"/></svg>',
            box,
            _("QR code"),
            path,
        )

    def encrypt(self, text: str) -> str:
        """For the database."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """From the database; after a change of key, ``SECRET_KEY_FALLBACKS`` still read."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Members may; staff may not."""
        return not authenticator.user.is_staff


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str | bytes) -> bytes:
    secret = key.encode() if isinstance(key, str) else key
    return hashlib.blake2b(PURPOSE, key=hashlib.sha512(secret).digest(), digest_size=32).digest()
