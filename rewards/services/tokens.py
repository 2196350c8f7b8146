"""What a phone shows as the QR code of a voucher, and what an outlet has read from it."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Program
from core.refusals import NotFound
from core.rules.tokens import Token, read_token
from core.services.tokens import Shown, open_token, show_token
from rewards.models import Voucher
from rewards.models.categories import Stock
from rewards.models.codes import digests

KIND = "V"
MADE_HERE = frozenset({Stock.GENERATED, Stock.UNLIMITED})


@dataclass(frozen=True, slots=True)
class Presented:
    """The voucher that somebody shows at an outlet; ``token`` if a phone was scanned, else the code was typed."""

    voucher: Voucher
    token: Token | None


def voucher_token(voucher: Voucher, at: datetime) -> Shown:
    """What the QR code of a member's voucher says now, and in how many seconds something else.

    Codes made here hide behind a token of half a minute, good once. A partner's own codes are shown as they are, for
    the partner's tills know nothing of us; ``seconds_left`` is None then. ``voucher.reward`` is read.
    """
    if voucher.uuid is None or voucher.reward.stock not in MADE_HERE:
        return Shown(voucher.code, None)
    return show_token(kind=KIND, program_id=voucher.program_id, name=voucher.uuid, at=at)


def find_presented(*, program: Program, code: str, at: datetime) -> Presented | None:
    """The voucher of a program that a typed code or a scanned token stands for; None for what is unknown or forged.

    Raises Outdated. Whether the token was used up is not asked.
    """
    rows = Voucher.objects.filter(program=program, member__isnull=False).select_related("reward", "used_outlet__market")
    if read_token(code.strip()) is None:
        voucher = rows.filter(digest__in=digests(code)).first()
        return Presented(voucher, None) if voucher else None
    try:
        token = open_token(kind=KIND, program_id=program.pk, text=code, at=at)
    except NotFound:
        return None
    voucher = rows.filter(uuid=token.name).first()
    return Presented(voucher, token) if voucher else None
