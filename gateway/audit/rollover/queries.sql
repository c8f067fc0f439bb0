-- current()
-- the log the database goes on with; no row for the first
SELECT number, first_idx, retired, begun_at FROM audit.log ORDER BY number DESC LIMIT 1;

-- add_log(number, first_idx, retired, begun_at)
-- in the transaction that writes its first record
INSERT INTO audit.log (number, first_idx, retired, begun_at)
VALUES ($1::integer, $2::bigint, $3::bytea, $4::timestamptz);

-- note_at(size)
-- as the log signed it, without cosignatures
SELECT note FROM audit.checkpoint WHERE size = $1::bigint;
