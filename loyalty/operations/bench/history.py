"""A year of history as SQL: members, events, what was decided about them, and the value that moved.

Row n of everything follows from n, so that two builds are alike. Each statement is one table.
"""

# An event's member, type and amount by its number. Three in five members are in Singapore.
NUMBERED = """
    SELECT n, 1 + (hashint8(n) & 2147483647) %% %(members)s AS member,
        (hashint8(n + 1000000007) & 2147483647) %% 100 AS roll,
        500 + (hashint8(n + 2000000011) & 2147483647) %% 15000 AS cents,
        (hashint8(n + 3000000019) & 2147483647) %% 4 AS choice,
        %(since)s::timestamptz + n * (interval '365 days' / %(events)s::float8) AS time
    FROM generate_series(1, %(events)s::bigint) AS n
"""
POINTS = """CASE event_type_id WHEN %(payment)s THEN amount_base_minor / 100 WHEN %(topup)s THEN 5
    WHEN %(bill)s THEN 10 ELSE 25 END"""

STEPS: dict[str, str] = {
    # The budgets were filled before the history began: a replay of it finds them as they stood then.
    "budgets": "UPDATE ledger_journal SET recorded_at = %(since)s",
    "members": """
        INSERT INTO members_member (id, program_id, uuid, external_id, kind, status, language, kyc, kyc_at, enrolled_at,
            attributes, consents, market_id, tier_id, tier_since, updated_at)
        SELECT n, %(program)s, md5('bench/' || n)::uuid, 'M-' || lpad(n::text, 7, '0'), 'customer', 'active', 'en',
            'verified', %(since)s, %(since)s, '{}', '{}', CASE WHEN n %% 5 < 3 THEN %(sg)s ELSE %(id)s END,
            NULL, %(since)s, %(since)s
        FROM generate_series(1, %(members)s) AS n
    """,
    "identities": """
        INSERT INTO members_memberidentity (member_id, name, name_folded, email, phone, birth_date)
        SELECT n, name, lower(name), 'm' || n || '@example.org', '+65' || 80000000 + n, date '1960-01-01' + n %% 15000
        FROM (SELECT n, (ARRAY['Ayu','Budi','Chen','Dewi','Eka','Farah','Goh','Hana'])[1 + n %% 8] || ' '
            || initcap(substr(translate(md5(n::text), '0123456789', 'aeioulnrst'), 1, 8)) AS name
            FROM generate_series(1, %(members)s) AS n) AS named
    """,
    "segment": """
        INSERT INTO members_segmentmember (segment_id, member_id)
        SELECT %(segment)s, n FROM generate_series(1, %(members)s) AS n WHERE n %% 50 = 0
    """,
    "events": f"""
        INSERT INTO campaigns_event (id, program_id, member_id, event_type_id, source, key, fingerprint, time, day,
            amount_minor, currency, amount_base_minor, outlet_id, data, recorded_at)
        SELECT n, %(program)s, member, type, '/bench/history', 'h-' || n, sha256(('h' || n)::bytea), time,
            (time AT TIME ZONE CASE WHEN local THEN 'Asia/Singapore' ELSE 'Asia/Jakarta' END)::date, amount,
            CASE WHEN amount IS NULL THEN '' WHEN local THEN 'SGD' ELSE 'IDR' END,
            CASE WHEN local THEN amount ELSE round(amount * 0.000083) END,
            CASE WHEN choice < 2 THEN 0 WHEN local THEN %(sg_outlet)s ELSE %(id_outlet)s END,
            CASE WHEN amount IS NULL THEN '{{}}' ELSE format('{{"amount":"%%s","currency":"%%s"%%s}}',
                round(amount / 100.0, 2), CASE WHEN local THEN 'SGD' ELSE 'IDR' END,
                CASE WHEN type = %(payment)s THEN ',"category":"'
                    || (ARRAY['food','transport','shopping','other'])[choice + 1] || '"' ELSE '' END)::jsonb END, time
        FROM (SELECT e.*, member %% 5 < 3 AS local,
            CASE WHEN roll < 55 THEN %(payment)s WHEN roll < 75 THEN %(topup)s WHEN roll < 90 THEN %(bill)s
                ELSE %(visit)s END AS type,
            CASE WHEN roll < 90 THEN CASE WHEN member %% 5 < 3 THEN cents ELSE cents * 12048::bigint END END AS amount
            FROM ({NUMBERED}) AS e) AS typed
    """,
    "outcomes": f"""
        INSERT INTO campaigns_outcome (event_id, status, answer, fired)
        SELECT id, 'processed', format('{{"source":"/bench/history","id":"%%s","status":"processed","duplicate":false,'
            '"member":"M-%%s","sequence":%%s,"effects":[{{"kind":"points","campaign":"payments","version":1,"rule":"base",'
            '"amount":%%s,"desired":%%s,"state":"available","expires_on":"2027-01-31"}}],"refused":[],"goals":[],'
            '"balances":{{"points":{{"available":620,"pending":0,"debt":0}},"cashback":[]}},'
            '"tier":{{"code":"silver","next":"gold","match":"any","missing":{{"amount":"879.50","events":12}}}}}}',
            key, lpad(member_id::text, 7, '0'), id, {POINTS}, {POINTS})::jsonb,
            format('[[0,%%s,0,"",null,null,%%s,%%s]]', %(version)s::bigint, {POINTS}, {POINTS})::jsonb
        FROM campaigns_event
    """,
    "traces": """
        INSERT INTO campaigns_trace (event_id, recorded_on, lines)
        SELECT id, time::date,
            format('[[1,%%s,0,"condition",0,"%%s",null,null],[2,%%s,0,"condition",0,null,null,null]]',
            %(version)s::bigint, coalesce(amount_minor, 0), %(version)s::bigint)::jsonb
        FROM campaigns_event
    """,
    "journals": """
        INSERT INTO ledger_journal (id, book_id, key, fingerprint, kind, occurred_at, effective_on, recorded_at)
        SELECT %(first)s + id, %(book)s, 'award:' || id || ':0', fingerprint, 'award', time,
            (time AT TIME ZONE 'Asia/Singapore')::date, time
        FROM campaigns_event
    """,
    "transfers": f"""
        INSERT INTO ledger_transfer (id, journal_id, src_id, dst_id, amount, expires_on, funder_id, member_id,
            campaign_version_id, rule, event_id)
        SELECT %(first)s + id, %(first)s + id, %(payer)s, %(first)s + member_id, {POINTS},
            (date_trunc('month', day) + interval '13 months' - interval '1 day')::date, %(payer)s, member_id,
            %(version)s, 'base', id
        FROM campaigns_event
    """,
    "lots": """
        INSERT INTO ledger_lot (account_id, expires_on, funder_id, credited, remaining)
        SELECT dst_id, expires_on, funder_id, sum(amount), sum(amount) FROM ledger_transfer
        WHERE event_id IS NOT NULL GROUP BY 1, 2, 3
    """,
    "accounts": """
        INSERT INTO ledger_account (id, book_id, code, purpose, owner, floor, lots, shared, balance)
        SELECT %(first)s + place * %(members)s + m.id, b.id, 'member:' || m.uuid, 'wallet', m.uuid, 0,
            b.unit <> 'status', false, CASE WHEN place = 0 THEN coalesce(held.balance, 0) ELSE 0 END
        FROM members_member m
        JOIN core_market k ON k.id = m.market_id
        CROSS JOIN generate_series(0, 2) AS place
        JOIN ledger_book b ON b.program_id = %(program)s
            AND b.unit = (ARRAY['points', 'status', k.currency])[place + 1]
        LEFT JOIN (SELECT account_id, sum(remaining)::bigint AS balance FROM ledger_lot GROUP BY 1) AS held
            ON place = 0 AND held.account_id = %(first)s + m.id
    """,
    "payer": """
        UPDATE ledger_account
        SET balance = balance - (SELECT sum(amount) FROM ledger_transfer WHERE event_id IS NOT NULL)
        WHERE id = %(payer)s
    """,
    "days": f"""
        INSERT INTO members_memberday (member_id, day, event_type_id, outlet_id, occurrences, events, amount_minor,
            status_points)
        SELECT member_id, day, event_type_id, outlet_id, count(*), count(*) FILTER (WHERE event_type_id <> %(topup)s),
            coalesce(sum(amount_base_minor) FILTER (WHERE event_type_id <> %(topup)s), 0), sum({POINTS})
        FROM campaigns_event GROUP BY 1, 2, 3, 4
    """,
    "type counts": """
        INSERT INTO members_membertypecount (member_id, event_type_id, occurrences, first_at, last_at)
        SELECT member_id, event_type_id, count(*), min(time), max(time) FROM campaigns_event GROUP BY 1, 2
    """,
    "streaks": """
        INSERT INTO campaigns_progress (member_id, goal_id, offer_id, start, key, value)
        SELECT member_id, %(streak)s, 0, date '1970-01-01', date_trunc('month', day)::date::text, sum(occurrences)
        FROM members_memberday WHERE event_type_id = %(bill)s GROUP BY 1, 5
    """,
    "offers": """
        INSERT INTO campaigns_offer (program_id, member_id, campaign_id, state, at, until, is_closed, client, reference)
        SELECT %(program)s, n, %(offer)s, 'assigned', %(since)s, %(since)s + interval '1 year', false, '', ''
        FROM generate_series(1, %(members)s) AS n WHERE n %% 5 = 0
    """,
    # The side of a holdout: the first eight bytes of the hash, without sign, in ten thousand buckets.
    "exposures": """
        INSERT INTO campaigns_exposure (campaign_id, member_id, held_out, hundredths, day)
        SELECT c.id, m.id, (hash %% 10000 + CASE WHEN hash < 0 THEN 11616 ELSE 0 END) %% 10000 < 500, 500,
            %(since)s::date
        FROM members_member m
        JOIN campaigns_campaign c ON c.id = ANY(%(holdouts)s)
        CROSS JOIN LATERAL (SELECT ('x' || left(encode(sha256(('bench/' || c.code || '/' || m.uuid)::bytea), 'hex'),
            16))::bit(64)::bigint AS hash) AS h
    """,
}

