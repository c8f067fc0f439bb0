-- lock_publishing()
-- two publications, and the first edition of two starting processes, follow each other
SELECT pg_advisory_xact_lock(hashtext('supervision.calendar_edition'));

-- add_edition(number, version, covered_until, published_at, published_by, source, event_id, event_digest)
-- never changed afterwards
INSERT INTO supervision.calendar_edition (
    number, version, covered_until, published_at, published_by, source, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- newest_number()
-- what a process asks to learn whether it knows all; null before the first
SELECT max(number) FROM supervision.calendar_edition;

-- list_editions()
-- in the order of publication
SELECT number, version, covered_until, published_at, published_by, source FROM supervision.calendar_edition
ORDER BY number;

-- open_clocks(case_kind, case_id, rule, count)
-- after a place in the order of all; not locked: deadline and history stand in one row
SELECT case_kind, case_id, rule, holder, due_at, provisional, reckoned FROM supervision.clock
WHERE is_open AND (case_kind, case_id, rule) > ($1, $2::uuid, $3) ORDER BY case_kind, case_id, rule LIMIT $4;

-- lock_clock(case_kind, case_id, rule)
-- null if it is not open any more
SELECT case_kind, case_id, rule, holder, due_at, provisional, reckoned FROM supervision.clock
WHERE case_kind = $1 AND case_id = $2 AND rule = $3 AND is_open FOR UPDATE;

-- move_clock(case_kind, case_id, rule, due_at, provisional, calendar_version)
-- the timers look at it anew
UPDATE supervision.clock SET due_at = $4, provisional = $5, calendar_version = $6,
    light = CASE WHEN due_at = $4 THEN light ELSE 3 END, next_at = CASE WHEN state <> 'paused' THEN '-infinity'::timestamptz END
WHERE case_kind = $1 AND case_id = $2 AND rule = $3;

-- rebind(case_kind, case_id)
-- the open clock due first binds, as in deadlines.binding
UPDATE supervision.clock c SET is_binding = (c.rule = (
    SELECT b.rule FROM supervision.clock b WHERE b.case_kind = $1 AND b.case_id = $2 AND b.is_open
    ORDER BY b.state = 'paused', b.due_at, b.rule LIMIT 1
))
WHERE c.case_kind = $1 AND c.case_id = $2 AND c.is_open;
