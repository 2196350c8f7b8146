-- The one posting rule. The table is the door: whatever inserts transfers, this decides and moves.
CREATE FUNCTION ledger_apply_transfers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  named bigint; locked bigint; books bigint; any_lots boolean; any_closed boolean;
  book ledger_book; reversing boolean; wrong boolean; spending boolean; mixed boolean; bad bigint; legs ledger_leg[];
BEGIN
  -- 1. Lock every touched account in the one global order; a statement of its own, so that later ones see what is committed.
  SELECT count(*), count(DISTINCT x.book_id), min(x.book_id), bool_or(x.lots), bool_or(x.closed)
    INTO locked, books, bad, any_lots, any_closed
    FROM (SELECT a.book_id, a.lots, a.closed FROM ledger_account a
           WHERE a.id IN (SELECT src_id FROM t UNION SELECT dst_id FROM t)
           ORDER BY a.shared, a.id FOR NO KEY UPDATE) x;
  SELECT count(*) INTO named FROM (SELECT src_id FROM t UNION SELECT dst_id FROM t) x;
  IF named = 0 THEN RETURN NULL; END IF;
  SELECT * INTO book FROM ledger_book WHERE id = bad;

  -- 2. Accounts exist, are open and of one book; journals are of that book, of this very transaction, on their right day.
  IF locked <> named OR books <> 1 OR any_closed THEN
    RAISE EXCEPTION 'ledger: a transfer names a missing, closed or foreign account'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'accounts_are_open_and_of_one_book';
  END IF;
  SELECT bool_or(t.reverses_id IS NOT NULL),
         bool_or(j.id IS NULL OR j.book_id <> book.id OR j.xid <> pg_current_xact_id()
                 OR j.effective_on <> greatest((j.occurred_at AT TIME ZONE book.timezone)::date, book.open_from)),
         bool_or(j.kind = 'spend')
    INTO reversing, wrong, spending
    FROM t LEFT JOIN ledger_journal j ON j.id = t.journal_id;
  IF wrong THEN
    RAISE EXCEPTION 'ledger: a transfer names a missing, foreign or sealed journal, or one of a wrong day'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'journals_are_open_and_of_one_book';
  ELSIF spending AND book.halted THEN
    RAISE EXCEPTION 'ledger: spending of book % is halted', book.code
      USING ERRCODE = 'check_violation', CONSTRAINT = 'book_is_not_halted';
  END IF;
  IF reversing THEN PERFORM ledger_check_reversals(array_agg(t.id)) FROM t WHERE t.reverses_id IS NOT NULL; END IF;

  -- 3. Balances: one UPDATE, net per account; the CHECK account_floor refuses an overdraft.
  WITH moved AS (
    UPDATE ledger_account a SET balance = a.balance + n.delta
      FROM (SELECT id, sum(delta)::bigint AS delta, min(delta) < 0 AND max(delta) > 0 AS mixed
              FROM (SELECT src_id AS id, -amount AS delta FROM t UNION ALL SELECT dst_id, amount FROM t) x
             GROUP BY id) n
     WHERE a.id = n.id RETURNING n.mixed AND a.floor IS NOT NULL AS mixed)
  SELECT bool_or(m.mixed) INTO mixed FROM moved m;
  -- Where value both came and went, no entry may have dipped below the floor on the way: as if posted one by one.
  IF mixed THEN
    SELECT x.id INTO bad FROM (
      SELECT id, sum(delta) OVER (PARTITION BY id ORDER BY entry) - sum(delta) OVER (PARTITION BY id) AS before_end
        FROM (SELECT id, entry, sum(delta) AS delta
                FROM (SELECT src_id AS id, -amount AS delta, min(t.id) OVER e AS entry FROM t WINDOW e AS (PARTITION BY journal_id)
                      UNION ALL
                      SELECT dst_id, amount, min(t.id) OVER e FROM t WINDOW e AS (PARTITION BY journal_id)) l
               GROUP BY id, entry) s) x
      JOIN ledger_account a ON a.id = x.id WHERE a.balance + x.before_end < a.floor LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'ledger: account % would fall below its floor', bad
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_floor', DETAIL = format('Failing row contains (%s)', bad);
    END IF;
  END IF;

  -- 4. Lots. Mostly they are only filled; else the legs of an account follow each other where their order matters.
  IF NOT any_lots THEN RETURN NULL; END IF;
  IF NOT reversing AND NOT EXISTS (SELECT FROM t JOIN ledger_account a ON a.id = t.src_id AND a.lots) THEN
    INSERT INTO ledger_lot AS lot (account_id, available_on, expires_on, funder_id, credited, remaining)
    SELECT t.dst_id, t.available_on, t.expires_on, t.funder_id, sum(t.amount)::bigint, sum(t.amount)::bigint
      FROM t JOIN ledger_account a ON a.id = t.dst_id AND a.lots
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (account_id, available_on, expires_on, funder_id)
    DO UPDATE SET credited = lot.credited + excluded.credited, remaining = lot.remaining + excluded.remaining;
    RETURN NULL;
  END IF;
  WITH dated AS (
    SELECT t.*, (j.occurred_at AT TIME ZONE book.timezone)::date AS happened_on, j.kind = 'spend' AS spends
      FROM t JOIN ledger_journal j ON j.id = t.journal_id
  ), leg AS (
    SELECT t.*, t.dst_id AS account_id, true AS incoming, t.reverses_id IS NULL AS plain,
           t.available_on AS lot_available, t.expires_on AS lot_expires, t.funder_id AS lot_funder
      FROM dated t JOIN ledger_account a ON a.id = t.dst_id AND a.lots
    UNION ALL
    SELECT t.*, t.src_id, false, t.reverses_id IS NULL AND t.funder_id = t.src_id,
           CASE WHEN o.id IS NULL THEN t.available_on ELSE o.available_on END,
           CASE WHEN o.id IS NULL THEN t.expires_on ELSE o.expires_on END, coalesce(o.funder_id, t.funder_id)
      FROM dated t JOIN ledger_account a ON a.id = t.src_id AND a.lots LEFT JOIN ledger_transfer o ON o.id = t.reverses_id
  ), judged AS (
    SELECT leg.*, (bool_and(incoming) OVER a OR NOT bool_or(incoming) OVER a) AND bool_and(plain) OVER a
                  AND min(happened_on) OVER a = max(happened_on) OVER a AND bool_and(spends) OVER a = bool_or(spends) OVER a
                  AS any_order,
           min(id) OVER (PARTITION BY journal_id) AS entry
      FROM leg WINDOW a AS (PARTITION BY account_id)
  ), placed AS (
    SELECT judged.*, row_number() OVER (PARTITION BY account_id ORDER BY entry, NOT incoming, id) AS place FROM judged
  )
  SELECT array_agg(ROW(CASE WHEN any_order THEN 1 ELSE place::int END, id, account_id, incoming, amount,
                       lot_available, lot_expires, lot_funder, reverses_id,
                       CASE WHEN reverses_id IS NOT NULL THEN expires_on END, happened_on, spends)::ledger_leg)
    INTO legs FROM placed;
  PERFORM ledger_move_lots(legs);
  RETURN NULL;
