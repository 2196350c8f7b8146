"""Passwords and authenticator secrets of the demonstration: the same at every start, others on every machine."""

import base64
import hashlib
import hmac
import time

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for each other
LETTERS = 10


def password() -> str:
    """The password of all accounts of the demonstration."""
    return "demo-" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in _digest("password")[:LETTERS])


def totp_secret(username: str) -> str:
    """The secret that an authenticator app takes (Base32)."""
    return base64.b32encode(_digest(f"totp {username}")[:20]).decode()


def code(username: str) -> str:
    """What the app shows now."""
    return str(format_hotp_value(hotp_value(totp_secret(username), int(time.time()) // app_settings.TOTP_PERIOD)))


def _digest(what: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"demo {what}".encode(), hashlib.sha256)