SEQUENCES = (
    "campaigns_event", "members_member", "ledger_account", "ledger_journal", "ledger_transfer", "ledger_lot",
)  # fmt: skip
SET_SEQUENCE = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT max(id) FROM {0}))"

# The windows that end today, as the nightly roll leaves them.
FORGET_FACTS = "TRUNCATE members_memberfacts"
FACTS = """
    INSERT INTO members_memberfacts (member_id, rolled_on, events_30d, events_90d, events_12m, events_year, amount_30d,
        amount_90d, amount_12m, amount_year, status_points_12m, status_points_year, last_active_on)
    SELECT m.id, m.today,
        coalesce(sum(d.events) FILTER (WHERE d.day > m.today - 30), 0),
        coalesce(sum(d.events) FILTER (WHERE d.day > m.today - 90), 0),
        coalesce(sum(d.events) FILTER (WHERE d.day > m.today - interval '1 year'), 0),
        coalesce(sum(d.events) FILTER (WHERE d.day >= date_trunc('year', m.today)), 0),
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day > m.today - 30), 0),
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day > m.today - 90), 0),
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day > m.today - interval '1 year'), 0),
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day >= date_trunc('year', m.today)), 0),
        coalesce(sum(d.status_points) FILTER (WHERE d.day > m.today - interval '1 year'), 0),
        coalesce(sum(d.status_points) FILTER (WHERE d.day >= date_trunc('year', m.today)), 0),
        max(d.day) FILTER (WHERE d.events > 0)
    FROM (SELECT m.id, (%(at)s AT TIME ZONE k.timezone)::date AS today
        FROM members_member m JOIN core_market k ON k.id = m.market_id) AS m
    LEFT JOIN members_memberday d ON d.member_id = m.id AND d.day <= m.today
    GROUP BY m.id, m.today
"""
TIERS = """
    UPDATE members_member m SET tier_id = CASE
        WHEN f.amount_12m >= 200000 AND f.events_12m >= 20 THEN %(platinum)s
        WHEN f.amount_12m >= 90000 OR f.events_12m >= 14 THEN %(gold)s ELSE %(silver)s END
    FROM members_memberfacts f WHERE f.member_id = m.id
"""
OFFERS = "UPDATE campaigns_offer SET until = %(at)s::timestamptz + interval '30 days'"
