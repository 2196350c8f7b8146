-- Which lots a transfer takes from, gives back to, or fills.
--
-- Here and in the files that follow, joins other than by index are switched off for the functions: a batch touches few
-- rows of large tables, and a plan made for other sizes (plans are kept) would read them whole.

-- One leg of a transfer on an account with lots. Legs of one round touch different lots; rounds are worked in order.
CREATE TYPE ledger_leg AS (
  round int, transfer_id bigint, account_id bigint, incoming boolean, amount bigint,
  available_on date, expires_on date, funder_id bigint,  -- in: the lot to fill; out: the lot to take from first
  reverses_id bigint,
  good_until date,                                       -- a reversal's own expires_on
  happened_on date, spends boolean                       -- the journal's local day; whether its kind is `spend`
);

-- What is still open of the uses of a reversed transfer, cut to the reversal's amount, longest-lived lots first.
CREATE FUNCTION ledger_give_back(legs ledger_leg[], the_round int)
RETURNS TABLE (transfer_id bigint, lot_id bigint, account_id bigint, funder_id bigint, amount bigint, renew_until date)
LANGUAGE sql VOLATILE SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
  SELECT u.transfer_id, u.lot_id, u.account_id, u.funder_id, least(u.hi, u.amount) - u.lo, u.renew_until
    FROM (
      SELECT g.transfer_id, g.amount, l.id AS lot_id, l.account_id, l.funder_id,
             CASE WHEN g.good_until > l.expires_on THEN g.good_until END AS renew_until,
             (sum(o.open) OVER w - o.open)::bigint AS lo, (sum(o.open) OVER w)::bigint AS hi
        FROM unnest(legs) g
       CROSS JOIN LATERAL (
             SELECT x.lot_id, sum(x.amount) AS open FROM ledger_lotuse x
              WHERE x.transfer_id = g.reverses_id
                 OR x.transfer_id IN (SELECT r.id FROM ledger_transfer r WHERE r.reverses_id = g.reverses_id)
              GROUP BY x.lot_id HAVING sum(x.amount) > 0) o
        JOIN ledger_lot l ON l.id = o.lot_id AND l.account_id = g.account_id
       WHERE g.round = the_round AND g.incoming AND g.reverses_id IS NOT NULL
      WINDOW w AS (PARTITION BY g.transfer_id ORDER BY l.expires_on DESC NULLS FIRST, l.id DESC)) u
   WHERE u.lo < u.amount
$$;

