"""Making, reading and using up the tokens that phones show as QR codes."""

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.models import TokenUse
from core.refusals import NotAvailable, NotFound
from core.rules.tokens import Token, read_token, seconds_left, step_of, token_mac
from core.services import prepared

PREVIOUS = 1  # steps before the present one in which a token may have been made
KEPT = timedelta(hours=1)
USE_UP = "INSERT INTO core_tokenuse (kind, name, step, used_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"


class Shown(NamedTuple):
    """What a phone shows as a QR code, and in how many seconds something else; None = it stays as it is."""

    text: str
    seconds_left: int | None


class Outdated(NotAvailable):
    """The token is more than a minute old, or of a clock that goes wrong."""

    title = _("This QR code is out of date: scan the one that is on the screen now")
    more = MappingProxyType({"because": "late"})


class Replayed(NotAvailable):
    """The token was used before."""

    title = _("This QR code was scanned before: scan the next one, in half a minute")
    more = MappingProxyType({"because": "replayed"})


def show_token(*, kind: str, program_id: int, name: UUID, at: datetime) -> Shown:
    """The token of a thing as of a moment, and in how many seconds the next one follows."""
    step = step_of(at)
    mac = token_mac(_key(settings.SECRET_KEY), kind=kind, program_id=program_id, name=name, step=step)
    return Shown(Token(kind, name, step, mac).text(), seconds_left(at))


def open_token(*, kind: str, program_id: int, text: str, at: datetime) -> Token:
    """A token that is real, of this kind and program, and not out of date; whether it was used up is not asked.

    Raises NotFound for what is forged, of another program or another kind, Outdated.
    """
    token = read_token(text.strip())
    if token is None or token.kind != kind or not _is_real(token, program_id):
        raise NotFound(_("There is no such code"))
    if not step_of(at) - PREVIOUS <= token.step <= step_of(at):
        raise Outdated
    return token


def is_used_up(token: Token) -> bool:
    """Whether somebody has acted on the token."""
    return TokenUse.objects.filter(kind=token.kind, name=token.name, step=token.step).exists()


def use_up(token: Token, *, at: datetime) -> None:
    """Let a token be good no more, in the transaction of what is done with it. Raises Replayed."""
    with prepared.cursor() as cursor:
        cursor.execute(USE_UP, [token.kind, token.name, token.step, at])
        if not cursor.rowcount:
            raise Replayed


def forget_uses(*, at: datetime) -> None:
    """Delete the uses of tokens that nobody could use any more anyway."""
    TokenUse.objects.filter(used_at__lt=at - KEPT).delete()


def _is_real(token: Token, program_id: int) -> bool:
    return any(
        hmac.compare_digest(
            token.mac, token_mac(_key(key), kind=token.kind, program_id=program_id, name=token.name, step=token.step)
        )
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"tokens that phones show:{secret}".encode()).digest()
