-- keep_clocks(case_kind, case_id, subject, parties, rules, actors, holders, states, opens, bindings, started, dues, ended, provisionals, calendar_versions, rest_days)
-- all clocks of a case in one statement; who held a clock that ended is a party to that clock, not to the case any more
INSERT INTO supervision.clock (
    case_kind, case_id, subject, parties, rule, actor, holder, state, is_open, is_binding, started_at, due_at, ended_at,
    provisional, calendar_version, rest_day
)
SELECT $1, $2, $3, CASE WHEN $4::text[] @> ARRAY[c.holder] THEN $4 ELSE $4 || c.holder END, c.rule, c.actor, c.holder, c.state, c.is_open, c.is_binding, c.started_at, c.due_at, c.ended_at,
    c.provisional, c.calendar_version, c.rest_day
FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::boolean[], $11::timestamptz[],
    $12::timestamptz[], $13::timestamptz[], $14::boolean[], $15::text[], $16::text[])
    AS c (rule, actor, holder, state, is_open, is_binding, started_at, due_at, ended_at, provisional, calendar_version,
        rest_day)
ON CONFLICT (case_kind, case_id, rule) DO UPDATE SET subject = EXCLUDED.subject, parties = EXCLUDED.parties,
    holder = EXCLUDED.holder, state = EXCLUDED.state, is_open = EXCLUDED.is_open, is_binding = EXCLUDED.is_binding,
    started_at = EXCLUDED.started_at, due_at = EXCLUDED.due_at, ended_at = EXCLUDED.ended_at,
    provisional = EXCLUDED.provisional, calendar_version = EXCLUDED.calendar_version, rest_day = EXCLUDED.rest_day;

-- stop_clocks(case_kind, case_id, rules)
-- clocks the case no longer has: nobody must act on them
UPDATE supervision.clock SET state = 'stopped', is_open = false, is_binding = false
WHERE case_kind = $1 AND case_id = $2 AND rule <> ALL ($3::text[]) AND is_open;

-- open_cases(org, holder, kind, after_due, after_id, count)
-- by due instant, so what is overdue comes first; all departments when org is null
SELECT case_kind, case_id, subject, holder, rule, state, due_at, provisional
FROM supervision.clock
WHERE is_binding AND ($1::text IS NULL OR parties @> ARRAY[$1]) AND ($2::text IS NULL OR holder = $2)
    AND ($3::text IS NULL OR case_kind = $3)
    AND ($4::timestamptz IS NULL OR (due_at, case_id) > ($4, $5::uuid))
ORDER BY due_at, case_id LIMIT $6;
