DROP TRIGGER shelved_by_market ON core_market;
DROP TRIGGER shelved_by_update ON rewards_reward;
DROP TRIGGER shelved_by_insert ON rewards_reward;
DROP FUNCTION rewards_shelve_market();
DROP FUNCTION rewards_shelve_written();
DROP FUNCTION rewards_shelve(bigint[]);
