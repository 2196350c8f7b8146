-- Shelves follow rewards and markets, whoever writes them.

CREATE FUNCTION rewards_shelve(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM rewards_shelf WHERE reward_id = ANY(ids);
    INSERT INTO rewards_shelf
        (reward_id, program_id, market, category, brand, kind, points, first, spread, search)
    SELECT id, program_id, market, category, brand, kind, price,
           row_number() OVER (PARTITION BY id ORDER BY price IS NULL, place) = 1, hashtext(code), search
      FROM (
          SELECT r.*, m.code AS market, m.place, coalesce(p.points, d.points) AS price
            FROM rewards_reward r
            CROSS JOIN unnest(r.markets) WITH ORDINALITY AS m(code, place)
            LEFT JOIN core_market k ON k.program_id = r.program_id AND k.code = m.code
            LEFT JOIN LATERAL (  -- cashback of one price is had where its cost says what is paid out
                SELECT r.points WHERE r.kind <> 'cashback' OR r.stock NOT IN ('unlimited', 'generated')
                    OR r.cost ? k.currency
            ) p ON true
            LEFT JOIN LATERAL (
                SELECT min((e ->> 'points')::bigint) AS points FROM jsonb_array_elements(r.denominations) e
                 WHERE e ->> 'currency' = k.currency
            ) d ON true
           WHERE r.id = ANY(ids) AND NOT r.retired
      ) s;
$$;

CREATE FUNCTION rewards_shelve_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rewards_shelve(ARRAY(SELECT id FROM written));
    RETURN NULL;
END $$;

CREATE FUNCTION rewards_shelve_market() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rewards_shelve(ARRAY(
        SELECT id FROM rewards_reward WHERE program_id = NEW.program_id AND NEW.code = ANY(markets)
    ));
    RETURN NULL;
END $$;

CREATE TRIGGER shelved_by_insert AFTER INSERT ON rewards_reward
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_shelve_written();
CREATE TRIGGER shelved_by_update AFTER UPDATE ON rewards_reward
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_shelve_written();
CREATE TRIGGER shelved_by_market AFTER UPDATE ON core_market
    FOR EACH ROW WHEN (OLD.currency IS DISTINCT FROM NEW.currency OR OLD.code IS DISTINCT FROM NEW.code)
    EXECUTE FUNCTION rewards_shelve_market();
