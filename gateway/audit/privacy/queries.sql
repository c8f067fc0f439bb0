-- present(kind, period, org, fresh)
-- a function of the owner's: the writer's login sees no secret of another period
SELECT audit_keys.present($1::text, $2::date, $3::text, $4::bytea);

-- secret(kind, period, org)
-- for the opening of one record
SELECT wrapped, destroyed_at FROM audit_keys.secret WHERE kind = $1::text AND period = $2::date AND org = $3::text;

-- peppers()
-- all that still live, newest first: a search tries each
SELECT period, wrapped FROM audit_keys.secret WHERE kind = 'pepper' AND wrapped IS NOT NULL ORDER BY period DESC;
