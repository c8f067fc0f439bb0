-- add_breach(id, case_kind, case_id, rule, due_at, subject, holder, parties, recorded_at, event_id)
-- one per due instant; the clock's end, if it is over already, is taken along
INSERT INTO supervision.breach (
    id, case_kind, case_id, rule, due_at, subject, holder, parties, recorded_at, event_id, ended_at, ended_as
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, c.ended_at, CASE WHEN c.ended_at IS NOT NULL THEN c.state END
FROM supervision.clock c WHERE c.case_kind = $2 AND c.case_id = $3 AND c.rule = $4;

-- find_breach(id)
-- whoever asks
SELECT id, case_kind, case_id, rule, due_at, subject, holder, parties, recorded_at, event_id, reason, reason_by, reason_at,
    ended_at, ended_as
FROM supervision.breach WHERE id = $1;

-- lock_breach(id)
-- two explanations follow each other
SELECT id, case_kind, case_id, rule, due_at, subject, holder, parties, recorded_at, event_id, reason, reason_by, reason_at,
    ended_at, ended_as
FROM supervision.breach WHERE id = $1 FOR UPDATE;

-- list_breaches(org, holder, is_over, after, count)
-- newest first; all departments when org is null
SELECT id, case_kind, case_id, rule, due_at, subject, holder, parties, recorded_at, event_id, reason, reason_by, reason_at,
    ended_at, ended_as
FROM supervision.breach
WHERE ($1::text IS NULL OR parties @> ARRAY[$1]) AND ($2::text IS NULL OR holder = $2)
    AND ($3::boolean IS NULL OR (ended_at IS NOT NULL) = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5;

-- explain_breach(id, reason, reason_by, reason_at)
-- the only words added to a breach
UPDATE supervision.breach SET reason = $2, reason_by = $3, reason_at = $4 WHERE id = $1;

-- add_order(id, case_kind, case_id, rule, due_at, subject, holder, head, issued_at, issued_with, event_id, event_digest)
-- as issued
INSERT INTO supervision.work_order (
    id, case_kind, case_id, rule, due_at, subject, holder, head, issued_at, issued_with, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- find_order(id)
-- whoever asks
SELECT id, case_kind, case_id, rule, due_at, subject, holder, head, issued_at, issued_with, answer, answered_by,
    answered_at, outcome, closed_by, closed_at, closed_with, version, event_id, event_digest
FROM supervision.work_order WHERE id = $1;

-- lock_order(id)
-- two acts on one order follow each other
SELECT id, case_kind, case_id, rule, due_at, subject, holder, head, issued_at, issued_with, answer, answered_by,
    answered_at, outcome, closed_by, closed_at, closed_with, version, event_id, event_digest
FROM supervision.work_order WHERE id = $1 FOR UPDATE;

-- list_orders(holder, is_open, after, count)
-- newest first; all departments when holder is null
SELECT id, case_kind, case_id, rule, due_at, subject, holder, head, issued_at, issued_with, answer, answered_by,
    answered_at, outcome, closed_by, closed_at, closed_with, version, event_id, event_digest
FROM supervision.work_order
WHERE ($1::text IS NULL OR holder = $1) AND ($2::boolean IS NULL OR (closed_at IS NULL) = $2)
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- move_order(id, answer, answered_by, answered_at, outcome, closed_by, closed_at, closed_with, event_id, event_digest)
-- after an act on it
UPDATE supervision.work_order SET answer = $2, answered_by = $3, answered_at = $4, outcome = $5, closed_by = $6,
    closed_at = $7, closed_with = $8, event_id = $9, event_digest = $10, version = version + 1
WHERE id = $1;

-- standing(case_kind, case_id, rule)
-- how the clock of an order stands, for what has changed since
SELECT holder, desk, state, due_at, light, ended_at FROM supervision.clock
WHERE case_kind = $1 AND case_id = $2 AND rule = $3;
