-- claim(actor, route, key, digest, made)
-- waits for a concurrent claim of the same key to commit, then inserts nothing
INSERT INTO storage.once (actor, route, key, digest, made)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT a_key_is_used_once_per_actor_and_route DO NOTHING
RETURNING true;

-- earlier(actor, route, key)
-- what the first request with this key made
SELECT digest, made FROM storage.once WHERE actor = $1 AND route = $2 AND key = $3;

-- applied_migrations()
-- in order, for comparison with the files
SELECT number, name, checksum FROM storage.migration ORDER BY number;

-- record_migration(number, name, checksum)
-- in the migration's own transaction
INSERT INTO storage.migration (number, name, checksum) VALUES ($1, $2, $3);

-- try_lock(key)
-- polled: waiting inside the lock would deadlock with a concurrent index build
SELECT pg_try_advisory_lock($1);

-- create_login(login)
-- the statement to run, its name quoted by the database; nothing if the login exists
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', $1::text)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);

-- set_password(login, verifier)
-- the statement to run; DDL takes no arguments, and a verifier in a server's log gives no password away
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text);

-- grant_power(power, login)
-- the statement to run
SELECT format('GRANT %I TO %I', $1::text, $2::text);

-- select_from(columns, schema_name, relation, filters, rows)
-- run on a department's database: it quotes its own names, so no statement is put together here
SELECT format(
    'SELECT %s FROM %I.%I%s LIMIT %s',
    (SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM unnest($1::text[]) WITH ORDINALITY AS c(name, place)),
    $2::text,
    $3::text,
    coalesce(
        ' WHERE ' || (
            SELECT string_agg(format('%I::text = $%s', name, place), ' AND ' ORDER BY place)
            FROM unnest($4::text[]) WITH ORDINALITY AS f(name, place)
        ),
        ''
    ),
    $5::integer
);

-- readable_columns(schema_name, relation)
-- run on a department's database: what our login may read of a relation; its catalogues tell it without touching a row
SELECT a.attname::text AS name
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
    AND has_column_privilege(c.oid, a.attnum, 'SELECT');

-- select_page(columns, schema_name, relation, key, rows, filters)
-- run on a department's database: keyset by the key's own type, so that its index serves; nothing without such a column
SELECT format(
    'SELECT %s, %I::text AS "key as text" FROM %I.%I WHERE ($1::text IS NULL OR %I > $1::text::%s)%s ORDER BY %I LIMIT %s',
    (SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM unnest($1::text[]) WITH ORDINALITY AS c(name, place)),
    a.attname, n.nspname, r.relname, a.attname, format_type(a.atttypid, NULL),
    coalesce(
        (
            SELECT string_agg(format(' AND %I::text = $%s', name, place + 1), '' ORDER BY place)
            FROM unnest($6::text[]) WITH ORDINALITY AS f(name, place)
        ),
        ''
    ),
    a.attname, $5::integer
)
FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE n.nspname = $2 AND r.relname = $3 AND a.attname = $4 AND a.attnum > 0 AND NOT a.attisdropped;

-- select_keyless(schema_name, relation, key, filters)
-- run on a department's database: whether rows have no key; keyset pages would pass over them
SELECT format(
    'SELECT EXISTS (SELECT FROM %I.%I WHERE %I IS NULL%s)', $1::text, $2::text, $3::text,
    coalesce(
        (
            SELECT string_agg(format(' AND %I::text = $%s', name, place), '' ORDER BY place)
            FROM unnest($4::text[]) WITH ORDINALITY AS f(name, place)
        ),
        ''
    )
);

-- own_key(schema_name, relation)
-- run on a department's database: the column that tells every row apart, the primary key's if it is one; a view has none
SELECT a.attname::text
FROM pg_index i
JOIN pg_class r ON r.oid = i.indrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = i.indkey[0]
WHERE n.nspname = $1 AND r.relname = $2 AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
    AND i.indpred IS NULL AND i.indexprs IS NULL AND a.attnotnull
    AND has_column_privilege(r.oid, a.attnum, 'SELECT')
ORDER BY i.indisprimary DESC, a.attname LIMIT 1;

-- may_write(schema_name, relation)
-- run on a department's database: whether our login could change the relation if it tried; null if there is none
SELECT current_setting('is_superuser') = 'on'
    OR pg_has_role(current_user, r.relowner, 'USAGE')
    OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege(r.oid, 'INSERT, UPDATE')
FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE n.nspname = $1 AND r.relname = $2;

-- select_newest(schema_name, relation, column_name)
-- run on a department's database, which quotes its own names
SELECT format('SELECT max(%I) FROM %I.%I', $3::text, $1::text, $2::text);

-- server_facts()
-- what gw doctor asks of any server: no table of ours is needed
SELECT
    current_setting('server_version') AS version,
    current_setting('server_version_num')::integer / 10000 AS major,
    pg_is_in_recovery() AS is_standby,
    clock_timestamp() AS clock,
    to_regclass('storage.migration') IS NOT NULL AS is_set_up,
    current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit;

