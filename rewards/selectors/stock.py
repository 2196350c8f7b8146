"""Which codes of rewards are the next ones, and how many are left."""

# Codes may have a last good day of their own. None is issued that has lapsed where the member is: no market's day is
# more than one ahead of that of UTC. A code lapses by itself, so this is by the database's clock.
GOOD = "(s.expires_on IS NULL OR s.expires_on > (now() AT TIME ZONE 'UTC')::date)"
# The next codes of ``n``, ``n.most`` of them: where a value is asked for, codes of exactly that one. Where none is,
# any, but of a reward that has values none, for nobody said which.
NEXT = f"""
    SELECT a.id FROM (
        SELECT s.id FROM rewards_voucher s WHERE n.value IS NULL AND s.reward_id = n.reward_id AND s.state = 'stock'
            AND {GOOD} AND NOT EXISTS (
                SELECT FROM rewards_reward w WHERE w.id = n.reward_id AND w.denominations <> '[]'
            )
        ORDER BY s.id LIMIT n.most FOR NO KEY UPDATE {{lock}}
    ) a
    UNION ALL
    SELECT b.id FROM (
        SELECT s.id FROM rewards_voucher s WHERE s.reward_id = n.reward_id AND s.state = 'stock' AND {GOOD}
            AND s.value_minor = n.value AND s.currency = n.unit
        ORDER BY s.id LIMIT n.most FOR NO KEY UPDATE {{lock}}
    ) b
"""
# By reward (ids), of at most so many.
LEFT = """
    SELECT n.reward_id, (SELECT count(*) FROM (
        SELECT 1 FROM rewards_voucher s WHERE s.reward_id = n.reward_id AND s.state = 'stock' AND {good}
        ORDER BY s.id LIMIT n.most {lock}
    ) k)
    FROM unnest(%s::bigint[], %s::bigint[]) AS n(reward_id, most)
"""


def next_codes(*, waiting: bool) -> str:
    """The next codes of ``n``, held; what others hold is waited for, or passed over."""
    return NEXT.format(lock="" if waiting else "SKIP LOCKED")


def stock_left(*, held: bool) -> str:
    """The question, for rewards and the most that is asked for; ``held``: what this transaction holds, or nobody."""
    return LEFT.format(good=GOOD, lock="FOR NO KEY UPDATE SKIP LOCKED" if held else "")
