"""Redemptions with their vouchers, as members and those who serve them see them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import NotFound
from members.models import Member
from rewards.models import Redemption
from rewards.rules.journal_keys import redemption_of
from rewards.selectors.vouchers import HeldVoucher, vouchers_of


@dataclass(frozen=True, slots=True)
class ShownRedemption:
    """A redemption (with reward and member) and its vouchers."""

    row: Redemption
    vouchers: Sequence[HeldVoucher]


def find_redemption(*, program: Program, name: str) -> Redemption:
    """The redemption with this uuid; raises NotFound."""
    try:
        uuid = UUID(name)
    except ValueError:
        uuid = None
    row = _rows().filter(program=program, uuid=uuid).first() if uuid else None
    if row is None:
        raise NotFound(_("There is no such redemption"))
    row.program = program
    return row


def redemptions_page(*, member: Member, limit: int, before: int | None = None) -> list[Redemption]:
    """A member's redemptions, the latest first, beginning before an id; one query."""
    rows = _rows().filter(member=member).order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def with_vouchers(rows: Sequence[Redemption], *, at: datetime) -> list[ShownRedemption]:
    """Redemptions with their vouchers, in the order in which those were issued; one query."""
    found: defaultdict[int, list[HeldVoucher]] = defaultdict(list)
    for one in vouchers_of(rows, at=at):
        found[one.row.redemption_id or 0].append(one)
    return [ShownRedemption(row, found[row.pk]) for row in rows]


def redemptions_by_key(keys: Collection[str]) -> dict[str, Redemption]:
    """Redemptions by the keys of the journals that they posted; one query, none where no key is one of theirs."""
    named = {key: UUID(name) for key in keys if (name := redemption_of(key))}
    rows = {row.uuid: row for row in _rows().filter(uuid__in=named.values())} if named else {}
    return {key: rows[uuid] for key, uuid in named.items() if uuid in rows}


def _rows() -> QuerySet[Redemption]:
    return Redemption.objects.select_related("reward", "member__market")