-- excess(power)
-- run under a zone's own login: what it lacks or may do beyond its power, and what no power may hold; no row when all is well
WITH login AS (
    SELECT oid, rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
    FROM pg_roles WHERE rolname = current_user
), relation AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v')
        AND n.nspname IN (
            'storage', 'audit', 'audit_keys', 'identity', 'catalog', 'authz', 'exchange', 'quality', 'reports', 'monitoring',
            'federation', 'supervision', 'sealing', 'attestation', 'siem', 'alerts'
        )
), held AS (
    SELECT r.name, p.privilege,
        NOT has_table_privilege($1::text, r.oid, p.privilege) AS is_beyond
    FROM relation r
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p(privilege)
    WHERE has_table_privilege(current_user, r.oid, p.privilege)
        OR (p.privilege IN ('INSERT', 'UPDATE') AND has_any_column_privilege(current_user, r.oid, p.privilege)
            AND NOT has_any_column_privilege($1::text, r.oid, p.privilege))
), never (powers, relations, privileges) AS (
    VALUES
        ('', '^audit\.(ledger|head|checkpoint|tile|node|cosignature|stamp|anchor)', ARRAY['UPDATE', 'DELETE', 'TRUNCATE']),
        ('gx_control gx_exchange gx_reader gx_retention', '^audit\.(ledger|head|checkpoint|tile|node|cosignature|stamp|anchor)', ARRAY['INSERT']),
        ('gx_control gx_exchange gx_reader gx_retention', '^audit\.inbox$', ARRAY['SELECT', 'UPDATE', 'DELETE', 'TRUNCATE']),
        ('gx_reader', '', ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']),
        ('gx_control gx_exchange gx_integrator gx_retention', '^audit_keys\.', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']),
        -- proofs of possession are remembered by every process, those of calls too
        ('gx_exchange', '^(identity\.(?!proof_)|catalog\.|authz\.|sealing\.)', ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']),
        ('gx_exchange', '^identity\.proof_', ARRAY['UPDATE', 'DELETE', 'TRUNCATE']),
        ('gx_exchange', '^(supervision|attestation)\.', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']),
        (
            'gx_integrator gx_retention', '^(identity|catalog|authz|exchange|monitoring|federation|supervision|sealing|attestation)\.',
            ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']
        )
)
SELECT 'is ' || a.attribute AS excess
FROM login l, unnest(
    ARRAY['superuser', 'createrole', 'createdb', 'replication', 'bypassrls'],
    ARRAY[l.rolsuper, l.rolcreaterole, l.rolcreatedb, l.rolreplication, l.rolbypassrls]
) AS a(attribute, holds)
WHERE a.holds
UNION
SELECT 'member of ' || r.rolname
FROM login l, pg_roles r
WHERE NOT l.rolsuper AND r.rolname <> l.rolname AND r.rolname <> $1::text AND pg_has_role(l.oid, r.oid, 'MEMBER')
UNION
SELECT 'is not a member of ' || $1::text WHERE NOT pg_has_role(current_user, $1::text, 'USAGE')
UNION
SELECT 'owns ' || r.name FROM relation r JOIN login l ON r.relowner = l.oid
UNION
SELECT h.privilege || ' on ' || h.name
FROM held h
LEFT JOIN never n ON (n.powers = '' OR n.powers ~ ('\m' || $1::text || '\M'))
    AND h.name ~ n.relations AND h.privilege = ANY (n.privileges)
WHERE h.is_beyond OR n.privileges IS NOT NULL
UNION
SELECT 'CREATE in ' || n.nspname
FROM pg_namespace n
WHERE n.nspname IN (SELECT split_part(r.name, '.', 1) FROM relation r)
    AND has_schema_privilege(current_user, n.oid, 'CREATE')
UNION
SELECT 'EXECUTE on ' || n.nspname || '.' || f.proname
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
WHERE f.prosecdef AND n.nspname IN (SELECT split_part(r.name, '.', 1) FROM relation r)
    AND has_function_privilege(current_user, f.oid, 'EXECUTE')
    AND NOT has_function_privilege($1::text, f.oid, 'EXECUTE')
UNION
SELECT 'SELECT on ' || r.name || '.private_wrapped'
FROM relation r
WHERE r.name IN ('identity.signing_key', 'attestation.seal_key') AND $1::text <> 'gx_control'
    AND has_column_privilege(current_user, r.oid, 'private_wrapped', 'SELECT')
ORDER BY 1;

-- unguarded()
-- tables of the ledger on which the trigger that refuses changes is missing or switched off
SELECT n.nspname || '.' || c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') AND c.relname ~ '^(ledger|head|checkpoint|tile|node|cosignature|stamp|anchor)'
    AND NOT EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change' AND t.tgenabled <> 'D'
    )
ORDER BY 1;

-- ledger_facts()
-- the newest head, and until when there are partitions to write to
SELECT h.size, h.recorded_at, (SELECT max(m.upper) FROM audit.partition_map m) AS covered_until
FROM audit.head h ORDER BY h.size DESC LIMIT 1;

-- inbox_facts()
-- run under the integrator's login, which sees its own sessions; a batch's id is a UUIDv7 and tells its age
SELECT count(*) AS waiting,
    (SELECT oldest.batch FROM audit.inbox oldest ORDER BY oldest.id LIMIT 1) AS oldest,
    EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = 'gateway-audit-integrator') AS is_integrated
FROM audit.inbox;

-- outbox_facts()
-- under the control login; the index holds what waits
SELECT count(*) AS waiting, min(created_at) AS oldest FROM supervision.notification WHERE state = 'pending';

-- is_installed()
-- before the first migration there is no table to ask
SELECT to_regclass('storage.installation') IS NOT NULL;

-- key_check()
-- of the master key this database was set up with
SELECT key_check FROM storage.installation;

-- keep_key_check(key_check)
-- at the first migration only
INSERT INTO storage.installation (key_check) VALUES ($1);

-- hold(name, holder, seconds)
-- ours if nobody holds it, its time is over, or we hold it already; else no row
INSERT INTO storage.lease (name, holder, until)
VALUES ($1::text, $2::uuid, now() + make_interval(secs => $3::float8))
ON CONFLICT ON CONSTRAINT a_work_has_one_lease DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until < now()
RETURNING true;

-- let_go(name, holder)
-- only our own
UPDATE storage.lease SET until = '-infinity' WHERE name = $1::text AND holder = $2::uuid;
