-- add(thumbprint, client_id, der, others, authority, binding, named, issuer, subject, serial, key_kind, not_before, not_after, added_at)
-- a certificate belongs to one client for ever, also after it was struck off
INSERT INTO identity.client_certificate
    (thumbprint, client_id, der, others, authority, binding, named, issuer, subject, serial, key_kind, not_before, not_after, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- claim_subject(named, client_id, authority)
-- the first client that is bound by this name keeps it
INSERT INTO identity.client_subject (named, client_id, authority) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- holder_of_subject(named)
-- whom the name is bound to
SELECT s.client_id, s.authority, c.org, c.active FROM identity.client_subject s
JOIN identity.client c ON c.id = s.client_id WHERE s.named = $1;

-- chain_of(client_id, named)
-- a name is believed while one certificate with it is registered and not struck off
SELECT thumbprint, others FROM identity.client_certificate
WHERE client_id = $1 AND named = $2 AND binding = 'subject' AND revoked_at IS NULL ORDER BY added_at DESC LIMIT 1;

-- find(thumbprint)
-- with its client's department and whether that is in force
SELECT x.thumbprint, x.client_id, x.der, x.others, x.authority, x.binding, x.issuer, x.subject, x.serial, x.key_kind,
    x.not_before, x.not_after, x.added_at, x.revoked_at, c.org, c.active
FROM identity.client_certificate x JOIN identity.client c ON c.id = x.client_id WHERE x.thumbprint = $1;

-- of_client(client_id)
-- those struck off included, for the record
SELECT thumbprint, client_id, der, others, authority, binding, issuer, subject, serial, key_kind, not_before, not_after,
    added_at, revoked_at
FROM identity.client_certificate WHERE client_id = $1 ORDER BY added_at, thumbprint;

-- revoke(client_id, thumbprint, at)
-- once
UPDATE identity.client_certificate SET revoked_at = $3
WHERE client_id = $1 AND thumbprint = $2 AND revoked_at IS NULL RETURNING thumbprint;

-- revoke_keys(thumbprint, at)
-- the key goes with the certificate it came with
UPDATE identity.client_key SET revoked_at = $2 WHERE certificate = $1 AND revoked_at IS NULL RETURNING kid;

-- add_key(client_id, kid, jwk, certificate)
-- a renewed certificate of the same key takes the key over from the one before
INSERT INTO identity.client_key (client_id, kid, jwk, certificate) VALUES ($1, $2, $3, $4)
ON CONFLICT (kid) DO UPDATE SET certificate = EXCLUDED.certificate
WHERE client_key.client_id = EXCLUDED.client_id AND client_key.revoked_at IS NULL AND client_key.certificate IS NOT NULL
RETURNING kid;

-- has_key(client_id, kid)
-- registered by itself before, which outlives the certificate
SELECT EXISTS (SELECT FROM identity.client_key
    WHERE client_id = $1 AND kid = $2 AND certificate IS NULL AND revoked_at IS NULL);

-- self_signed()
-- whom TLS lets in although no authority vouches for them
SELECT thumbprint, der FROM identity.live_self_signed ORDER BY thumbprint;
