-- keep_clocks(case_kind, case_id, subject, parties, rules, actors, holders, states, opens, bindings, started, dues, ended, provisionals, calendar_versions, rest_days, overdues, reckoned)
-- who held a clock that ended is a party to that clock, not to the case any more; the timers are asked for a plan
INSERT INTO supervision.clock AS was (
    case_kind, case_id, subject, parties, rule, actor, holder, state, is_open, is_binding, started_at, due_at, ended_at,
    provisional, calendar_version, rest_day, overdue, reckoned, next_at
)
SELECT $1, $2, $3, CASE WHEN $4::text[] @> ARRAY[c.holder] THEN $4 ELSE $4 || c.holder END, c.rule, c.actor, c.holder,
    c.state, c.is_open, c.is_binding, c.started_at, c.due_at, c.ended_at,
    c.provisional, c.calendar_version, c.rest_day, c.overdue, c.reckoned::jsonb,
    CASE WHEN (c.is_open AND c.state <> 'paused') OR c.overdue THEN '-infinity'::timestamptz END
FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::boolean[], $11::timestamptz[],
    $12::timestamptz[], $13::timestamptz[], $14::boolean[], $15::text[], $16::text[], $17::boolean[], $18::text[])
    AS c (rule, actor, holder, state, is_open, is_binding, started_at, due_at, ended_at, provisional, calendar_version,
        rest_day, overdue, reckoned)
ON CONFLICT (case_kind, case_id, rule) DO UPDATE SET subject = EXCLUDED.subject, parties = EXCLUDED.parties,
    holder = EXCLUDED.holder, state = EXCLUDED.state, is_open = EXCLUDED.is_open, is_binding = EXCLUDED.is_binding,
    started_at = EXCLUDED.started_at, due_at = EXCLUDED.due_at, ended_at = EXCLUDED.ended_at,
    provisional = EXCLUDED.provisional, calendar_version = EXCLUDED.calendar_version, rest_day = EXCLUDED.rest_day,
    overdue = EXCLUDED.overdue, reckoned = EXCLUDED.reckoned,
    light = CASE WHEN was.due_at IS NOT DISTINCT FROM EXCLUDED.due_at THEN was.light ELSE 3 END,
    desk = CASE WHEN was.holder = EXCLUDED.holder THEN was.desk ELSE 'handler' END,
    next_at = EXCLUDED.next_at;

-- stop_clocks(case_kind, case_id, rules)
-- clocks the case no longer has: nobody must act on them
UPDATE supervision.clock SET state = 'stopped', is_open = false, is_binding = false, next_at = NULL
WHERE case_kind = $1 AND case_id = $2 AND rule <> ALL ($3::text[]) AND is_open;

-- end_breaches(case_kind, case_id)
-- a breached clock that is over dates its breach; the first end counts
UPDATE supervision.breach b SET ended_at = c.ended_at, ended_as = c.state
FROM supervision.clock c
WHERE c.case_kind = $1 AND c.case_id = $2 AND b.case_kind = c.case_kind AND b.case_id = c.case_id AND b.rule = c.rule
    AND c.ended_at IS NOT NULL AND b.ended_at IS NULL;

-- open_cases(org, holder, kind, light, after_light, after_due, after_id, count)
-- the most urgent light first, in it what is due first; all departments when org is null
SELECT case_kind, case_id, subject, holder, rule, state, due_at, provisional, light, desk
FROM supervision.clock
WHERE is_binding AND ($1::text IS NULL OR parties @> ARRAY[$1]) AND ($2::text IS NULL OR holder = $2)
    AND ($3::text IS NULL OR case_kind = $3) AND ($4::smallint IS NULL OR light = $4)
    AND ($5::smallint IS NULL OR (light, due_at, case_id) > ($5, $6::timestamptz, $7::uuid))
ORDER BY light, due_at, case_id LIMIT $8;

-- lock_case(case_kind, case_id)
-- its binding clock, so that hand-overs and steps follow each other
SELECT case_kind, case_id, subject, holder, rule, state, due_at, provisional, light, desk
FROM supervision.clock WHERE case_kind = $1 AND case_id = $2 AND is_binding FOR UPDATE;

-- hand_over(case_kind, case_id, desk)
-- every open clock of the case goes along
UPDATE supervision.clock SET desk = $3 WHERE case_kind = $1 AND case_id = $2 AND is_open;

-- present()
-- timers go by the database's clock, which all processes share
SELECT clock_timestamp();

-- outdate_plans(planned_by, count)
-- what was planned by another ladder or calendar is planned anew, some at a time
UPDATE supervision.clock SET next_at = '-infinity', planned_by = $1
WHERE (case_kind, case_id, rule) IN (
    SELECT case_kind, case_id, rule FROM supervision.clock
    WHERE next_at > '-infinity' AND planned_by IS DISTINCT FROM $1 LIMIT $2 FOR UPDATE SKIP LOCKED
);

-- unplanned(count)
-- two processes never plan the same
SELECT c.case_kind, c.case_id, c.rule, c.subject, c.holder, c.parties, c.state, c.is_open, c.is_binding, c.overdue,
    c.started_at, c.due_at, c.light, c.desk,
    ARRAY(SELECT s.step FROM supervision.step s WHERE s.case_kind = c.case_kind AND s.case_id = c.case_id
        AND s.rule = c.rule AND s.due_at = c.due_at) AS taken
FROM supervision.clock c
WHERE c.next_at = '-infinity' LIMIT $1 FOR UPDATE OF c SKIP LOCKED;

-- plan(case_kinds, case_ids, rules, nexts, planned_by)
-- when each is looked at next; null for nothing more to do
UPDATE supervision.clock c SET next_at = p.next_at, planned_by = $5
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[]) AS p (case_kind, case_id, rule, next_at)
WHERE c.case_kind = p.case_kind AND c.case_id = p.case_id AND c.rule = p.rule;

-- due(now, count)
-- what to look at now, longest due first; nothing is locked yet
SELECT case_kind, case_id, rule FROM supervision.clock
WHERE next_at > '-infinity' AND next_at <= $1 ORDER BY next_at LIMIT $2;

-- lock_due(case_kind, case_id, rule, now)
-- whoever has the lock takes the step; the others pass on. What was taken is read after it: a look from before the lock
-- would miss the step of whoever held it last
SELECT c.case_kind, c.case_id, c.rule, c.subject, c.holder, c.parties, c.state, c.is_open, c.is_binding, c.overdue,
    c.started_at, c.due_at, c.light, c.desk
FROM supervision.clock c
WHERE c.case_kind = $1 AND c.case_id = $2 AND c.rule = $3 AND c.next_at <= $4 FOR UPDATE OF c SKIP LOCKED;

-- steps_taken(case_kind, case_id, rule, due_at)
-- with the clock locked, nobody adds to them
SELECT array_agg(step) FROM supervision.step
WHERE case_kind = $1 AND case_id = $2 AND rule = $3 AND due_at = $4;

-- take_step(case_kind, case_id, rule, due_at, step, planned_at, taken_at, event_id)
-- the key lets a step be taken once
INSERT INTO supervision.step (case_kind, case_id, rule, due_at, step, planned_at, taken_at, event_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- shine(case_kind, case_id, rule, light, desk)
-- the light only gets more urgent
UPDATE supervision.clock SET light = least(light, $4), desk = $5 WHERE case_kind = $1 AND case_id = $2 AND rule = $3;
