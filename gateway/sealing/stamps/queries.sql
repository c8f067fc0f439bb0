-- add_stamp(id, kind, application_id, document_sm3, org, content, sha256, filed_by, received_at, event_id, event_digest)
-- its first examination is added with it
INSERT INTO sealing.stamp (
    id, kind, application_id, document_sm3, org, content, sha256, filed_by, received_at, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- add_examination(stamp_id, number, seal_id, verdict, report, report_sha256, evidence, examined_at, event_id)
-- only ever added
INSERT INTO sealing.examination (
    stamp_id, number, seal_id, verdict, report, report_sha256, evidence, examined_at, event_id
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- keep_evidence(sha256, content, at)
-- one copy, however many examinations rest on it
INSERT INTO sealing.evidence (sha256, content, kept_at) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING;

-- stamps_of(application_id, kind, sm3)
-- each with its latest examination; of one document, or of all where sm3 is null
SELECT s.id, s.kind, s.application_id, s.document_sm3, s.org, s.sha256, s.filed_by, s.received_at, s.event_id, s.event_digest,
    e.number, e.seal_id, e.verdict, e.report, e.report_sha256, e.evidence, e.examined_at, e.event_id AS examined_event
FROM sealing.stamp s
CROSS JOIN LATERAL (
    SELECT number, seal_id, verdict, report, report_sha256, evidence, examined_at, event_id
    FROM sealing.examination WHERE stamp_id = s.id ORDER BY number DESC LIMIT 1
) e
WHERE s.application_id = $1 AND ($2::text IS NULL OR s.kind = $2) AND ($3::bytea IS NULL OR s.document_sm3 = $3)
ORDER BY s.id LIMIT 200;

-- stamp(id)
-- with its latest examination
SELECT s.id, s.kind, s.application_id, s.document_sm3, s.org, s.sha256, s.filed_by, s.received_at, s.event_id, s.event_digest,
    e.number, e.seal_id, e.verdict, e.report, e.report_sha256, e.evidence, e.examined_at, e.event_id AS examined_event
FROM sealing.stamp s
CROSS JOIN LATERAL (
    SELECT number, seal_id, verdict, report, report_sha256, evidence, examined_at, event_id
    FROM sealing.examination WHERE stamp_id = s.id ORDER BY number DESC LIMIT 1
) e
WHERE s.id = $1;

-- lock_stamp(id)
-- its examinations are numbered; a lock on the row would need the right to change it, which nobody has
SELECT pg_advisory_xact_lock(hashtextextended('sealing.stamp ' || $1::uuid, 0));

-- count_stamps(application_id)
-- a bound on what one application may fill the store with
SELECT count(*) FROM sealing.stamp WHERE application_id = $1;

-- stamp_content(id)
-- the bytes as received
SELECT content FROM sealing.stamp WHERE id = $1;

-- evidence(sha256)
-- what an examination rests on
SELECT content FROM sealing.evidence WHERE sha256 = $1;
