-- position(sink)
-- the first record that is not known to have arrived
SELECT next_idx FROM siem.position WHERE sink = $1::text;

-- move(sink, next_idx)
-- forward only, whatever two processes may believe
INSERT INTO siem.position (sink, next_idx) VALUES ($1::text, $2::bigint)
ON CONFLICT ON CONSTRAINT a_sink_has_one_position DO UPDATE SET next_idx = excluded.next_idx, moved_at = now()
WHERE position.next_idx < excluded.next_idx;
