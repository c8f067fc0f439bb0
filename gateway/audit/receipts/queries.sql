-- place_of(event_id)
-- columns the zone of calls may read: places and hashes, no content
SELECT idx, recorded_at, cseq, pseq FROM audit.ledger WHERE event_id = $1::uuid ORDER BY idx LIMIT 1;
