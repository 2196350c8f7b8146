"""Issuing vouchers and voiding them: the one place that writes it, whoever gives the reward."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.rules.arrays import array, columns
from core.services import prepared
from rewards.models.codes import digest, digests, encrypted, generated_code
from rewards.rules.prices import Value
from rewards.rules.supplying import Card
from rewards.selectors.stock import next_codes

# The columns of an issue, in the order of ``_row``.
ISSUE = "uuid, reward_id, member_id, issued_at, expires_on, event_id, place, entitlement_id, redemption_id, value, unit"
ISSUE_ARRAYS = """%s::uuid[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::date[], %s::bigint[], %s::int[],
        %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]"""
GENERATED = f"""
    INSERT INTO rewards_voucher (uuid, program_id, reward_id, member_id, state, issued_at, expires_on, event_id, place,
        entitlement_id, redemption_id, value_minor, left_minor, currency, cipher, pin_cipher,
        digest)
    SELECT uuid, %s, reward_id, member_id, 'ready', issued_at, expires_on, event_id, place, entitlement_id,
        redemption_id, value, value, unit, cipher, pin_cipher, digest
    FROM unnest({ISSUE_ARRAYS}, %s::bytea[], %s::bytea[], %s::bytea[])
        AS v({ISSUE}, cipher, pin_cipher, digest)
"""
# The oldest codes that nobody else is about to take and that have not lapsed, with what they say of their own end and
# value; each issue gets one, of its value where it has one, in their order. Too few: none is taken.
FROM_STOCK = f"""
    WITH wanted AS (
        SELECT *, row_number() OVER (PARTITION BY reward_id, unit, value ORDER BY place_) AS turn
        FROM unnest({ISSUE_ARRAYS}) WITH ORDINALITY AS v({ISSUE}, place_)
    ),
    picked AS MATERIALIZED (
        SELECT k.id, n.reward_id, n.unit, n.value
        FROM (SELECT reward_id, unit, value, count(*) AS most FROM wanted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) n
        CROSS JOIN LATERAL ({next_codes(waiting=False)}) k
    ),
    turns AS (
        SELECT *, row_number() OVER (PARTITION BY reward_id, unit, value ORDER BY id) AS turn FROM picked
        WHERE (SELECT count(*) FROM picked) = (SELECT count(*) FROM wanted)
    ),
    issued AS (
        UPDATE rewards_voucher s SET state = 'ready', uuid = w.uuid, member_id = w.member_id, issued_at = w.issued_at,
            expires_on = least(w.expires_on, s.expires_on), event_id = w.event_id, place = w.place,
            entitlement_id = w.entitlement_id, redemption_id = w.redemption_id,
            value_minor = coalesce(w.value, s.value_minor), left_minor = coalesce(w.value, s.value_minor),
            currency = CASE WHEN w.value IS NULL THEN s.currency ELSE w.unit END
        FROM turns t JOIN wanted w USING (reward_id, unit, turn)
        WHERE s.id = t.id AND t.value IS NOT DISTINCT FROM w.value RETURNING s.id
    )
    SELECT count(*) FROM issued
"""
HOLD = f"""
    SELECT n.reward_id
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS n(reward_id, most, value, unit)
    CROSS JOIN LATERAL ({next_codes(waiting=True)}) k
"""
# What is given stands until the transaction ends, as what is sold does: who changes its kind or stock waits, or was
# waited for here.
STANDS = """
    SELECT count(*) FROM (
        SELECT r.id FROM rewards_reward r JOIN unnest(%s::bigint[], %s::boolean[]) AS n(id, listed) ON n.id = r.id
        WHERE r.stock <> 'supplier' AND (r.stock = 'codes') = n.listed AND (n.listed OR r.kind <> 'cashback')
        ORDER BY r.id FOR KEY SHARE OF r
    ) standing