END $$;

-- Reversals pay back the original source, out of what it paid or another account of the same owner, never more than it was.
CREATE FUNCTION ledger_check_reversals(ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE bad bigint;
BEGIN
  SELECT r.id INTO bad
    FROM unnest(ids) i JOIN ledger_transfer r ON r.id = i
    LEFT JOIN ledger_transfer o ON o.id = r.reverses_id
    LEFT JOIN ledger_account paid ON paid.id = o.dst_id
    LEFT JOIN ledger_account payer ON payer.id = r.src_id
   WHERE o.id IS NULL OR o.id >= r.id OR o.reverses_id IS NOT NULL OR r.dst_id <> o.src_id
      OR NOT (r.src_id = o.dst_id OR coalesce(payer.owner = paid.owner, false)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger: reversal % must pay back the source of an original, from where it went', bad
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reversal_pays_back_its_original';
  END IF;
  SELECT o.id INTO bad
    FROM (SELECT DISTINCT r.reverses_id AS id FROM unnest(ids) i JOIN ledger_transfer r ON r.id = i) x
    JOIN ledger_transfer o ON o.id = x.id
   WHERE (SELECT sum(r.amount) FROM ledger_transfer r WHERE r.reverses_id = o.id) > o.amount LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger: transfer % would be reversed beyond its amount', bad
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reversals_within_original';
  END IF;
END $$;

CREATE TRIGGER apply_transfers AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS t
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_transfers();
