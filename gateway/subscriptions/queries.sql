-- add_subscription(id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, event_id, event_digest)
-- one that is open per grant
INSERT INTO subscriptions.subscription (
    id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- find_subscription(id)
-- in whatever state
SELECT id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, ended_at, event_id,
    event_digest
FROM subscriptions.subscription WHERE id = $1::uuid;

-- lock_subscription(id)
-- two who end it at once follow each other
SELECT id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, ended_at, event_id,
    event_digest
FROM subscriptions.subscription WHERE id = $1::uuid FOR UPDATE;

-- end_subscription(id, ended_at, event_id, event_digest)
-- for good
UPDATE subscriptions.subscription SET ended_at = $2, event_id = $3, event_digest = $4 WHERE id = $1;

-- list_subscriptions(org, after, count)
-- newest first; all departments when org is null
SELECT id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, ended_at, event_id,
    event_digest
FROM subscriptions.subscription
WHERE ($1::text IS NULL OR consumer_org = $1 OR provider_org = $1) AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3;

-- subscriptions_to(resource_id)
-- who hears of a change of it
SELECT id, grant_id, resource_id, resource_code, consumer_org, provider_org, url, made_by, made_at, ended_at, event_id,
    event_digest
FROM subscriptions.subscription WHERE resource_id = $1::uuid AND ended_at IS NULL ORDER BY id;

-- hold_resource(resource_id)
-- changes of one resource are published one after the other, so that their order is one
SELECT pg_advisory_xact_lock(hashtextextended('changes of ' || $1::text, 0));

-- add_change(id, resource_id, resource_code, provider_org, kind, published_by, published_at, messages, withheld, event_id, event_digest)
-- in the transaction of its messages
INSERT INTO subscriptions.change (
    id, resource_id, resource_code, provider_org, kind, published_by, published_at, messages, withheld, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- find_change(id)
-- for whoever sends it once more under the same key
SELECT id, resource_id, resource_code, provider_org, kind, published_by, published_at, messages, withheld, event_id,
    event_digest
FROM subscriptions.change WHERE id = $1::uuid;

-- add_message(id, change_id, subscription_id, subject, fields, content, claim_due_at, feedback_due_at, next_at, event_id, event_digest)
-- to be sent at once
INSERT INTO subscriptions.message (
    id, change_id, subscription_id, subject, fields, content, claim_due_at, feedback_due_at, state, next_at, event_id,
    event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $11);

-- claim_messages(now, count, first_seconds, longest_seconds)
-- the next attempt is set before this one is made; no message overtakes an earlier one of its subject
UPDATE subscriptions.message m SET attempts = m.attempts + 1,
    next_at = $1::timestamptz + make_interval(secs => least($4::float8, $3::float8 * power(2, least(m.attempts, 30))))
WHERE m.id IN (
    SELECT p.id FROM subscriptions.message p
    WHERE p.state = 'pending' AND p.next_at <= $1 AND NOT EXISTS (
        SELECT FROM subscriptions.message e
        WHERE e.subscription_id = p.subscription_id AND e.subject = p.subject AND e.state = 'pending' AND e.place < p.place
    )
    ORDER BY p.next_at, p.place LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING m.id, m.content;

-- find_message(id)
-- with what it belongs to
SELECT m.id, m.change_id, m.subscription_id, s.grant_id, s.resource_code, s.consumer_org, s.provider_org, s.url, c.kind,
    m.subject, m.fields, c.published_at, m.claim_due_at, m.feedback_due_at, m.state, m.attempts, m.last_error,
    m.delivered_at, m.claimed_by, m.claimed_at, m.result, m.words, m.answered_by, m.answered_at, m.event_id, m.event_digest
FROM subscriptions.message m JOIN subscriptions.subscription s ON s.id = m.subscription_id
JOIN subscriptions.change c ON c.id = m.change_id WHERE m.id = $1::uuid;

-- lock_message(id)
-- two acts at once follow each other
SELECT m.id, m.change_id, m.subscription_id, s.grant_id, s.resource_code, s.consumer_org, s.provider_org, s.url, c.kind,
    m.subject, m.fields, c.published_at, m.claim_due_at, m.feedback_due_at, m.state, m.attempts, m.last_error,
    m.delivered_at, m.claimed_by, m.claimed_at, m.result, m.words, m.answered_by, m.answered_at, m.event_id, m.event_digest
FROM subscriptions.message m JOIN subscriptions.subscription s ON s.id = m.subscription_id
JOIN subscriptions.change c ON c.id = m.change_id WHERE m.id = $1::uuid FOR UPDATE OF m;

-- list_messages(org, standing, now, after, count)
-- newest first; all departments when org is null; unclaimed ones whether or not their system took them
SELECT m.id, m.change_id, m.subscription_id, s.grant_id, s.resource_code, s.consumer_org, s.provider_org, s.url, c.kind,
    m.subject, m.fields, c.published_at, m.claim_due_at, m.feedback_due_at, m.state, m.attempts, m.last_error,
    m.delivered_at, m.claimed_by, m.claimed_at, m.result, m.words, m.answered_by, m.answered_at, m.event_id, m.event_digest
FROM subscriptions.message m JOIN subscriptions.subscription s ON s.id = m.subscription_id
JOIN subscriptions.change c ON c.id = m.change_id
WHERE ($1::text IS NULL OR s.consumer_org = $1 OR s.provider_org = $1) AND ($4::uuid IS NULL OR m.id < $4)
    AND CASE $2::text
        WHEN 'unclaimed' THEN m.claimed_at IS NULL AND m.state <> 'withheld'
        WHEN 'unanswered' THEN m.answered_at IS NULL AND m.state <> 'withheld'
        WHEN 'overdue' THEN m.state <> 'withheld' AND (
            (m.claimed_at IS NULL AND m.claim_due_at <= $3::timestamptz)
            OR (m.answered_at IS NULL AND m.feedback_due_at <= $3))
        ELSE true END
ORDER BY m.id DESC LIMIT $5;

-- delivered(id, at, event_id, event_digest)
-- its system took it
UPDATE subscriptions.message SET state = 'delivered', delivered_at = $2, last_error = NULL, event_id = $3, event_digest = $4
WHERE id = $1 AND state = 'pending';

-- failed(id, last_error)
-- why it did not go; it will be tried again
UPDATE subscriptions.message SET last_error = $2 WHERE id = $1 AND state = 'pending';

-- withhold(id, last_error, event_id, event_digest)
-- it will not leave any more
UPDATE subscriptions.message SET state = 'withheld', last_error = $2, content = NULL, event_id = $3, event_digest = $4
WHERE id = $1;

-- send_again(id, next_at, event_id, event_digest)
-- because the department asks for it
UPDATE subscriptions.message SET state = 'pending', next_at = $2, event_id = $3, event_digest = $4 WHERE id = $1;

-- claim_message(id, claimed_by, claimed_at, event_id, event_digest)
-- once
UPDATE subscriptions.message SET claimed_by = $2, claimed_at = $3, event_id = $4, event_digest = $5 WHERE id = $1;

-- answer_message(id, result, words, answered_by, answered_at, event_id, event_digest)
-- once; the content is not needed any more
UPDATE subscriptions.message SET result = $2, words = $3, answered_by = $4, answered_at = $5, event_id = $6,
    event_digest = $7, content = NULL
WHERE id = $1;

-- too_old(before)
-- contents that were kept long enough
SELECT m.id FROM subscriptions.message m JOIN subscriptions.change c ON c.id = m.change_id
WHERE m.content IS NOT NULL AND c.published_at < $1::timestamptz ORDER BY m.id LIMIT 50;

-- forget(id)
-- what was delivered long ago
UPDATE subscriptions.message SET content = NULL WHERE id = $1 AND state = 'delivered';

-- has_content(id)
-- whether it can still be sent
SELECT content IS NOT NULL FROM subscriptions.message WHERE id = $1::uuid;

-- to_remind(now)
-- claimed or answered too late, and not yet told so; a few at a time
SELECT id FROM subscriptions.message
WHERE answered_at IS NULL AND reminded < 2 AND state <> 'withheld' AND claim_due_at <= $1::timestamptz
    AND ((claimed_at IS NULL AND reminded < 1) OR feedback_due_at <= $1)
ORDER BY claim_due_at LIMIT 50;

-- remind(id, now)
-- the same said under the row's lock, so that of two processes one reminds: 1 of the claim, 2 of the answer
UPDATE subscriptions.message SET reminded = CASE WHEN feedback_due_at <= $2::timestamptz THEN 2 ELSE 1 END
WHERE id = $1::uuid AND answered_at IS NULL AND reminded < 2 AND state <> 'withheld' AND claim_due_at <= $2
    AND ((claimed_at IS NULL AND reminded < 1) OR feedback_due_at <= $2)
RETURNING reminded;

-- noted(id, event_id, event_digest)
-- the record of a reminder is what the message's next one follows from
UPDATE subscriptions.message SET event_id = $2, event_digest = $3 WHERE id = $1;
