-- add_act(application_id, kind, at, rule, half_days, reason, basis, origin, target, done_by, event_id, event_digest)
-- numbered in the order of recording; the application is locked
INSERT INTO authz.clock_act (
    application_id, number, kind, at, rule, half_days, reason, basis, origin, target, done_by, event_id, event_digest
)
SELECT $1, 1 + count(*), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM authz.clock_act WHERE application_id = $1;

-- acts_of(application_id)
-- in the order of recording
SELECT kind, at, rule, half_days, reason, basis, origin, target, done_by
FROM authz.clock_act WHERE application_id = $1 ORDER BY number;

-- ask_extension(id, application_id, rule, half_days, reason, notice, asked_by, asked_at, event_id, event_digest)
-- always as asked
INSERT INTO authz.extension (
    id, application_id, rule, half_days, reason, notice, asked_by, asked_at, state, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $10);

-- decide_extension(id, state, decided_by, decided_at, opinion, told_at, event_id, event_digest)
-- once
UPDATE authz.extension SET state = $2, decided_by = $3, decided_at = $4, opinion = $5, told_at = $6, event_id = $7,
    event_digest = $8
WHERE id = $1;

-- extensions_of(application_id)
-- oldest first
SELECT id, application_id, rule, half_days, reason, notice, asked_by, asked_at, state, decided_by, decided_at, opinion,
    told_at, event_id, event_digest
FROM authz.extension WHERE application_id = $1 ORDER BY id;