"""
KNOWN = "SELECT id FROM rewards_voucher WHERE program_id = %s AND digest = ANY(%s::bytea[]) LIMIT 1"
VOID = """
    WITH asked AS (SELECT unnest(%s::uuid[]) AS uuid), done AS (
        UPDATE rewards_voucher v SET state = 'void', voided_at = %s FROM asked WHERE v.uuid = asked.uuid
            AND v.state = 'ready' AND v.left_minor IS NOT DISTINCT FROM v.value_minor
        RETURNING v.uuid
    )
    SELECT uuid FROM done
     UNION ALL
    SELECT v.uuid FROM rewards_voucher v JOIN asked USING (uuid) WHERE v.state = 'void'
"""


class StockShort(Exception):
    """Fewer codes are in stock, or free, than were to be issued: others took them. No code was taken."""


class GivenBefore(Exception):
    """A code that was delivered is there under an older key. Nothing was issued."""


class RewardChanged(Exception):
    """A reward is of another kind or stock than whoever gives it believed. Nothing was issued."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A voucher for a member (held), under the name ``uuid``.

    ``event_id`` and ``place``, or ``entitlement_id``, or ``redemption_id``, say what gave it. One with stored value is
    worth ``value_minor`` of ``currency``. ``card`` is one that a supplier delivered.
    """

    uuid: UUID
    reward_id: int
    member_id: int
    issued_at: datetime
    expires_on: date | None
    from_stock: bool
    event_id: int | None = None
    place: int | None = None
    entitlement_id: int | None = None
    redemption_id: int | None = None
    value_minor: int | None = None
    currency: str = ""
    card: Card | None = None


def issue(*, program_id: int, issues: Sequence[Issue]) -> None:
    """Issue vouchers: new codes, those that were delivered, or the next ones in stock; three statements at most.

    Inside a transaction. What was redeemed stands already; of what is given it is seen to here. Whoever holds rewards
    to change them takes no stock, so that the order of the two makes no circle. Raises StockShort, RewardChanged or
    GivenBefore before anything else is issued.
    """
    generated = [one for one in issues if not one.from_stock]
    stocked = sorted((one for one in issues if one.from_stock), key=lambda one: one.reward_id)
    given = sorted({(one.reward_id, one.from_stock) for one in issues if one.redemption_id is None})
    with prepared.cursor() as cursor:
        if given:
            cursor.execute(STANDS, columns(given))
            if cursor.fetchone() != (len(given),):
                raise RewardChanged
        if stocked:
            cursor.execute(FROM_STOCK, columns(_row(one) for one in stocked))
            if cursor.fetchone() != (len(stocked),):
                raise StockShort
        if older := [one for issue in generated if issue.card for one in digests(issue.card.code)[1:]]:
            cursor.execute(KNOWN, [program_id, array(older)])
            if cursor.fetchone():
                raise GivenBefore
        if generated:
            rows = [(*_row(one), *_kept(one.card or Card(generated_code()))) for one in generated]
            cursor.execute(GENERATED, [program_id, *columns(rows)])


def _row(one: Issue) -> tuple[object, ...]:
    issued_at = one.issued_at.isoformat()
    source = (one.event_id, one.place, one.entitlement_id, one.redemption_id)
    worth = (one.value_minor, one.currency)
    return (one.uuid, one.reward_id, one.member_id, issued_at, one.expires_on, *source, *worth)


def _kept(card: Card) -> tuple[bytes, bytes | None, bytes]:
    return encrypted(card.code), encrypted(card.pin) if card.pin else None, digest(card.code)


def hold_stock(most: Mapping[int, int], *, value: Value | None = None) -> Counter[int]:
    """Hold so many of the next codes of each reward, waiting for whoever is about to take them; how many there are.

    ``value``: codes of that value alone.
    """
    with prepared.cursor() as cursor:
        cursor.execute(HOLD, columns((*one, *(value or (None, ""))) for one in sorted(most.items())))
        return Counter(reward_id for (reward_id,) in cursor.fetchall())


def void(uuids: Collection[UUID], *, at: datetime) -> set[UUID]:
    """Take vouchers of which nothing was used out of use, expired ones too. The members are held.

    Answers which of them are void now, those among them that were before.
    """
    with prepared.cursor() as cursor:
        cursor.execute(VOID, [array(list(uuids)), at])
        return {uuid for (uuid,) in cursor.fetchall()}
