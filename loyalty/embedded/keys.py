"""The key that signs identity tokens: from the environment, or made once and kept in ``var/``."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from loyalty.embedded.places import kept_text

BITS = 2048


def signing_key() -> str:
    """An RSA private key in PEM, kept in ``var/signing-key.pem``."""
    return kept_text("signing-key.pem", _make)


def _make() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
