-- The few changes that are no movement of value: each through its own gate, none by a bare UPDATE.
CREATE FUNCTION ledger_halt(the_book bigint, reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE ledger_book SET halted = true WHERE id = the_book;
  INSERT INTO ledger_bookhalt (book_id, halted, because) VALUES (the_book, true, reason);
$$;

CREATE FUNCTION ledger_resume(the_book bigint, reason text, by_user bigint, approved_by bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO ledger_bookhalt (book_id, halted, because, by_user_id, approved_by_user_id)
  VALUES (the_book, false, reason, by_user, approved_by);
  UPDATE ledger_book SET halted = false WHERE id = the_book;
$$;

-- A member's own accounts keep the floor they were opened with.
CREATE FUNCTION ledger_set_floor(the_account bigint, new_floor bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH changed AS (
    UPDATE ledger_account SET floor = new_floor WHERE id = the_account AND owner IS NULL RETURNING id)
  SELECT EXISTS (SELECT FROM changed);
$$;
