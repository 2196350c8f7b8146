"""Tokens that a phone shows as a QR code: good for a moment, good once.

A token says what it stands for (``kind``), its name, the step of thirty seconds in which it was made, and a MAC over
all of it (the manner of RFC 6238). Its 58 signs are of the alphanumeric set of QR codes, so that the picture is small.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

STEP = 30  # seconds
SEPARATOR = "."
NAME, STEPS, MAC = 16, 5, 14  # bytes
LENGTH = 2 + (NAME + STEPS + MAC) * 8 // 5


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says; ``mac`` is believed by nobody before it was compared."""

    kind: str
    name: UUID
    step: int
    mac: bytes

    def text(self) -> str:
        """As it is shown."""
        content = self.name.bytes + self.step.to_bytes(STEPS) + self.mac
        return f"{self.kind}{SEPARATOR}{b32encode(content).decode()}"


def token_mac(key: bytes, *, kind: str, program_id: int, name: UUID, step: int) -> bytes:
    """The MAC of a token of a program (HMAC-SHA256, 112 bits of it)."""
    content = f"{kind}:{program_id}:{name.hex}:{step}"
    return hmac.digest(key, content.encode(), "sha256")[:MAC]


def read_token(text: str) -> Token | None:
    """What a text says, if it has the form of a token."""
    kind, separator, rest = text[:1], text[1:2], text[2:]
    if len(text) != LENGTH or separator != SEPARATOR or not text.isascii():
        return None
    try:
        content = b32decode(rest.upper())
    except Error:
        return None
    step = int.from_bytes(content[NAME : NAME + STEPS])
    return Token(kind.upper(), UUID(bytes=content[:NAME]), step, content[NAME + STEPS :])


def step_of(at: datetime) -> int:
    """The number of the step that a moment is in."""
    return int(at.timestamp()) // STEP


def seconds_left(at: datetime) -> int:
    """Whole seconds, 1 to 30, until the next step begins."""
    return STEP - int(at.timestamp()) % STEP
