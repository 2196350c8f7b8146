-- The application owns nothing. Elsewhere it reads and writes rows; in the ledger it reads, and inserts what is not computed.
GRANT USAGE ON SCHEMA public TO loyalty_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO loyalty_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO loyalty_app;
REVOKE ALL ON django_migrations FROM loyalty_app;
GRANT SELECT ON django_migrations TO loyalty_app;

REVOKE ALL ON ledger_book, ledger_bookhalt, ledger_account, ledger_journal, ledger_transfer, ledger_lot, ledger_lotuse
  FROM loyalty_app;
GRANT SELECT ON ledger_book, ledger_bookhalt, ledger_account, ledger_journal, ledger_transfer, ledger_lot, ledger_lotuse
  TO loyalty_app;
GRANT INSERT (program_id, code, unit, scale, timezone, open_from) ON ledger_book TO loyalty_app;
GRANT INSERT (book_id, code, purpose, owner, floor, lots, shared) ON ledger_account TO loyalty_app;
GRANT UPDATE (closed) ON ledger_account TO loyalty_app;
GRANT INSERT (book_id, key, fingerprint, kind, occurred_at, effective_on) ON ledger_journal TO loyalty_app;
GRANT INSERT (journal_id, src_id, dst_id, amount, expires_on, available_on, funder_id, reverses_id,
              member_id, campaign_version_id, rule, event_id) ON ledger_transfer TO loyalty_app;
