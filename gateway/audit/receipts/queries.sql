-- place_of(event_id)
-- columns the zone of calls may read: places and hashes, no content; the id's own index in
-- any case: without statistics the order of the places tempts into reading them all
WITH found AS MATERIALIZED (
    SELECT idx, recorded_at, cseq, pseq FROM audit.ledger WHERE event_id = $1::uuid
)
SELECT idx, recorded_at, cseq, pseq FROM found ORDER BY idx LIMIT 1;
