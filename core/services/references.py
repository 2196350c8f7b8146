"""Callers' references that stay used when the member whom they may name is erased: a keyed hash stands for each."""

import hmac

from core.models import sealing

PURPOSE = "references that were used"


def marks(client: str, reference: str) -> list[bytes]:
    """What may stand for a client's reference: its keyed hash (sha256) under every known secret, the newest first."""
    named = f"{client}\0{reference}".encode()
    return [hmac.digest(sealing.made_key(PURPOSE, secret), named, "sha256") for secret in sealing.known_secrets()]
