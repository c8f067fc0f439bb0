-- A third opinion on calls, in the database's own words. Arguments as in decide_ref.py.
CREATE FUNCTION pg_temp.is_uscc(value text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT value COLLATE "C" ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' AND (
        SELECT sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(value, place, 1)) - 1)
            * (ARRAY[1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1])[place]) % 31 = 0
        FROM generate_series(1, 18) AS place)
$$;

CREATE FUNCTION pg_temp.is_day(value text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN value COLLATE "C" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND value NOT LIKE '0000%'
        AND to_char(value::date, 'YYYY-MM-DD') = value;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    RETURN false;
END $$;

CREATE FUNCTION pg_temp.fits(parameter jsonb, value text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT length(value) <= (parameter->>'longest')::integer AND CASE parameter->>'kind'
        WHEN 'org_code' THEN pg_temp.is_uscc(value)
        WHEN 'choice' THEN parameter->'choices' ? value
        WHEN 'integer' THEN value COLLATE "C" ~ '^-?[0-9]{1,15}$'
        WHEN 'date' THEN pg_temp.is_day(value)
    END
$$;

CREATE FUNCTION pg_temp.decide(g jsonb, what jsonb, call jsonb, now timestamptz) RETURNS text LANGUAGE sql AS $$
WITH its AS (
    SELECT g->'terms' AS terms, g->'terms'->'rules' AS rules, now AT TIME ZONE 'Asia/Shanghai' AS local,
        ARRAY(SELECT jsonb_array_elements_text(g->'terms'->'fields')) AS granted,
        ARRAY(SELECT item->>'name' FROM jsonb_array_elements(what->'items') AS item) AS items,
        ARRAY(SELECT p->>'name' FROM jsonb_array_elements(what->'parameters') AS p) AS declared,
        CASE WHEN jsonb_typeof(call->'fields') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(call->'fields')) ELSE '{}' END AS wanted
)
SELECT coalesce(
    CASE g->>'state' WHEN 'revoked' THEN 'grant-revoked' WHEN 'ended' THEN 'grant-ended'
        WHEN 'suspended' THEN CASE g->>'held_by' WHEN 'authority' THEN 'suspended-by-authority' ELSE 'grant-suspended' END
    END,
    CASE WHEN local::date < (terms->>'valid_from')::date THEN 'grant-not-yet-valid'
        WHEN local::date > (terms->>'valid_until')::date THEN 'grant-expired' END,
    CASE WHEN call->>'client' <> g->>'client' THEN 'wrong-client' END,
    CASE WHEN call->>'service' <> g->>'service' THEN 'wrong-service' END,
    CASE WHEN call->>'purpose' <> g->>'purpose' THEN 'wrong-purpose' END,
    CASE WHEN terms->>'matter' IS DISTINCT FROM coalesce(call->>'matter', '') AND terms->>'matter' IS NOT NULL
        THEN 'wrong-matter' END,
    CASE WHEN (rules->>'case_required')::boolean AND coalesce(call->>'case', '') = '' THEN 'case-missing' END,
    CASE WHEN (rules->>'operator_required')::boolean AND coalesce(call->>'operator', '') = '' THEN 'operator-missing' END,
    CASE WHEN (what->>'consent_required')::boolean AND coalesce(call->>'consent', '') = '' THEN 'consent-missing' END,
    CASE WHEN NOT (local::time >= (rules->'hours'->>'start')::time
        AND (rules->'hours'->>'end' = '24:00' OR local::time < (rules->'hours'->>'end')::time)) THEN 'outside-hours' END,
    CASE WHEN what->>'sharing_class' = 'not_shared' THEN 'resource-not-shared' WHEN what->>'grade' = 'core' THEN 'core-data'
        WHEN EXISTS (SELECT FROM jsonb_object_keys(terms->'parameters') AS name WHERE name <> ALL (declared))
            OR NOT granted && items THEN 'grant-outdated' END,
    CASE WHEN EXISTS (SELECT FROM jsonb_object_keys(call->'parameters') AS name WHERE name <> ALL (declared))
        OR EXISTS (SELECT FROM jsonb_array_elements(what->'parameters') AS p
            WHERE (p->>'required')::boolean AND NOT call->'parameters' ? (p->>'name')
                OR call->'parameters' ? (p->>'name') AND NOT pg_temp.fits(p, call->'parameters'->>(p->>'name')))
        THEN 'parameter-wrong' END,
    CASE WHEN EXISTS (SELECT FROM jsonb_each(terms->'parameters') AS bound (name, allowed)
        WHERE NOT call->'parameters' ? name OR NOT CASE jsonb_typeof(allowed->'values')
            WHEN 'array' THEN allowed->'values' ? (call->'parameters'->>name)
            ELSE starts_with(call->'parameters'->>name, allowed->>'prefix') END)
        THEN 'parameter-outside-grant' END,
    CASE WHEN NOT wanted <@ granted THEN 'field-outside-grant' WHEN NOT wanted <@ items THEN 'field-withdrawn' END,
    'granted')
FROM its
$$;
