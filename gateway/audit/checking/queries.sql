-- last_clean()
-- where the next one may begin
SELECT v.size, v.counters, v.gone, h.prev_size, h.root, h.frontier, h.recorded_at, v.root AS verified_root
FROM audit.verification AS v LEFT JOIN audit.head AS h ON h.size = v.size
WHERE v.problem IS NULL ORDER BY v.id DESC LIMIT 1;

-- last_finished()
-- when any one ended, and the last whole one
SELECT max(finished_at) AS any_one, max(finished_at) FILTER (WHERE from_size = 0) AS whole FROM audit.verification;

-- add_verification(from_size, size, root, counters, gone, problem, idx, started_at, finished_at)
-- its record is written in the same transaction
INSERT INTO audit.verification (from_size, size, root, counters, gone, problem, idx, started_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- heads_after(size)
-- in order
SELECT size, prev_size, root, frontier, recorded_at FROM audit.head WHERE size > $1::bigint ORDER BY size;

-- tiles_from(n)
-- in order
SELECT n, data FROM audit.tile WHERE n >= $1::bigint ORDER BY n;

-- nodes_after(size)
-- in the order in which they became known
SELECT level, n, hash FROM audit.node
WHERE (n + 1) << (8 * level) > $1::bigint
ORDER BY (n + 1) << (8 * level), level;
