-- The words of rewards, for guesses: what a reward says is noted, whoever writes it. A word stays when its last reward
-- goes: a guess asks the shelves whether anything holds it.

CREATE FUNCTION rewards_note_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rewards_word (program_id, word)
    SELECT DISTINCT r.program_id, w.word
      FROM written r CROSS JOIN string_to_table(translate(r.search, E'|\n', '  '), ' ') AS w(word)
     WHERE NOT r.retired AND length(w.word) BETWEEN 1 AND 1000
     ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER words_by_insert AFTER INSERT ON rewards_reward
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_note_words();
CREATE TRIGGER words_by_update AFTER UPDATE ON rewards_reward
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_note_words();

INSERT INTO rewards_word (program_id, word)
SELECT DISTINCT r.program_id, w.word
  FROM rewards_reward r CROSS JOIN string_to_table(translate(r.search, E'|\n', '  '), ' ') AS w(word)
 WHERE NOT r.retired AND length(w.word) BETWEEN 1 AND 1000;
