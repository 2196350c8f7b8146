DROP FUNCTION ledger_set_floor, ledger_resume, ledger_halt, ledger_post_each, ledger_post;
DROP FUNCTION ledger_apply_transfers, ledger_check_reversals CASCADE;
DROP FUNCTION ledger_move_lots, ledger_take_lots, ledger_fill_lots, ledger_refund_lots, ledger_give_back;
DROP TYPE ledger_leg;
DROP FUNCTION ledger_refuse CASCADE;
ALTER TABLE ledger_journal DROP CONSTRAINT fingerprint_is_sha256;
