DROP TRIGGER words_by_update ON rewards_reward;
DROP TRIGGER words_by_insert ON rewards_reward;
DROP FUNCTION rewards_note_words();
