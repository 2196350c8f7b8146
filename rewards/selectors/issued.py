"""What somebody has of rewards already, or what waits in stock, which keeps what they are."""

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef

from rewards.models import Redemption, Reward, Voucher


def bound_rewards(*, program_id: int, wanted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Kind and stock, as they are, of the rewards (by code) that must not become what is wanted of them.

    ``wanted``: kind and stock of each. A reward is bound once it was redeemed or a voucher of it issued: what is in
    members' hands is shown, proved and used by what the reward is. At most two queries, however many there are.
    """
    rows = Reward.objects.filter(program=program_id, code__in=list(wanted)).values_list("pk", "code", "kind", "stock")
    other = {pk: (code, kind, stock) for pk, code, kind, stock in rows if (kind, stock) != wanted[code]}
    return {code: (kind, stock) for code, kind, stock in map(other.__getitem__, bound_ids(other))}


def bound_ids(reward_ids: Collection[int]) -> set[int]:
    """Those of the rewards that somebody has already; one query."""
    issued = Voucher.objects.filter(reward=OuterRef("pk")).exclude(state=Voucher.State.STOCK)
    redeemed = Redemption.objects.filter(reward=OuterRef("pk"))
    if not reward_ids:
        return set()
    rows = Reward.objects.filter(Exists(issued) | Exists(redeemed), pk__in=list(reward_ids))
    return set(rows.values_list("pk", flat=True))


def valued_ids(reward_ids: Collection[int]) -> set[int]:
    """Those of the rewards that must keep denominations; one query, none for none.

    Codes in stock have values: at one price whoever redeems would get any of them.
    """
    if not reward_ids:
        return set()
    rows = Voucher.objects.filter(reward__in=list(reward_ids), state=Voucher.State.STOCK, value_minor__isnull=False)
    return set(rows.order_by().values_list("reward", flat=True).distinct())


def valued_rewards(*, program_id: int, without: Collection[str]) -> set[str]:
    """Those of the rewards (codes) that would be ``without`` denominations and must keep some; two queries at most."""
    rows = Reward.objects.filter(program=program_id, code__in=list(without)).exclude(denominations=[])
    found = dict(rows.values_list("pk", "code")) if without else {}
    return {found[pk] for pk in valued_ids(found)}
