-- current_key()
-- with its wrapped private part, which a key in a device has not
SELECT kid, public_jwk, private_wrapped FROM attestation.seal_key WHERE retired_at IS NULL;

-- retire_keys()
-- before the next one is added, in one transaction
UPDATE attestation.seal_key SET retired_at = now() WHERE retired_at IS NULL RETURNING kid;

-- add_key(kid, public_jwk, private_wrapped)
-- at most one key is in use: the partial index orders two at once; a device may come back to a key it had
INSERT INTO attestation.seal_key (kid, public_jwk, private_wrapped, active_from) VALUES ($1, $2, $3, now());

-- take_back(kid)
-- a key that was retired when the settings named another is in use again; false if there is none
UPDATE attestation.seal_key SET retired_at = NULL WHERE kid = $1 RETURNING kid;

-- public_keys()
-- all there ever were, newest first
SELECT public_jwk FROM attestation.seal_key ORDER BY active_from DESC, kid;
