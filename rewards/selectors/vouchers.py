"""Vouchers as members and those who serve them see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from core.models import Program
from core.selectors.rows import columns, row_of, width
from core.services import prepared
from dealers.models import Outlet
from members.models import Member
from members.rules.facts import local_date
from rewards.models import Redemption, Reward, Voucher
from rewards.models.codes import digests
from rewards.rules.vouchers import shown_state

READY, USED, EXPIRED, VOID = "ready", "used", "expired", "void"
READY_ONES = f"""
    SELECT {columns(Voucher, "v")}, {columns(Reward, "w")}
      FROM rewards_voucher v JOIN rewards_reward w ON w.id = v.reward_id
     WHERE v.member_id = %s AND v.state = 'ready' AND (v.expires_on IS NULL OR v.expires_on >= %s)
     ORDER BY v.expires_on ASC NULLS LAST, v.id LIMIT %s OFFSET %s
"""


@dataclass(frozen=True, slots=True)
class HeldVoucher:
    """A voucher with its code; ``state`` is ready, used, expired or void, as of a day of the member's market.

    ``pin`` is what a partner gave with the code, mostly empty.
    """

    row: Voucher
    code: str
    pin: str
    reward: Reward
    state: str

    @property
    def expires_on(self) -> date | None:
        """The last good day."""
        return self.row.expires_on

    @property
    def value(self) -> tuple[int, int, str] | None:
        """What it was worth and what is left of that, in minor units of a currency; None = it is no stored value."""
        row = self.row
        if row.value_minor is None or row.left_minor is None:
            return None
        return row.value_minor, row.left_minor, row.currency

    @property
    def used_at(self) -> datetime | None:
        """When it was used."""
        return self.row.used_at

    @property
    def outlet(self) -> Outlet | None:
        """Where it was used."""
        return self.row.used_outlet


def vouchers_page(*, member: Member, at: datetime, limit: int, before: int | None = None) -> list[HeldVoucher]:
    """A member's vouchers, the latest issued first, beginning before an id; one query."""
    rows = _vouchers(member).order_by("-pk")
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return _held(rows[:limit], _today(member, at))


def ready_vouchers(*, member: Member, at: datetime, limit: int, skip: int = 0) -> list[HeldVoucher]:
    """Those that can be used, the first to expire first, without the first ``skip``; one query."""
    today, of_voucher = _today(member, at), width(Voucher)
    with prepared.cursor() as cursor:
        cursor.execute(READY_ONES, [member.pk, today, limit, skip])
        rows = [(row_of(Voucher, row[:of_voucher]), row_of(Reward, row[of_voucher:])) for row in cursor.fetchall()]
    for voucher, reward in rows:
        voucher.member, voucher.reward = member, reward
    return _held([voucher for voucher, _ in rows], today)


def past_vouchers(*, member: Member, at: datetime, limit: int, state: str, skip: int = 0) -> list[HeldVoucher]:
    """Those that were used, or have expired, the latest first, without the first ``skip``; one query.

    Void ones are nothing to a member.
    """
    today = _today(member, at)
    gone = Q(state=Voucher.State.USED) if state == USED else Q(state=Voucher.State.READY, expires_on__lt=today)
    return _held(_vouchers(member).filter(gone).order_by("-pk")[skip : skip + limit], today)


def vouchers_of(redemptions: Sequence[Redemption], *, at: datetime) -> list[HeldVoucher]:
    """The vouchers of redemptions (with reward, member and market), in the order of issue; one query."""
    known = {one.pk: one for one in redemptions}
    held = []
    for row in Voucher.objects.filter(redemption__in=known).select_related("used_outlet").order_by("pk"):
        redemption = known[row.redemption_id or 0]
        row.reward = redemption.reward
        held += _held([row], _today(redemption.member, at))
    return held


def held_voucher(*, member: Member, uuid: UUID, at: datetime) -> HeldVoucher | None:
    """One of a member's own vouchers; None: there is none of that name."""
    return next(iter(_held(_vouchers(member).filter(uuid=uuid), _today(member, at))), None)


def find_voucher(*, program: Program, code: str) -> Voucher | None:
    """The voucher of a program with a code, however it was typed."""
    return Voucher.objects.filter(program=program, digest__in=digests(code), member__isnull=False).first()


def voucher_ids(*, programs: Iterable[Program], code: str) -> list[int]:
    """Ids of issued vouchers of programs with a whole code, however it was typed; one query."""
    rows = Voucher.objects.filter(program__in=list(programs), digest__in=digests(code), member__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _vouchers(member: Member) -> QuerySet[Voucher]:
    return Voucher.objects.filter(member=member).select_related("reward", "used_outlet")


def _held(rows: Iterable[Voucher], today: date) -> list[HeldVoucher]:
    return [
        HeldVoucher(row, row.code, row.pin, row.reward, shown_state(row.state, row.expires_on, today)) for row in rows
    ]


def _today(member: Member, at: datetime) -> date:
    return local_date(at, ZoneInfo(member.market.timezone))
