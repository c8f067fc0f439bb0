-- add_notice(id, org, desk, name, channel, target, kind, content, created_at, next_at, state, last_error)
-- in the transaction of what it tells
INSERT INTO supervision.notification (
    id, org, desk, name, channel, target, kind, content, created_at, next_at, state, last_error
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- claim_notices(now, count, first_seconds, longest_seconds)
-- the next attempt is set before this one is made, so a process killed in between costs a repetition and no notice
UPDATE supervision.notification n SET attempts = n.attempts + 1,
    next_at = $1::timestamptz + make_interval(secs => least($4::float8, $3::float8 * power(2, least(n.attempts, 30))))
WHERE n.id IN (
    SELECT p.id FROM supervision.notification p WHERE p.state = 'pending' AND p.next_at <= $1
    ORDER BY p.next_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING n.id, n.org, n.desk, n.name, n.channel, n.target, n.kind, n.content, n.created_at, n.next_at, n.attempts,
    n.state, n.last_error, n.sent_at;

-- sent(id, sent_at)
-- the receiver took it
UPDATE supervision.notification SET state = 'sent', sent_at = $2, last_error = NULL WHERE id = $1 AND state = 'pending';

-- failed(id, last_error)
-- why it did not go; it will be tried again
UPDATE supervision.notification SET last_error = $2 WHERE id = $1 AND state = 'pending';

-- waiting()
-- for the metrics and the self-check
SELECT count(*) AS waiting, min(created_at) AS oldest FROM supervision.notification WHERE state = 'pending';

-- list_notices(org, state, after, count)
-- newest first; all departments when org is null
SELECT id, org, desk, name, channel, target, kind, content, created_at, next_at, attempts, state, last_error, sent_at
FROM supervision.notification
WHERE ($1::text IS NULL OR org = $1) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- lock_notice(id)
-- against its being sent at the same moment
SELECT id, org, desk, name, channel, target, kind, content, created_at, next_at, attempts, state, last_error, sent_at
FROM supervision.notification WHERE id = $1 FOR UPDATE;

-- retry(id, name, channel, target, next_at)
-- to the address the desk has now
UPDATE supervision.notification SET name = $2, channel = $3, target = $4, next_at = $5, state = 'pending' WHERE id = $1;
