-- What is written stays: nobody changes the past, nobody moves value but the posting trigger.
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is not allowed: the ledger is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON ledger_journal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER lot_use_append_only BEFORE UPDATE OR DELETE ON ledger_lotuse
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER book_halt_append_only BEFORE UPDATE OR DELETE ON ledger_bookhalt
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER account_kept BEFORE DELETE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Depth 0 = a statement of a caller, not of our own triggers.
CREATE TRIGGER account_balance_moves_by_transfer BEFORE UPDATE OF balance, book_id, lots ON ledger_account
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER account_opens_empty BEFORE INSERT ON ledger_account
  FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER lot_moves_by_transfer BEFORE INSERT OR UPDATE OR DELETE ON ledger_lot
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER lot_use_comes_with_transfer BEFORE INSERT ON ledger_lotuse
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse();

-- Named alike so that a test database, and nothing else, can switch them off to empty its tables.
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_journal EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_transfer EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_lot EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_lotuse EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_account EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_book EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_bookhalt EXECUTE FUNCTION ledger_refuse();

-- Room on the page for balances and lots that change often.
ALTER TABLE ledger_account SET (fillfactor = 80);
ALTER TABLE ledger_lot SET (fillfactor = 80);
ALTER TABLE ledger_journal ADD CONSTRAINT fingerprint_is_sha256 CHECK (octet_length(fingerprint) = 32);
