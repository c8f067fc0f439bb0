-- What personal detail in audit records is encrypted under, and what pseudonyms are made with: random secrets, wrapped by the
-- master key. A schema of its own, backed up apart: a secret that was destroyed must not come back with a backup of records.
CREATE SCHEMA audit_keys;

CREATE TABLE audit_keys.secret (
    kind text COLLATE "C" NOT NULL,
    period date NOT NULL,
    org text COLLATE "C" NOT NULL,
    wrapped bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CONSTRAINT a_secret_is_made_once PRIMARY KEY (kind, period, org),
    CONSTRAINT a_secret_is_a_detail_key_or_a_pepper CHECK (
        (kind = 'detail' AND extract(day FROM period) = 1)
        OR (kind = 'pepper' AND org = '' AND extract(doy FROM period) = 1)
    ),
    CONSTRAINT a_destroyed_secret_is_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- What writers may do: have the secret of the present period, made by whoever comes first. Older ones they never see.
CREATE FUNCTION audit_keys.present(of_kind text, of_period date, of_org text, fresh bytea) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    -- a writer's clock may be a day beside the database's when a month or a year begins
    IF of_period NOT IN (
        SELECT date_trunc(CASE of_kind WHEN 'pepper' THEN 'year' ELSE 'month' END, now() + apart)::date
        FROM unnest(ARRAY[interval '-1 day', interval '0', interval '1 day']) AS apart
    ) THEN
        RAISE EXCEPTION 'the % secret of % is not of the present', of_kind, of_period
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_keys.secret (kind, period, org, wrapped) VALUES (of_kind, of_period, of_org, fresh)
    ON CONFLICT ON CONSTRAINT a_secret_is_made_once DO NOTHING;
    RETURN (SELECT s.wrapped FROM audit_keys.secret s WHERE (s.kind, s.period, s.org) = (of_kind, of_period, of_org));
END
$$;
REVOKE ALL ON FUNCTION audit_keys.present(text, date, text, bytea) FROM PUBLIC;
