-- The exactly-once door: N entries in one call. Entry n of the arrays key … event owns the movements whose "entry_no" is n.
-- rule_no n means the n-th of rule_names, 0 none: elements of an array of texts are found by counting, of numbers at once.
-- status: posted | replayed | mismatch | refused; journal_id 0 = none.
CREATE FUNCTION ledger_post(
  the_book bigint, keys text[], fingerprints bytea[], kinds text[], occurred timestamptz[],
  members bigint[], versions bigint[], rule_names text[], rule_no int[], events bigint[],
  entry_no int[], src bigint[], dst bigint[], amounts bigint[],
  expires date[], available date[], funders bigint[], reversed bigint[],
  OUT journal_ids bigint[], OUT statuses text[])
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE first_id bigint; fresh bigint[];
BEGIN
  -- Sorted: calls that share keys cannot deadlock.
  WITH j AS (
    INSERT INTO ledger_journal (book_id, key, fingerprint, kind, occurred_at, effective_on)
    SELECT DISTINCT ON (u.k) b.id, u.k, u.f, u.kind, u.at, greatest((u.at AT TIME ZONE b.timezone)::date, b.open_from)
      FROM unnest(keys, fingerprints, kinds, occurred) WITH ORDINALITY AS u(k, f, kind, at, n)
      JOIN ledger_book b ON b.id = the_book ORDER BY u.k, u.n
    ON CONFLICT (book_id, key) DO NOTHING RETURNING id)
  SELECT min(id) INTO first_id FROM j;

  -- Written by this very call and its first with that key = posted. (LIMIT keeps every lookup on the key's index.)
  SELECT array_agg(x.id ORDER BY x.n), array_agg(x.status ORDER BY x.n),
         array_agg(CASE WHEN x.status = 'posted' THEN x.id ELSE 0 END ORDER BY x.n)
    INTO journal_ids, statuses, fresh
    FROM (SELECT u.n, j.id,
                 CASE WHEN j.xid = pg_current_xact_id() AND j.id >= first_id
                           AND row_number() OVER (PARTITION BY u.k ORDER BY u.n) = 1 THEN 'posted'
                      WHEN j.fingerprint <> u.f THEN 'mismatch' ELSE 'replayed' END AS status
            FROM unnest(keys, fingerprints) WITH ORDINALITY AS u(k, f, n)
           CROSS JOIN LATERAL (SELECT * FROM ledger_journal WHERE book_id = the_book AND key = u.k LIMIT 1) j) x;
  IF first_id IS NULL THEN RETURN; END IF;

  INSERT INTO ledger_transfer (journal_id, src_id, dst_id, amount, expires_on, available_on, funder_id, reverses_id,
                               member_id, campaign_version_id, rule, event_id)
  SELECT fresh[m.e], m.s, m.d, m.a, m.x, m.v, coalesce(m.f, m.s), m.r,
         members[m.e], versions[m.e], rule_names[rule_no[m.e]], events[m.e]
    FROM unnest(entry_no, src, dst, amounts, expires, available, funders, reversed)
         WITH ORDINALITY AS m(e, s, d, a, x, v, f, r, n)
   WHERE fresh[m.e] <> 0 ORDER BY m.n;
END $$;

-- The same, but an entry that cannot be paid (or reverses too much) is refused and the others stand: the call is halved
-- until exactly those entries are left out that would be refused if each were posted alone, in this order.
CREATE FUNCTION ledger_post_each(
  the_book bigint, keys text[], fingerprints bytea[], kinds text[], occurred timestamptz[],
  members bigint[], versions bigint[], rule_names text[], rule_no int[], events bigint[],
  entry_no int[], src bigint[], dst bigint[], amounts bigint[],
  expires date[], available date[], funders bigint[], reversed bigint[],
  OUT journal_ids bigint[], OUT statuses text[])
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE n int := cardinality(keys); half int := n / 2; cut int; broken text; rest_ids bigint[]; rest_statuses text[];
BEGIN
  BEGIN
    SELECT p.journal_ids, p.statuses INTO journal_ids, statuses
      FROM ledger_post(the_book, keys, fingerprints, kinds, occurred, members, versions, rule_names, rule_no, events,
                       entry_no, src, dst, amounts, expires, available, funders, reversed) p;
    RETURN;
  EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken NOT IN ('account_floor', 'reversals_within_original') THEN RAISE; END IF;
  END;
  IF n = 1 THEN
    journal_ids := ARRAY[0]; statuses := ARRAY['refused'];
    RETURN;
  END IF;
  -- All locks at once, in the global order, before the halves take them one after the other.
  PERFORM a.id FROM ledger_account a WHERE a.id = ANY (src || dst) ORDER BY a.shared, a.id FOR NO KEY UPDATE;
  SELECT count(*) INTO cut FROM unnest(entry_no) e WHERE e <= half;
  SELECT p.journal_ids, p.statuses INTO journal_ids, statuses
    FROM ledger_post_each(the_book, keys[:half], fingerprints[:half], kinds[:half], occurred[:half],
           members[:half], versions[:half], rule_names, rule_no[:half], events[:half],
           entry_no[:cut], src[:cut], dst[:cut], amounts[:cut], expires[:cut], available[:cut], funders[:cut], reversed[:cut]) p;
  SELECT p.journal_ids, p.statuses INTO rest_ids, rest_statuses
    FROM ledger_post_each(the_book, keys[half+1:], fingerprints[half+1:], kinds[half+1:], occurred[half+1:],
           members[half+1:], versions[half+1:], rule_names, rule_no[half+1:], events[half+1:],
           (SELECT array_agg(e - half ORDER BY o) FROM unnest(entry_no[cut+1:]) WITH ORDINALITY AS x(e, o)),
           src[cut+1:], dst[cut+1:], amounts[cut+1:], expires[cut+1:], available[cut+1:], funders[cut+1:], reversed[cut+1:]) p;
  journal_ids := journal_ids || rest_ids;
  statuses := statuses || rest_statuses;
END $$;