CREATE FUNCTION ledger_refund_lots(legs ledger_leg[], the_round int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
  INSERT INTO ledger_lot AS lot (account_id, available_on, expires_on, funder_id, credited, remaining)
  SELECT g.account_id, NULL, g.renew_until, g.funder_id, sum(g.amount)::bigint, sum(g.amount)::bigint
    FROM ledger_give_back(legs, the_round) g WHERE g.renew_until IS NOT NULL
   GROUP BY 1, 3, 4 ORDER BY 1, 3, 4
  ON CONFLICT (account_id, available_on, expires_on, funder_id)
  DO UPDATE SET credited = lot.credited + excluded.credited, remaining = lot.remaining + excluded.remaining;

  WITH back AS (
    INSERT INTO ledger_lotuse (transfer_id, lot_id, amount, renewed_into_id)
    SELECT g.transfer_id, g.lot_id, -g.amount, l.id
      FROM ledger_give_back(legs, the_round) g
      LEFT JOIN ledger_lot l ON l.account_id = g.account_id AND l.available_on IS NULL
                            AND l.expires_on = g.renew_until AND l.funder_id = g.funder_id
    RETURNING lot_id, amount, renewed_into_id)
  UPDATE ledger_lot l SET remaining = l.remaining - b.amount
    FROM (SELECT lot_id, sum(amount)::bigint AS amount FROM back WHERE renewed_into_id IS NULL GROUP BY 1) b
   WHERE l.id = b.lot_id;
END $$;

CREATE FUNCTION ledger_fill_lots(legs ledger_leg[], the_round int) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
  INSERT INTO ledger_lot AS lot (account_id, available_on, expires_on, funder_id, credited, remaining)
  SELECT account_id, available_on, expires_on, funder_id, sum(amount)::bigint, sum(amount)::bigint
    FROM unnest(legs) WHERE round = the_round AND incoming AND reverses_id IS NULL
   GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (account_id, available_on, expires_on, funder_id)
  DO UPDATE SET credited = lot.credited + excluded.credited, remaining = lot.remaining + excluded.remaining;
$$;

-- Lots out, the named lot first, then first to expire first, lapsed ones last, and for spending not at all. Several takers of one account share its lots by
-- overlap of running totals; they never name a lot (such legs have a round of their own).
CREATE FUNCTION ledger_take_lots(legs ledger_leg[], the_round int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE needed bigint; found_ bigint;
BEGIN
  WITH need AS (
    SELECT account_id, min(expires_on) AS expires_on, min(available_on) AS available_on, min(funder_id) AS funder_id,
           min(happened_on) AS happened_on, bool_or(spends) AS spends,
           sum(amount) AS amount, array_agg(transfer_id ORDER BY transfer_id) AS takers,
           array_agg(hi - amount ORDER BY transfer_id) AS lows, array_agg(hi ORDER BY transfer_id) AS highs
      FROM (SELECT *, sum(amount) OVER (PARTITION BY account_id ORDER BY transfer_id) AS hi
              FROM unnest(legs) WHERE round = the_round AND NOT incoming) x
     GROUP BY account_id
  ), taken AS (
    INSERT INTO ledger_lotuse (transfer_id, lot_id, amount)
    SELECT t.id, h.id, (least(t.hi, h.hi) - greatest(t.lo, h.lo))::bigint
      FROM need n
     CROSS JOIN LATERAL (
           SELECT l.id, sum(l.remaining) OVER w - l.remaining AS lo, sum(l.remaining) OVER w AS hi
             FROM ledger_lot l WHERE l.account_id = n.account_id AND l.remaining > 0
              AND (NOT n.spends OR l.expires_on IS NULL OR l.expires_on >= n.happened_on)
           WINDOW w AS (ORDER BY (l.funder_id = n.funder_id AND l.expires_on IS NOT DISTINCT FROM n.expires_on
                                  AND coalesce(l.available_on = n.available_on, true)) DESC,
                                 coalesce(l.expires_on < n.happened_on, false),
                                 l.expires_on, l.available_on, l.id)) h
     CROSS JOIN LATERAL unnest(n.takers, n.lows, n.highs) AS t(id, lo, hi)
     WHERE h.lo < t.hi AND t.lo < h.hi
    RETURNING lot_id, amount
  ), used AS (
    UPDATE ledger_lot l SET remaining = l.remaining - u.amount
      FROM (SELECT lot_id, sum(amount)::bigint AS amount FROM taken GROUP BY 1) u WHERE l.id = u.lot_id
    RETURNING u.amount
  )
  SELECT (SELECT sum(amount) FROM need), (SELECT sum(amount) FROM used) INTO needed, found_;
  IF needed IS DISTINCT FROM found_ THEN
    RAISE EXCEPTION 'ledger: lots hold % of the % that leave', coalesce(found_, 0), needed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_cover_what_leaves';
  END IF;
END $$;

CREATE FUNCTION ledger_move_lots(legs ledger_leg[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE r int; most int;
BEGIN
  SELECT max(round) INTO most FROM unnest(legs);
  FOR r IN 1 .. coalesce(most, 0) LOOP
    PERFORM ledger_refund_lots(legs, r);
    PERFORM ledger_fill_lots(legs, r);
    PERFORM ledger_take_lots(legs, r);
  END LOOP;
END $$;
