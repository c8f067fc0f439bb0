-- contacts_of(org)
-- in the order of the desks
SELECT org, desk, name, email, webhook, set_at FROM supervision.contact WHERE org = $1
ORDER BY array_position(ARRAY['handler', 'deputy', 'head'], desk);

-- contact_at(org, desk)
-- at most one
SELECT org, desk, name, email, webhook, set_at FROM supervision.contact WHERE org = $1 AND desk = $2;

-- set_contact(org, desk, name, email, webhook, set_at)
-- the whole entry; who was there before stands in the audit log
INSERT INTO supervision.contact (org, desk, name, email, webhook, set_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org, desk) DO UPDATE SET name = $3, email = $4, webhook = $5, set_at = $6;
