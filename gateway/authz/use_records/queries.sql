-- add_use(id, grant_id, consumer_org, begins, ends, scene, process, effect, storage, recorded_by, recorded_at, keep_until, event_id)
-- only ever added
INSERT INTO authz.use_record (
    id, grant_id, consumer_org, begins, ends, scene, process, effect, storage, recorded_by, recorded_at, keep_until, event_id
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- add_disposal(id, grant_id, consumer_org, method, account, disposed_on, witness, recorded_by, recorded_at, keep_until, event_id)
-- only ever added
INSERT INTO authz.disposal (
    id, grant_id, consumer_org, method, account, disposed_on, witness, recorded_by, recorded_at, keep_until, event_id
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- uses_of(grant_id)
-- oldest first
SELECT id, grant_id, consumer_org, begins, ends, scene, process, effect, storage, recorded_by, recorded_at, keep_until,
    event_id
FROM authz.use_record WHERE grant_id = $1 ORDER BY id LIMIT 1000;

-- disposals_of(grant_id)
-- oldest first
SELECT id, grant_id, consumer_org, method, account, disposed_on, witness, recorded_by, recorded_at, keep_until, event_id
FROM authz.disposal WHERE grant_id = $1 ORDER BY id LIMIT 1000;
