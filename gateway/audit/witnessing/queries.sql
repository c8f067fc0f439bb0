-- newest()
-- the checkpoint to be carried out
SELECT size, note FROM audit.checkpoint ORDER BY size DESC LIMIT 1;

-- note_of(size)
-- a checkpoint as it was signed
SELECT note FROM audit.checkpoint WHERE size = $1::bigint;

-- cosigned_sizes(witnesses)
-- what each witness cosigned last, as far as we know
SELECT named.witness, max(given.size) AS size
FROM unnest($1::text[]) AS named (witness)
JOIN audit.cosignature AS given ON given.witness = named.witness
GROUP BY named.witness;

-- add_cosignature(size, witness, line, cosigned_at)
-- two hosts may ask one witness; the first line stays
INSERT INTO audit.cosignature (size, witness, line, cosigned_at)
VALUES ($1::bigint, $2::text, $3::bytea, $4::timestamptz)
ON CONFLICT ON CONSTRAINT a_witness_cosigns_a_size_once DO NOTHING;

-- lines(size)
-- in one order, so that a note with its cosignatures is the same for everybody
SELECT witness, line FROM audit.cosignature WHERE size = $1::bigint ORDER BY witness;

-- reach(stage, size, reached_at)
-- two hosts may see it at once
INSERT INTO audit.reached (stage, size, reached_at) VALUES ($1::text, $2::bigint, $3::timestamptz)
ON CONFLICT ON CONSTRAINT a_stage_reaches_a_size_once DO NOTHING;

-- reached(stage)
-- the largest size a stage is complete for
SELECT max(size) FROM audit.reached WHERE stage = $1::text;

-- newest_stamp(authority)
-- what it stamped last, and when
SELECT size, stamped_at FROM audit.stamp WHERE authority = $1::text ORDER BY size DESC LIMIT 1;

-- add_stamp(size, authority, token, stamped_at)
-- two hosts may ask one authority; the first token stays
INSERT INTO audit.stamp (size, authority, token, stamped_at)
VALUES ($1::bigint, $2::text, $3::bytea, $4::timestamptz)
ON CONFLICT ON CONSTRAINT an_authority_stamps_a_size_once DO NOTHING;

-- first_stamps(size)
-- the tokens over the first stamped checkpoint that covers so many records
SELECT stamp.size, stamp.authority, stamp.token, stamp.stamped_at
FROM audit.stamp
WHERE stamp.size = (SELECT min(later.size) FROM audit.stamp AS later WHERE later.size >= $1::bigint)
ORDER BY stamp.authority;

-- newest_anchor()
-- what was deposited last, and when
SELECT size, anchored_at FROM audit.anchor ORDER BY size DESC LIMIT 1;

-- add_anchor(size, place, answer, anchored_at)
-- two hosts may deposit one checkpoint; the first answer stays
INSERT INTO audit.anchor (size, place, answer, anchored_at)
VALUES ($1::bigint, $2::text, $3::bytea, $4::timestamptz)
ON CONFLICT ON CONSTRAINT a_size_is_anchored_once DO NOTHING;

-- standing()
-- since when each stage waits; a stage that waits for nothing has no row
SELECT stage, since FROM audit.standing;

-- tell(stage, since, kind, told_at)
-- one row back: it was not told before
INSERT INTO audit.lateness (stage, since, kind, told_at)
VALUES ($1::text, $2::timestamptz, $3::text, $4::timestamptz)
ON CONFLICT ON CONSTRAINT a_lateness_is_told_once DO NOTHING
RETURNING stage;

-- open_lateness()
-- what was told to be late and not yet to be over
SELECT late.stage, late.since
FROM audit.lateness AS late
WHERE late.kind = 'late' AND NOT EXISTS (
    SELECT FROM audit.lateness AS ended
    WHERE ended.kind = 'over' AND ended.stage = late.stage AND ended.since = late.since
)
ORDER BY late.stage, late.since;

-- vouched(beyond)
-- checkpoints somebody else vouched for, and the newest, with the root they are beside; both lists in a fixed order
SELECT point.size, point.note, head.root,
    array(SELECT c.witness FROM audit.cosignature c WHERE c.size = point.size ORDER BY c.witness) AS witnesses,
    array(SELECT c.line FROM audit.cosignature c WHERE c.size = point.size ORDER BY c.witness) AS lines,
    array(SELECT c.cosigned_at FROM audit.cosignature c WHERE c.size = point.size ORDER BY c.witness) AS cosigned_at,
    array(SELECT s.authority FROM audit.stamp s WHERE s.size = point.size ORDER BY s.authority) AS authorities,
    array(SELECT s.token FROM audit.stamp s WHERE s.size = point.size ORDER BY s.authority) AS tokens,
    array(SELECT s.stamped_at FROM audit.stamp s WHERE s.size = point.size ORDER BY s.authority) AS stamped_at
FROM audit.checkpoint AS point
JOIN audit.head AS head ON head.size = point.size
WHERE point.size > $1::bigint
    AND (
        EXISTS (SELECT FROM audit.cosignature c WHERE c.size = point.size)
        OR EXISTS (SELECT FROM audit.stamp s WHERE s.size = point.size)
        OR point.size = (SELECT max(size) FROM audit.checkpoint)
    )
ORDER BY point.size;

-- begun_at()
-- where each later log begins
SELECT number, first_idx FROM audit.log ORDER BY number;
