-- add_rating(id, grant_id, month, service, consumer_org, provider_org, score, about, words, rated_by, rated_at, answer_due_at, event_id, event_digest)
-- the constraint refuses a second one in a month
INSERT INTO quality.rating (
    id, grant_id, month, service, consumer_org, provider_org, score, about, words, rated_by, rated_at, answer_due_at,
    event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- find_rating(id)
-- answered or not
SELECT id, grant_id, month, service, consumer_org, provider_org, score, about, words, rated_by, rated_at, answer_due_at,
    answer, measures, answered_by, answered_at, event_id, event_digest
FROM quality.rating WHERE id = $1;

-- lock_rating(id)
-- two answers at once follow each other
SELECT id, grant_id, month, service, consumer_org, provider_org, score, about, words, rated_by, rated_at, answer_due_at,
    answer, measures, answered_by, answered_at, event_id, event_digest
FROM quality.rating WHERE id = $1 FOR UPDATE;

-- answer_rating(id, answer, measures, answered_by, answered_at, event_id, event_digest)
-- once
UPDATE quality.rating SET answer = $2, measures = $3, answered_by = $4, answered_at = $5, event_id = $6,
    event_digest = $7
WHERE id = $1;

-- list_ratings(org, unanswered, after, count)
-- newest first; all departments when org is null; unanswered ones are bad ones without answer
SELECT id, grant_id, month, service, consumer_org, provider_org, score, about, words, rated_by, rated_at, answer_due_at,
    answer, measures, answered_by, answered_at, event_id, event_digest
FROM quality.rating
WHERE ($1::text IS NULL OR consumer_org = $1 OR provider_org = $1)
    AND (NOT $2::boolean OR (answer IS NULL AND answer_due_at IS NOT NULL)) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;
