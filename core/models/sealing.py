"""What is kept encrypted: AES-256-GCM under keys that are made of the installation's secrets.

``VOUCHER_KEY`` is the newest of them if there is one, then its fallbacks, then ``SECRET_KEY`` and those of that: what
was written under any of them is read. Each purpose has keys of its own.
"""

import hashlib
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12  # bytes, drawn anew for each content


def sealed(content: bytes, *, purpose: str, about: bytes = b"") -> bytes:
    """Content as it is stored: nonce and ciphertext under the newest key; opened with the same ``about`` alone."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(purpose, known_secrets()[0]).encrypt(nonce, content, about)


def opened(stored: bytes | memoryview, *, purpose: str, about: bytes = b"") -> bytes:
    """What was sealed. Raises ValueError: none of the keys opens it, or it was sealed about something else."""
    return _opened(stored, purpose, about)[1]


def resealed(stored: bytes | memoryview, *, purpose: str, about: bytes = b"") -> bytes | None:
    """The same content under the newest key; None: it is under that already. Raises ValueError as ``opened`` does."""
    place, content = _opened(stored, purpose, about)
    return sealed(content, purpose=purpose, about=about) if place else None


def _opened(stored: bytes | memoryview, purpose: str, about: bytes) -> tuple[int, bytes]:
    """Which of the keys opens it, and the content."""
    nonce, content = bytes(stored[:NONCE]), bytes(stored[NONCE:])
    for place, secret in enumerate(known_secrets()):
        try:
            return place, _cipher(purpose, secret).decrypt(nonce, content, about)
        except InvalidTag:
            continue
    msg = f"no key opens {purpose}: are VOUCHER_KEY, SECRET_KEY or their fallbacks those with which it was stored?"
    raise ValueError(msg)


def known_secrets() -> tuple[str, ...]:
    """The secrets that keys are made of, the newest first."""
    own = (settings.VOUCHER_KEY,) if settings.VOUCHER_KEY else ()
    return (*own, *settings.VOUCHER_KEY_FALLBACKS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def made_key(purpose: str, secret: str) -> bytes:
    """The key (32 bytes) of a purpose, of one secret."""
    return hashlib.sha256(f"{purpose}:{secret}".encode()).digest()


@cache
def _cipher(purpose: str, secret: str) -> AESGCM:
    return AESGCM(made_key(purpose, secret))
