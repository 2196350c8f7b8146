"""How codes of vouchers are kept: encrypted to be shown again, and as a keyed hash to be found."""

import hmac
import secrets

from core.models import sealing
from rewards.rules.codes import new_code, normal

KEPT, FOUND = "voucher codes kept with", "voucher codes found by"  # purposes of keys


def generated_code() -> str:
    """A new code out of the system's source of randomness."""
    return new_code(secrets.randbelow)


def encrypted(code: str) -> bytes:
    """A code as it is stored: nonce and AES-256-GCM under the newest master key."""
    return sealed(code.encode())


def decrypted(stored: bytes | memoryview) -> str:
    """The code; after a change of ``SECRET_KEY`` its fallbacks still read."""
    return opened(stored).decode()


def sealed(content: bytes) -> bytes:
    """Anything that holds codes, as it is stored."""
    return sealing.sealed(content, purpose=KEPT)


def opened(stored: bytes | memoryview) -> bytes:
    """What was sealed."""
    return sealing.opened(stored, purpose=KEPT)


def digest(code: str) -> bytes:
    """The keyed hash (HMAC-SHA256) under which a code is stored."""
    return digests(code)[0]


def digests(code: str) -> list[bytes]:
    """Every hash under which a code may be found, that of the newest key first."""
    wanted = normal(code).encode()
    return [hmac.digest(sealing.made_key(FOUND, secret), wanted, "sha256") for secret in sealing.known_secrets()]
